"""How fast crmkit is, as ratios to a named floor or peer that are measured in the same run on the same machine.

``make bench``, or ``python -m benchmarks --help``.
"""
