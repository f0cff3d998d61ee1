"""The audit log: records by who, what, whom, when and outcome; whether it is as it was written; as a file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.access.models import User
from crmkit.core.store.ids import parse_id
from crmkit.core.store.types import dumps
from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.writers import CsvWriter
from crmkit.i18n import Text, texts
from crmkit.security.audit.listing import MOST, AuditPage, Filter, audit_list
from crmkit.web.pages.admin.common import step_up
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post, problems_by_field

_ = texts("crmkit")

RIGHT = "audit.read"
PAGE = 50
OUTCOMES: Mapping[str, tuple[Text, str]] = {
    "done": (_("done"), "good"),
    "refused": (_("refused"), "warn"),
    "failed": (_("failed"), "bad"),
}
DAMAGES: Mapping[str, Text] = {
    "altered": _("The record was altered."),
    "gone": _("The record was taken away."),
    "added": _("The record was added from outside."),
    "link": _("The record's place in the chain was altered."),
    "gap": _("Records were taken away."),
    "subjects": _("Whom the record is about was altered."),
    "payload": _("What was given was altered."),
    "missed": _("Before this record one of the same writer was taken away."),
    "unchained": _("The record was kept from being chained."),
    "truncated": _("The end of the log was cut off: a checkpoint names later records."),
    "checkpoint": _("The log and a checkpoint contradict each other."),
}
"""What each kind of damage means."""
COLUMNS = (
    "seq", "recorded_at", "actor", "operation", "resource", "outcome", "code", "target_table", "target_id", "items",
    "customers", "reason", "method", "address", "correlation_id", "details",
)  # fmt: skip


@get("/admin/audit", right=RIGHT)
def log(call: PageCall) -> Response:
    """List records, the newest first."""
    try:
        found = _page(call, PAGE)
        problems: dict[str, list[Problem]] = {}
    except InvalidInput as error:
        found, problems = AuditPage(items=(), next=None), problems_by_field(error)
    with call.session() as session:
        people = [
            (login, f"{name} ({login})")
            for login, name in session.execute(select(User.login, User.name).order_by(User.name))
        ]
        names = names_of_actors(session, {item.actor_id for item in found.items})
    asked = {name: call.value(name) or None for name in ("actor", "operation", "outcome", "customer", "since", "until")}
    operations = {
        name: call.text(operation.title) for name, operation in call.crm.registry.operations.items() if operation.title
    }
    return call.page(
        "admin/audit.html",
        status=422 if problems else 200,
        items=found.items,
        next=call.url("/admin/audit", **asked, after=found.next) if found.next is not None else None,
        first=call.url("/admin/audit", **asked) if call.value("after") else None,
        asked={name: value or "" for name, value in asked.items()},
        query=asked,
        names=names,
        people=people,
        operations=operations,
        outcomes=OUTCOMES,
        problems=problems,
        pretty=lambda value: dumps(dict(value)),
    )


@post("/admin/audit/verify", right=RIGHT)
def verify(call: PageCall) -> Response:
    """Verify the log and show what was found."""
    from crmkit.security.audit.verify import audit_verify

    found = audit_verify(call.crm, call.actor, incremental=call.value("all") != "true")
    return call.page("admin/audit_verified.html", found=found, damages=DAMAGES)


@post("/admin/audit/checkpoint", right="audit.admin")
def checkpoint(call: PageCall) -> Response:
    """Sign where the log stands and send the statement out of the database."""
    from crmkit.security.audit.checkpoints import deliver

    place = call.run("audit.checkpoint")
    deliver(call.crm)
    return call.redirect("/admin/audit", said=_("Signed at record {seq}."), seq=place)


@post("/admin/audit/export", right="audit.admin", budget="export")
def export(call: PageCall) -> Response:
    """Hand out the records that the filter leaves as CSV."""
    step_up(call)
    found = _page(call, MOST)
    buffer = io.BytesIO()
    writer = CsvWriter(buffer, COLUMNS, bom=True)
    for item in found.items:
        row = [getattr(item, name) for name in COLUMNS[:-1]]
        writer.write([*(_cell(value) for value in row), dumps(dict(item.details))])
    stamp = call.crm.clock.now().strftime("%Y-%m-%d")
    return Response(
        buffer.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{stamp}.csv"'},
    )


def _cell(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _page(call: PageCall, limit: int) -> AuditPage:
    """Return a page of the log as the address or the form asks for it. Raises InvalidInput."""
    customer, after = call.value("customer"), call.value("after")
    wrong = [
        Problem("CK400", _("This is no id."), field=name, value=value)
        for name, value in (("customer", customer), ("after", after))
        if value and parse_id(value.rpartition("/")[2]) is None
    ]
    if wrong:
        raise InvalidInput(wrong)
    outcome = call.value("outcome")
    which = Filter(
        actor=call.value("actor") or None,
        operation=call.value("operation") or None,
        customer=parse_id(customer.rpartition("/")[2]) if customer else None,
        outcome=outcome if outcome in OUTCOMES else None,
        since=_day(call, "since"),
        until=_day(call, "until", end=True),
    )
    with call.session() as session:
        return audit_list(session, which, limit=limit, after=parse_id(after) if after else None)


def _day(call: PageCall, name: str, *, end: bool = False) -> datetime | None:
    """Return the beginning of a day in the company's zone, or of the one after it."""
    text = call.value(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
        return datetime.combine(day, time(), ZoneInfo(call.business.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput([Problem("CK400", _("This is no day."), field=name, value=text)]) from None


ROUTES = [log, verify, checkpoint, export]
