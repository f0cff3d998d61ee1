"""``crmkit privacy``: what persons are told, erasing them, legal holds, and how long things are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

_ = texts("crmkit")

privacy = group(help=_("Tell persons what is kept, erase them, hold and retain."), name="privacy")
"""The group ``crmkit privacy``."""

_REASON = _("Why; it is kept in the audit log.")
_ACTIONS = {
    "delete": _("is deleted"),
    "anonymise": _("is made anonymous"),
    "retain": _("is kept by law"),
    "erase": _("the person is erased"),
}
_ITEMS = [
    Column("table", _("Table")),
    Column("purpose", _("Purpose")),
    Column("action", _("What happens")),
    Column("rows", _("Rows")),
    Column("until", _("Until")),
    Column("law", _("Law")),
]


@command(privacy, "export", _("Export everything that is kept about a customer, for the person, as JSON or a page."))
@click.argument("customer")
@option("--html", "page", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help=_("Write a page here."))
@option("--to", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the JSON here."))
def export(cli: Invocation, customer: str, page: Path | None, to: Path | None) -> None:
    """Write what is kept about a person."""
    found = cli.run("privacy.export", target=_customer(cli, customer))
    for path, text in ((page, found.as_html(cli.language)), (to, found.as_json())):
        if path is not None:
            _write(path, text)
    if page is None and to is None:
        click.echo(found.as_json())
    elif cli.json:
        cli.output.document({"subject_id": found.subject_id, "sections": len(found.sections), "files": [page, to]})
    else:
        cli.output.say(_("Written: {files}."), files=", ".join(str(path) for path in (page, to) if path is not None))


@command(privacy, "plan", _("Show what erasing a customer would do, table by table. Nothing is changed."))
@click.argument("customer")
def plan(cli: Invocation, customer: str) -> None:
    """Print the plan of an erasure."""
    _show_plan(cli, cli.run("privacy.plan_erasure", target=_customer(cli, customer)))


@command(privacy, "erase", _("Erase a customer for good and print the certificate."))
@click.argument("customer")
@option("--reason", required=True, metavar="TEXT", help=_REASON)
@option("--yes", "-y", is_flag=True, help=_("Do not ask before erasing."))
def erase(cli: Invocation, customer: str, reason: str, yes: bool) -> None:
    """Erase a person after showing the plan."""
    target = _customer(cli, customer)
    if not yes:
        _show_plan(cli, cli.run("privacy.plan_erasure", target=target))
    confirm(cli, _("Erase this person for good?"), yes=yes)
    _show_certificate(cli, cli.run("privacy.erase", {"reason": reason}, target=target))


@command(privacy, "certificate", _("Show the certificate of an erasure and check its signature."))
@click.argument("number", type=click.UUID)
def certificate(cli: Invocation, number: UUID) -> None:
    """Print a certificate; the exit code tells whether it is genuine."""
    from crmkit.errors import SealBroken
    from crmkit.security.privacy.erasing import certificate_of

    with cli.session() as session:
        found, genuine = certificate_of(session, number)
    if genuine or not cli.json:
        _show_certificate(cli, found)
    if not genuine:
        raise SealBroken(_("The signature of this certificate is wrong."))


@command(privacy, "hold", _("Forbid that anything of a customer is removed."))
@click.argument("customer")
@option("--reason", required=True, metavar="TEXT", help=_REASON)
def hold(cli: Invocation, customer: str, reason: str) -> None:
    """Place a legal hold."""
    _show_holds(cli, [cli.run("privacy.hold", {"reason": reason}, target=_customer(cli, customer))])


@command(privacy, "release", _("Release the legal holds of a customer."))
@click.argument("customer")
@option("--reason", required=True, metavar="TEXT", help=_REASON)
def release(cli: Invocation, customer: str, reason: str) -> None:
    """Release legal holds."""
    count = cli.run("privacy.release", {"reason": reason}, target=_customer(cli, customer))
    cli.output.record([(_("Released"), count)], json={"released": count})


@command(privacy, "holds", _("List the legal holds."))
@option("--all", "everything", is_flag=True, help=_("Also those that were released."))
def holds(cli: Invocation, everything: bool) -> None:
    """Print the legal holds."""
    _show_holds(cli, cli.run("privacy.holds", {"released": everything}))


@command(privacy, "retained", _("Show what a law keeps of somebody who was erased."))
@click.argument("erasure", type=click.UUID)
@option("--reason", required=True, metavar="TEXT", help=_REASON)
def retained(cli: Invocation, erasure: UUID, reason: str) -> None:
    """Print what is locked away, as JSON."""
    parcels = cli.run("privacy.open_retained", {"erasure_id": erasure, "reason": reason})
    cli.output.document(parcels)


@command(privacy, "schedule", _("Show how long things are kept."))
def schedule(cli: Invocation) -> None:
    """Print the retention schedule."""
    from crmkit.security.privacy.retention import periods

    with cli.session() as session:
        found = periods(session)
    columns = [
        Column("table", _("Table")),
        Column("kind", _("Kind")),
        Column("days", _("Days")),
        Column("action", _("What happens")),
        Column("decided", _("Decided here")),
    ]
    cli.output.table(columns, _rows(cli, found), empty=_("Everything is kept until it is removed by hand."))


@command(privacy, "keep", _("Set for how many days rows of a table are kept; --days 0 takes the rule away."))
@click.argument("table")
@option("--days", type=click.IntRange(min=0), required=True, metavar="N", help=_("Days; 0 for no rule."))
@option("--kind", default="", metavar="KIND", help=_("Only interactions of this kind."))
def keep(cli: Invocation, table: str, days: int, kind: str) -> None:
    """Set a rule of the retention schedule."""
    cli.run("privacy.set_retention", {"table": table, "days": days or None, "kind": kind})
    cli.output.record(
        [(_("Table"), table), (_("Days"), days)], json={"table": table, "kind": kind, "days": days or None}
    )


@command(privacy, "retain", _("Remove what is older than the schedule allows, as the daily job does."))
@option("--dry-run", is_flag=True, help=_("Only say what would be removed."))
def retain(cli: Invocation, dry_run: bool) -> None:
    """Keep the retention schedule now."""
    report = cli.run("privacy.run_retention", {"dry_run": dry_run})
    columns = [
        Column("table", _("Table")),
        Column("kind", _("Kind")),
        Column("before", _("Older than")),
        Column("rows", _("Rows")),
        Column("action", _("What happens")),
    ]
    if cli.json:
        cli.output.document(report)
        return
    cli.output.table(columns, _rows(cli, report.removals), empty=_("Nothing is older than it may be."))


def _customer(cli: Invocation, text: str) -> UUID:
    from crmkit.cli.naming import find_customer

    with cli.session() as session:
        return find_customer(session, text, deleted=True).id


def _show_plan(cli: Invocation, plan: Any) -> None:
    if cli.json:
        cli.output.document(plan)
        return
    cli.output.table(_ITEMS, _rows(cli, plan.items), empty=_("Nothing is kept about this person."))
    if plan.held_since is not None:
        cli.output.warn(
            _("A legal hold since {since} forbids it: {reason}."), since=plan.held_since, reason=plan.held_because
        )


def _show_certificate(cli: Invocation, found: Any) -> None:
    if cli.json:
        cli.output.document(found)
        return
    cli.output.record(
        [
            (_("Erasure"), found.erasure_id),
            (_("Number of the person"), found.subject_id),
            (_("Erased at"), found.erased_at),
            (_("Reason"), found.reason),
            (_("Data keys destroyed"), found.data_keys),
            (_("Signature"), found.signature),
        ]
    )
    cli.output.table(_ITEMS, _rows(cli, found.items), empty=_("Nothing was kept about this person."))


def _show_holds(cli: Invocation, found: Any) -> None:
    columns = [
        Column("customer_id", _("Customer")),
        Column("reason", _("Reason")),
        Column("placed_by", _("Placed by")),
        Column("placed_at", _("Placed at")),
        Column("released_at", _("Released at")),
    ]
    cli.output.table(columns, _rows(cli, found), empty=_("There is no legal hold."))


def _rows(cli: Invocation, found: Iterable[Any]) -> list[dict[str, object]]:
    """Return values as rows of a table; for people, what is said in words is in their language."""
    from attrs import asdict

    rows = [asdict(item, recurse=False) for item in found]
    if not cli.json:
        for row in rows:
            row.update({name: cli.text(row[name]) for name in ("purpose", "law") if row.get(name)})
            if row.get("action") in _ACTIONS:
                row["action"] = cli.text(_ACTIONS[row["action"]])
    return rows


def _write(path: Path, text: str) -> None:
    """Write a file that nobody else can read: it holds everything about a person."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
