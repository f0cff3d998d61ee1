"""What the administration of keys registers with the kernel."""

from __future__ import annotations

from crmkit.security.keys.checks import CHECKS as CHECKS
from crmkit.security.keys.data_keys import OPERATIONS as DATA_KEYS
from crmkit.security.keys.indexes import OPERATIONS as INDEXES
from crmkit.security.keys.operations import OPERATIONS as ROOTS

OPERATIONS = [*ROOTS, *INDEXES, *DATA_KEYS]
"""The operations of this room."""
