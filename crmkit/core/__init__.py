"""The kernel: customers, interactions and access, and the gate through which every change goes.

Knows no HTTP, no command line and no plugin.
"""
