"""Keys, and what is sealed, signed and looked up under them.

The only modules of crmkit that use cryptographic primitives; everything else asks `crmkit.core.vault.keyring.Vault`.
Must not know who may see what, nor what the values mean.
"""
