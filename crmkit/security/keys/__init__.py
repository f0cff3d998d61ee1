"""What administers keys: new root keys, new keys of lookups, backups of keys, and what doctor says of them.

Decides nothing at run time: sealing and opening is the vault's affair.
"""
