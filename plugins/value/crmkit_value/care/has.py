"""What programmes have, for the hook module."""

from __future__ import annotations

from crmkit_value.care import operations, rules

OPERATIONS = operations.OPERATIONS
RULES = rules.RULES
