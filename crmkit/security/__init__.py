"""What administers protection: credentials, roles, the audit log, privacy and keys.

What decides at run time, for everybody, lives in the core; here are the operations, jobs and checks of administrators.
Every room beside this module is a package with a module ``catalogue`` that names what it registers, and, where it has
tables, a module ``tables``.
"""
