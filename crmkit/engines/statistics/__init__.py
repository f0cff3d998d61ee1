"""Statistics, once for all: stable shares, intervals, tests, survival, control limits.

Pure functions over plain numbers with frozen results; each says where its formula comes from. What needs no
distribution beyond the normal is plain Python; the rest asks for the extra ``crmkit[statistics]`` when it is called.
Must not know sessions, facts or plugins.
"""
