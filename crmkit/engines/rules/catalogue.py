"""What the room of rules registers with the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit.engines.definitions.kinds import DefinitionKind
from crmkit.engines.rules import checking, delivering, events, operations
from crmkit.engines.rules.index import KIND
from crmkit.hooks.contributions import Check, Job, PersonalData, Subscription
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts

_ = texts("crmkit")

OPERATIONS: Sequence[Any] = operations.OPERATIONS
EVENTS: Sequence[type[Any]] = events.EVENTS
JOBS: Sequence[Job] = delivering.JOBS
SUBSCRIPTIONS: Sequence[Subscription] = delivering.SUBSCRIPTIONS
CHECKS: Sequence[Check] = checking.CHECKS
PERSONAL_DATA: Sequence[PersonalData] = [
    PersonalData(
        table="crm_rule_log",
        columns=("details",),
        purpose=_("Explaining what rules have done"),
        retention_days=365,
    ),
    PersonalData(table="crm_rule_claim", purpose=_("Keeping rules from repeating themselves"), on_merge="combine"),
]
DEFINITIONS: Sequence[DefinitionKind] = [
    DefinitionKind(
        name=KIND,
        title=_("Rule"),
        type=Rule,
        permission="rule.admin",
        sort="rule",
        check=checking.problems_of,
        rank=400,
    )
]
