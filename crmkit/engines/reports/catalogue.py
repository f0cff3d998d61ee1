"""What the room of reports registers with the kernel."""

from __future__ import annotations

from crmkit.engines.definitions.kinds import DefinitionKind
from crmkit.engines.reports import customers, goals, purchases, templates
from crmkit.hooks.contributions import Goal, ReportTemplate
from crmkit.i18n import texts

_ = texts("crmkit")

REPORTS = (*customers.REPORTS, *purchases.REPORTS)
OPERATIONS = (*goals.OPERATIONS,)
DEFINITIONS = (
    DefinitionKind(
        name=templates.KIND,
        title=_("Template of a report"),
        type=ReportTemplate,
        permission="definition.admin",
        check=templates.check,
        rank=80,
    ),
    DefinitionKind(name=goals.KIND, title=_("Goal"), type=Goal, permission="goal.update", check=goals.check, rank=90),
)
