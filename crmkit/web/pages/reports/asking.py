"""What a report asks for, as fields of a form: periods with the usual ones to choose, definitions by their titles.

Must not know requests.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin
from uuid import UUID

from attrs import field, frozen

from crmkit.engines.definitions.publishing import defined
from crmkit.engines.reports.parameters import CHOICES, described
from crmkit.hooks.contributions import Named, Period, Report
from crmkit.i18n import Text, texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

Kind = Literal["text", "period", "choice", "condition", "check", "date", "number", "customer"]
PERIODS: Mapping[str, Text] = {
    "today": _("Today"),
    "this week": _("This week"),
    "this month": _("This month"),
    "last month": _("Last month"),
    "this quarter": _("This quarter"),
    "last quarter": _("Last quarter"),
    "this year": _("This year"),
    "last year": _("Last year"),
    "last 3 months": _("Last 3 months"),
    "last 12 months": _("Last 12 months"),
    "this fiscal year": _("This fiscal year"),
}
"""The periods that a list offers; any other can be typed."""


@frozen(kw_only=True)
class Asked:
    """A field of the form of a report: its name, title, kind and present value."""

    name: str
    title: str
    kind: Kind
    value: str
    required: bool
    help: str = ""
    choices: tuple[tuple[str, str], ...] = field(default=(), converter=tuple)


def asked(session: CrmSession, report: Report, given: Mapping[str, str], text: Any) -> list[Asked]:
    """Return the fields of a report's form with what was given; ``text`` says texts in the reader's language."""
    hints = {} if report.parameters is None else typing.get_type_hints(report.parameters, include_extras=True)
    found: list[Asked] = []
    for each in described(report):
        marks: Sequence[Any] = getattr(hints[each.name], "__metadata__", ())
        named = next((mark.kind for mark in marks if isinstance(mark, Named)), "")
        kind, choices = _kind(session, each.type, named, text)
        value = given.get(each.name)
        found.append(
            Asked(
                name=each.name,
                title=text(each.title or each.name),
                kind=kind,
                value=value if value is not None else each.default or "",
                required=each.required,
                help=text(each.help) if each.help else "",
                choices=choices,
            )
        )
    return found


def _kind(session: CrmSession, type_: Any, named: str, text: Any) -> tuple[Kind, list[tuple[str, str]]]:
    members = [member for member in get_args(type_) if member is not type(None)]
    plain = members[0] if get_origin(type_) is not Literal and len(members) == 1 else type_
    if named == "expression":
        return "condition", []
    if named:
        items = defined(session, named)
        return "choice", [(name, text(item.value.title)) for name, item in sorted(items.items())]
    if plain is Period:
        return "period", [(period, text(title)) for period, title in PERIODS.items()]
    if get_origin(plain) is Literal:
        return "choice", [(str(value), text(CHOICES.get(str(value), str(value)))) for value in get_args(plain)]
    simple: dict[Any, Kind] = {bool: "check", date: "date", int: "number", UUID: "customer"}
    return simple.get(plain, "text"), []
