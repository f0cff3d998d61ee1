"""The rules that lifecycle ships; an admin can change or stop each of them."""

from __future__ import annotations

from crmkit import Do, Rule, texts

_ = texts("crmkit_lifecycle")

RULES = [
    Rule(
        name="lifecycle.follow_up_late",
        title=_("Add a task for who is too long in a stage"),
        doc=_("Whoever is longer in a stage than the stage allows gets a task, at most once a week."),
        on="lifecycle.stage.late",
        then=[
            Do(
                operation="work.task.create",
                arguments={"title": "'Too long in a stage of the lifecycle'", "source": "'lifecycle'", "due": "'+1wd'"},
            )
        ],
        once_per="customer, 7 days",
    ),
]
