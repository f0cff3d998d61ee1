"""Templates that admins print reports by: for which report, and how long. Must not know how a template is printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmkit.errors import Problem, TemplateError
from crmkit.hooks.contributions import ReportTemplate
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

KIND = "report_template"
DEFAULT = "report"
"""The name of the template of all reports that have none of their own."""
LONGEST = 65_536
"""Most characters of a template."""


def check(session: CrmSession, value: ReportTemplate) -> Iterable[Problem]:
    """Return what is wrong with a template before it is published."""
    if value.name != DEFAULT and value.name not in session.gate.registry.tables["report"]:
        yield Problem(TemplateError.code, _('There is no report "{name}".'), field="name", name=value.name)
    if not 0 < len(value.text) <= LONGEST:
        text = _("A template has 1 to {limit} characters.")
        yield Problem(TemplateError.code, text, field="text", limit=LONGEST)
