"""The rules of the kernel's engine that churn ships. Must not know warnings' own rules."""

from __future__ import annotations

from crmkit import Do, Rule, texts

_ = texts("crmkit_churn")

RULES = [
    Rule(
        name="churn.care_for_valuable",
        title=_("Care for valuable customers at risk"),
        doc=_("Whoever is worth much and at high risk gets a task for the owner, but for a tenth held out to compare."),
        every="day",
        among='label.value == "high"',
        when='label.churn_risk == "high" and churn.open_warnings == 0',
        then=[Do(operation="work.task.create", arguments={"title": '"Call: valuable and at risk"', "due": '"+2wd"'})],
        once_per="customer, 90 days",
        control=0.1,
        enabled=False,
    )
]
