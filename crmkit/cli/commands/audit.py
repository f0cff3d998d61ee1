"""``crmkit audit``: looking into the audit log, verifying it, signing where it stands, and reports on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

_ = texts("crmkit")

audit = group(help=_("Look into the audit log, verify it, and report on it."), name="audit")
"""The group ``crmkit audit``."""
report = group(help=_("Report on who saw a customer, signed in, was given rights, reveals and exports."), name="report")
"""The group ``crmkit audit report``."""
audit.add_command(report)

OUTCOMES = ("done", "refused", "failed")

KINDS = {
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


def _between(function: Callable[..., Any]) -> Callable[..., Any]:
    since = option("--since", metavar="DAY", help=_("From this day or instant on."))
    until = option("--until", metavar="DAY", help=_("Up to the end of this day, or to this instant."))
    return since(until(function))


def _times(cli: Invocation, since: str | None, until: str | None) -> dict[str, Any]:
    from crmkit.cli.values import instant

    zone = cli.crm.business().zone
    return {
        "since": None if since is None else instant(since, zone, name="--since", end_of_day=False),
        "until": None if until is None else instant(until, zone, name="--until"),
    }


@command(audit, "list", _("List the records of the audit log, the newest first."))
@option("--actor", metavar="LOGIN", help=_("Only what this user did, or another actor by its id."))
@option("--operation", metavar="NAME", help=_("Only this operation; customer.* for all that begin so."))
@option("--customer", metavar="CUSTOMER", help=_("Only what is about this customer."))
@option("--outcome", type=click.Choice(OUTCOMES), help=_("Only what ended so."))
@_between
@option("--limit", type=click.IntRange(1, 5000), metavar="N", default=50, help=_("At most so many (50)."))
@option("--after", metavar="ID", help=_("Go on where the page before ended."))
def list_(
    cli: Invocation,
    actor: str | None,
    operation: str | None,
    customer: str | None,
    outcome: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    after: str | None,
) -> None:
    """Print a page of the audit log."""
    from crmkit.security.audit.listing import Filter, audit_list

    with cli.session() as session:
        which = Filter(
            actor=actor,
            operation=operation,
            customer=None if customer is None else _customer(customer),
            outcome=outcome,
            **_times(cli, since, until),
        )
        page = audit_list(session, which, limit=limit, after=None if after is None else _id(after, "--after"))
    _entries(cli, page.items, next=None if page.next is None else str(page.next))


def _entries(cli: Invocation, items: Sequence[Any], **more: Any) -> None:
    import attrs

    columns = (
        Column("seq", _("No."), "right"),
        Column("recorded_at", _("Time")),
        Column("actor", _("Who")),
        Column("operation", _("Operation")),
        Column("outcome", _("Outcome")),
        Column("target_id", _("Record")),
        Column("items", _("Items"), "right"),
        Column("reason", _("Reason")),
    )
    rows = [attrs.asdict(item, recurse=False) for item in items]
    cli.output.table(columns, rows, empty=_("There is no such record."), **more)


@command(audit, "verify", _("Verify that the audit log is as it was written."))
@option(
    "--checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Compare it with the checkpoints in this file as well."),
)
@option("--incremental", is_flag=True, help=_("Begin where the last verification that found it good had ended."))
def verify(cli: Invocation, checkpoints: Path | None, incremental: bool) -> int:
    """Verify the log; ends with another exit code when it was tampered with."""
    from crmkit.cli.errors import DAMAGED, OK
    from crmkit.cli.values import plain
    from crmkit.security.audit.verify import audit_verify

    with cli.output.progress(_("Verifying the audit log")) as advance:
        found = audit_verify(cli.crm, cli.actor, checkpoints=checkpoints, incremental=incremental, progress=advance)
    if cli.json:
        document = {name: plain(getattr(found, name)) for name in ("records", "first", "last", "waiting", "erased")}
        damages = [
            {"kind": each.kind, "seq": each.seq, "last": each.last, "audit_id": plain(each.audit_id)}
            for each in found.damages
        ]
        cli.output.document(
            {
                "intact": found.intact,
                **document,
                "mac": found.mac.hex(),
                "checkpoints": found.checkpoints,
                "seconds": round(found.seconds, 3),
                "damages": damages,
            }
        )
        return OK if found.intact else DAMAGED
    if found.intact:
        cli.output.say(
            _("The audit log is as it was written: {records} records, {checkpoints} checkpoints."),
            records=found.records,
            checkpoints=found.checkpoints,
        )
        if not found.checkpoints:
            cli.output.warn(_("There is no checkpoint yet, so it can't be told whether the end was cut off."))
        return OK
    columns = (
        Column("seq", _("No."), "right"),
        Column("last", _("Up to"), "right"),
        Column("audit_id", _("Record")),
        Column("what", _("What is wrong")),
    )
    rows = [
        {"seq": each.seq, "last": each.last, "audit_id": each.audit_id, "what": cli.text(KINDS[each.kind])}
        for each in found.damages
    ]
    cli.output.table(columns, rows)
    cli.output.warn(
        _("The audit log is not as it was written: {number} damages in {records} records."),
        number=len(found.damages),
        records=found.records,
    )
    return DAMAGED


@command(audit, "checkpoint", _("Sign where the audit log stands and send it out of the database."))
def checkpoint(cli: Invocation) -> None:
    """Make a checkpoint, and show where it went."""
    from crmkit.security.audit.checkpoints import deliver
    from crmkit.security.audit.sinks import FileSink, sinks_of

    place = cli.run("audit.checkpoint")
    deliver(cli.crm)
    files = [str(sink.path) for sink in sinks_of(cli.crm.settings) if isinstance(sink, FileSink)]
    if cli.json:
        cli.output.document({"seq": place, "files": files, "sinks": len(sinks_of(cli.crm.settings))})
        return
    cli.output.say(_("Signed at record {seq}."), seq=place)
    for path in files:
        cli.output.say(_("Kept in {path}. Copy it where nobody who has the database can change it."), path=path)


@command(report, "seen", _("Report who saw, exported or changed a customer."))
@click.argument("customer")
@_between
def seen(cli: Invocation, customer: str, since: str | None, until: str | None) -> None:
    """Print who dealt with a customer."""
    from crmkit.security.audit.reports import report_seen

    with cli.session() as session:
        found = report_seen(session, _customer(customer), **_times(cli, since, until))
    columns = (
        Column("actor", _("Who")),
        Column("kind", _("Kind")),
        Column("operation", _("Operation")),
        Column("times", _("Times"), "right"),
        Column("first_at", _("First")),
        Column("last_at", _("Last")),
    )
    rows = [{**_row(item), "kind": _kind(cli, item.kind)} for item in found]
    cli.output.table(columns, rows, empty=_("The log has nothing about this customer."))


@command(report, "sign-ins", _("Report who signed in, or tried to, and from where."))
@_between
def sign_ins(cli: Invocation, since: str | None, until: str | None) -> None:
    """Print sign-ins by actor and address."""
    from crmkit.security.audit.reports import report_sign_ins

    with cli.session() as session:
        found = report_sign_ins(session, **_times(cli, since, until))
    columns = (
        Column("actor", _("Who")),
        Column("address", _("From")),
        Column("done", _("Signed in"), "right"),
        Column("refused", _("Refused"), "right"),
        Column("last_at", _("Last")),
    )
    cli.output.table(columns, [_row(item) for item in found], empty=_("Nobody has signed in."))


@command(report, "privileges", _("Report changes of roles, rights, shares, users, keys and plugins."))
@_between
def privileges(cli: Invocation, since: str | None, until: str | None) -> None:
    """Print changes of what somebody may do."""
    from crmkit.security.audit.reports import report_privileges

    with cli.session() as session:
        found = report_privileges(session, **_times(cli, since, until))
    _entries(cli, found)


@command(report, "admins", _("Report who may administer something, and when the log last heard of them."))
def admins(cli: Invocation) -> None:
    """Print the administrators, the dormant ones first."""
    from crmkit.security.audit.reports import report_admins

    with cli.session() as session:
        found = report_admins(session)
    columns = (
        Column("login", _("Login")),
        Column("name", _("Name")),
        Column("active", _("Active")),
        Column("roles", _("Roles")),
        Column("resources", _("Administers")),
        Column("last_at", _("Last heard of")),
    )
    rows = [{**_row(item), "roles": list(item.roles), "resources": list(item.resources)} for item in found]
    cli.output.table(columns, rows, empty=_("No user has a role with the right to administer."))


@command(report, "reveals", _("Report how often masked values were revealed, by whom."))
@_between
def reveals(cli: Invocation, since: str | None, until: str | None) -> None:
    """Print reveals by actor."""
    from crmkit.security.audit.reports import report_reveals

    with cli.session() as session:
        found = report_reveals(session, **_times(cli, since, until))
    columns = (
        Column("actor", _("Who")),
        Column("operation", _("Operation")),
        Column("times", _("Times"), "right"),
        Column("customers", _("Customers"), "right"),
        Column("last_at", _("Last")),
    )
    cli.output.table(columns, [_row(item) for item in found], empty=_("Nothing was revealed."))


@command(report, "exports", _("Report what was exported, by whom."))
@_between
def exports(cli: Invocation, since: str | None, until: str | None) -> None:
    """Print exports."""
    from crmkit.security.audit.reports import report_exports

    with cli.session() as session:
        found = report_exports(session, **_times(cli, since, until))
    _entries(cli, found)


def _kind(cli: Invocation, kind: str) -> str:
    return kind if cli.json else cli.text({"seen": _("seen"), "changed": _("changed")}[kind])


def _row(item: Any) -> dict[str, Any]:
    import attrs

    return attrs.asdict(item, recurse=False)


def _customer(text: str) -> Any:
    """Return the id of a customer, who may have been erased long ago."""
    return _id(text, "CUSTOMER")


def _id(text: str, name: str) -> Any:
    from crmkit.core.store.ids import parse_id
    from crmkit.errors import InvalidInput

    found = parse_id(text)
    if found is None:
        raise InvalidInput(_('{option}: "{value}" is not an id.'), option=name, value=text)
    return found
