"""The doors over the network: the API under ``/api/v1``, the pages of the staff, the public pages.

All three are made from what the kernel and the plugins declare. Nothing else of crmkit may know that they exist.
"""
