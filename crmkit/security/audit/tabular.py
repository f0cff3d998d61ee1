"""The reports on the audit log as reports of the engine: with parameters, formats and schedules like any other.

Each needs the right ``audit.read``, and looking is audited by what it looks with. Must not know how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import attrs

from crmkit.core.operations.inputs import Input
from crmkit.engines.facts.moments import Moment
from crmkit.engines.reports.periods import bounds
from crmkit.hooks.contributions import Column, Note, Period, Report, Table
from crmkit.i18n import texts
from crmkit.security.audit import reports

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@attrs.frozen(kw_only=True)
class During:
    """Parameters of a report on a period."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


@attrs.frozen(kw_only=True)
class About:
    """Parameters of a report on one customer; without a period it is about all the time."""

    customer: Annotated[UUID, Input(title=_("Customer"), classified="internal")]
    period: Annotated[Period | None, Input(title=_("Period"), classified="internal")] = None


def _times(period: Period | None, moment: Moment) -> dict[str, datetime | None]:
    """Return since and until when records are looked for; what came after the moment is left out."""
    if period is None:
        return {"since": None, "until": moment.as_of}
    since, until = bounds(period, moment.zone)
    return {"since": since, "until": min(until, moment.as_of)}


def _table(found: Sequence[Any]) -> Table:
    notes = [Note(text=_("There are more; the first {number} are listed."), values={"number": reports.MOST})]
    rows = [
        {
            name: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, UUID) else value
            for name, value in attrs.asdict(each, recurse=False).items()
        }
        for each in found
    ]
    return Table(rows=rows, notes=notes if len(rows) >= reports.MOST else ())


def _during(function: Callable[..., Sequence[Any]]) -> Callable[[CrmSession, During, Moment], Table]:
    def rows(session: CrmSession, parameters: During, moment: Moment) -> Table:
        return _table(function(session, **_times(parameters.period, moment)))

    return rows


def _seen(session: CrmSession, parameters: About, moment: Moment) -> Table:
    return _table(reports.report_seen(session, parameters.customer, **_times(parameters.period, moment)))


def _admins(session: CrmSession, parameters: None, moment: Moment) -> Table:
    return _table(reports.report_admins(session))


_WHO = Column(name="actor", title=_("Who"), doc=_("The login of the user, or what acted."))
_WHAT = Column(name="operation", title=_("Operation"), doc=_("What was done, by the name that the log has it under."))
_TIMES = Column(name="times", title=_("Times"), kind="integer", doc=_("How many records the log has of it."))
_FIRST = Column(name="first_at", title=_("First"), kind="instant")
_LAST = Column(name="last_at", title=_("Last"), kind="instant")
_ENTRIES = (
    Column(name="seq", title=_("No."), kind="integer", doc=_("The place in the chain of the audit log.")),
    Column(name="recorded_at", title=_("Time"), kind="instant"),
    _WHO,
    _WHAT,
    Column(name="outcome", title=_("Outcome")),
    Column(name="target_id", title=_("Record")),
    Column(name="items", title=_("Items"), kind="integer"),
    Column(name="reason", title=_("Reason")),
)


def _report(name: str, title: str, doc: str, rows: Any, columns: Sequence[Column], **more: Any) -> Report:
    return Report(
        name=f"audit.{name}", title=title, doc=doc, rows=rows, columns=columns, permission="audit.read", **more
    )


_PERIOD: dict[str, Any] = {"parameters": During, "defaults": {"period": "this month"}}

REPORTS = (
    _report(
        "seen",
        _("Who dealt with a customer"),
        _("Who saw, exported or changed a customer, and how often."),
        _seen,
        (_WHO, Column(name="kind", title=_("Kind")), _WHAT, _TIMES, _FIRST, _LAST),
        parameters=About,
    ),
    _report(
        "sign_ins",
        _("Sign-ins"),
        _("Who signed in or tried to, from where and how often."),
        _during(reports.report_sign_ins),
        (
            _WHO,
            Column(name="address", title=_("From"), doc=_("The network address.")),
            Column(name="done", title=_("Signed in"), kind="integer", total=True),
            Column(name="refused", title=_("Refused"), kind="integer", total=True),
            _LAST,
        ),
        **_PERIOD,
    ),
    _report(
        "privileges",
        _("Changes of rights"),
        _("Changes of roles, rights, shares, users, teams, keys, tokens and plugins, and what was refused of them."),
        _during(reports.report_privileges),
        _ENTRIES,
        **_PERIOD,
    ),
    _report(
        "reveals",
        _("Revealed values"),
        _("How often masked values were revealed, by whom and of how many customers."),
        _during(reports.report_reveals),
        (_WHO, _WHAT, _TIMES, Column(name="customers", title=_("Customers"), kind="integer"), _FIRST, _LAST),
        **_PERIOD,
    ),
    _report(
        "exports",
        _("Exports"),
        _("What was exported, by whom, and how much."),
        _during(reports.report_exports),
        _ENTRIES,
        **_PERIOD,
    ),
    _report(
        "admins",
        _("Administrators"),
        _("Who may administer what, and when the log last heard of them."),
        _admins,
        (
            Column(name="login", title=_("Login")),
            Column(name="name", title=_("Name")),
            Column(name="active", title=_("Active")),
            Column(name="roles", title=_("Roles")),
            Column(name="resources", title=_("Administers")),
            Column(name="last_at", title=_("Last heard of"), kind="instant"),
        ),
        temporal=False,
    ),
)
