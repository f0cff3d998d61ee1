"""What happens when rules are changed and when they fire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit.core.operations.events import Internal, event


@event("rule.fired")
class RuleFired:
    """A rule has run its operations for a customer. What they led to has this event as its cause."""

    rule: Internal
    customer_id: UUID


@event("rule.changed")
class RuleChanged:
    """A rule was saved, turned on or off, or taken back; ``operation`` says which."""

    rule: Internal
    operation: Internal


EVENTS: list[type[Any]] = [RuleFired, RuleChanged]
