"""What importing has, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.importing import operations

OPERATIONS = operations.OPERATIONS
