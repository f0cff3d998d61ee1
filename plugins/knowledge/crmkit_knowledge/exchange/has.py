"""What exchange has, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.exchange import operations

OPERATIONS = operations.OPERATIONS
