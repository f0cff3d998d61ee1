"""The rule that insights ship; it is off until somebody enables it."""

from __future__ import annotations

from crmkit import Do, Rule, texts

_ = texts("crmkit_knowledge")

RULES = [
    Rule(
        name="knowledge.promises_soon",
        title=_("Promises that fall due soon"),
        doc=_("Whose promise is due within three days gets a task for it, where tasks are enabled."),
        every="day",
        among="knowledge.open_promises > 0",
        when="days_until(knowledge.next_promise_on) <= 3",
        then=[Do(operation="knowledge.insight.remind", arguments={"days": "3"})],
        once_per="customer, day",
        enabled=False,
    )
]
