"""``crmkit customer merge``, ``unmerge`` and ``merges``: bringing two records of one customer together, and taking that
back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from crmkit.cli.asking import confirm
from crmkit.cli.commands.customer_group import customer
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, option
from crmkit.cli.output import Column
from crmkit.errors import NotFound, UsageError
from crmkit.i18n import texts

_ = texts("crmkit")
_FIELDS = [
    Column("title", _("Field")),
    Column("survivor", _("Survivor")),
    Column("absorbed", _("Absorbed")),
    Column("chosen", _("Afterwards")),
]
_TABLES = [
    Column("title", _("What")),
    Column("moved", _("Moved"), "right"),
    Column("united", _("United"), "right"),
    Column("changed", _("Changed"), "right"),
]
_BACK = [
    Column("title", _("What")),
    Column("moved", _("Goes back"), "right"),
    Column("united", _("Made again"), "right"),
    Column("changed", _("Changed back"), "right"),
]
_LATER = [Column("title", _("Came later and stays")), Column("moved", _("Rows"), "right")]
_CONFLICTS = [
    Column("title", _("What")),
    Column("record_id", _("Record")),
    Column("what", _("Since the merge")),
    Column("fields", _("Fields")),
]
_MERGES = [
    Column("id", _("Merge")),
    Column("merged_at", _("When")),
    Column("survivor_id", _("Survivor")),
    Column("absorbed_id", _("Absorbed")),
    Column("absorbed_name", _("Name")),
    Column("actor_id", _("By")),
    Column("reason", _("Reason")),
    Column("undone_at", _("Undone at")),
]
_SINCE = {"changed": _("changed"), "gone": _("removed"), "taken": _("belongs to somebody else")}


@command(
    customer,
    "merge",
    _(
        "Have a customer absorb others that are the same one: everything about them becomes the survivor's. It shows "
        "first what becomes of each field and table, and asks. It can be undone: crmkit customer unmerge."
    ),
)
@click.argument("survivor")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@option(
    "--take",
    "takes",
    multiple=True,
    metavar="FIELD=SIDE",
    help=_("Which value a field has afterwards: survivor or absorbed; FIELD:=VALUE for another one."),
)
@option("--reason", metavar="TEXT", default="", help=_("Why; it is kept with the merge."))
@option("--dry-run", is_flag=True, help=_("Only show what would be done."))
@option("-y", "--yes", is_flag=True, help=_("Do not ask."))
def merge(
    cli: Invocation,
    survivor: str,
    others: tuple[str, ...],
    takes: tuple[str, ...],
    reason: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Show what merging customers would do, and do it."""
    from crmkit.cli.naming import find_customer
    from crmkit.identity.plans import plan_merge

    choices = [_choice(text) for text in takes]
    with cli.session() as session:
        kept = find_customer(session, survivor).id
        absorbed = list(dict.fromkeys(find_customer(session, each).id for each in others))
        plans = [plan_merge(session, kept, each, choices) for each in absorbed]
    if dry_run and cli.json:
        cli.output.document(plans if len(plans) > 1 else plans[0])
        return
    if not cli.json:
        for plan in plans:
            _show_plan(cli, plan)
    if dry_run:
        return
    refused = next((plan for plan in plans if plan.refusal), None)
    if refused is None:
        confirm(cli, _("Merge them?"), yes=yes)
    done: list[Any] = []
    for plan in plans:
        # A plan of several is of each alone: what the first has changed is no reason to refuse the second.
        values = {
            "absorb": plan.absorbed_id,
            "choices": choices,
            "reason": reason,
            "absorbed_version": plan.absorbed_version,
        }
        done.append(cli.run("customer.merge", values, target=kept, version=None if done else plan.version))
    if cli.json:
        cli.output.document(done if len(done) > 1 else done[0])
        return
    for each in done:
        cli.output.say(
            _("Merged: {moved} rows moved, {united} united. Undo it with: crmkit customer unmerge {id}"),
            moved=each.moved,
            united=each.united,
            id=each.merge_id,
        )


def _choice(text: str) -> Any:
    """Return the choice that ``FIELD=SIDE`` or ``FIELD:=VALUE`` says. Raises UsageError."""
    from crmkit.cli.values import pairs
    from crmkit.identity.values import FieldChoice

    name, equals, side = text.partition("=")
    if equals and side in ("survivor", "absorbed") and not name.endswith(":"):
        return FieldChoice(field=name.strip(), take="absorbed" if side == "absorbed" else "survivor")
    if name.endswith(":") and equals:
        plain = name.removesuffix(":").strip()
        value = next(iter(pairs([f"value:={side}"]).values())) if _is_json(side) else side
        return FieldChoice(field=plain, take="value", value=value)
    raise UsageError(
        _('"{text}" does not say which value to take.'),
        fix=_("Write FIELD=survivor, FIELD=absorbed or FIELD:=VALUE."),
        text=text,
    )


def _is_json(text: str) -> bool:
    import json

    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _show_plan(cli: Invocation, plan: Any) -> None:
    cli.output.record([(_("Survivor"), plan.survivor_name), (_("Absorbed"), plan.absorbed_name)])
    rows = [
        {"title": cli.text(item.title), "survivor": item.survivor, "absorbed": item.absorbed, "chosen": item.chosen}
        for item in plan.fields
        if item.differs or item.taken != "survivor"
    ]
    if rows:
        cli.output.table(_FIELDS, rows)
    cli.output.table(_TABLES, _rows(cli, plan.tables), empty=_("Nothing else is known of the other one."))
    for warning in plan.warnings:
        cli.output.warn(warning)
    if plan.refusal:
        cli.output.warn(plan.refusal)


def _rows(cli: Invocation, tables: Any) -> list[dict[str, Any]]:
    return [
        {"title": cli.text(each.title), "moved": each.moved, "united": each.united, "changed": each.changed}
        for each in tables
    ]


@command(
    customer,
    "unmerge",
    _(
        "Undo a merge: the absorbed customer is back with everything that it had. MERGE is the merge's id, or a "
        "customer, whose last merge is meant. It shows first what is restored and what was changed since, and asks."
    ),
)
@click.argument("merge", metavar="MERGE")
@option(
    "--on-conflict",
    "on_conflict",
    type=click.Choice(["refuse", "keep", "restore"]),
    default="refuse",
    help=_("What to do with rows that were changed since: refuse (and do nothing), keep them, or restore them."),
)
@option("--reason", metavar="TEXT", default="", help=_("Why; it is kept with the merge."))
@option("--dry-run", is_flag=True, help=_("Only show what would be done."))
@option("-y", "--yes", is_flag=True, help=_("Do not ask."))
def unmerge(cli: Invocation, merge: str, on_conflict: str, reason: str, dry_run: bool, yes: bool) -> None:
    """Show what undoing a merge would do, and do it."""
    from crmkit.identity.plans import plan_unmerge

    with cli.session() as session:
        identity = _which(session, merge)
        plan = plan_unmerge(session, identity)
    if dry_run and cli.json:
        cli.output.document(plan)
        return
    if not cli.json:
        _show_undoing(cli, plan)
    if dry_run:
        return
    if not plan.refusal and not (plan.conflicts and on_conflict == "refuse"):
        confirm(cli, _("Undo this merge?"), yes=yes)
    with cli.session() as session:
        target = _holder(session, identity)
    values = {"merge": identity, "on_conflict": on_conflict, "reason": reason}
    done = cli.run("customer.unmerge", values, target=target)
    if cli.json:
        cli.output.document(done)
        return
    cli.output.say(
        _("Undone: {restored} rows restored, {kept} kept as they are, {later} stay as they came later."),
        restored=done.restored,
        kept=done.kept,
        later=done.later,
    )


def _which(session: Any, text: str) -> UUID:
    """Return the merge that a text names: by its id, or the last of a customer that is not undone. Raises NotFound."""
    from crmkit.cli.naming import find_customer
    from crmkit.core.store.ids import parse_id
    from crmkit.identity.records import merges_of
    from crmkit.identity.unmerging import find_merge

    identity = parse_id(text)
    if identity is not None and find_merge(session, identity) is not None:
        return identity
    try:
        found = find_customer(session, text, deleted=True)
    except NotFound:
        if identity is None:
            raise
        # A merge of somebody who was erased is no customer's any more, and is told of as such.
        return identity
    for each in merges_of(session, found.id):
        if not each.undone and each.customer_id == found.id and identity in (None, found.id, each.absorbed_id):
            return each.id
    raise NotFound(_("Nobody was merged into this customer."), text=text)


def _holder(session: Any, identity: UUID) -> UUID | None:
    from crmkit.identity.unmerging import find_merge

    found = find_merge(session, identity)
    return None if found is None else found.customer_id


def _show_undoing(cli: Invocation, plan: Any) -> None:
    cli.output.record([(_("Absorbed"), plan.absorbed_name), (_("Merged at"), plan.merged_at)])
    if plan.refusal:
        cli.output.warn(plan.refusal)
        return
    cli.output.table(_BACK, _rows(cli, plan.tables))
    if plan.later:
        cli.output.table(_LATER, _rows(cli, plan.later))
    if plan.conflicts:
        cli.output.warn(_("Changed since the merge:"))
        cli.output.table(
            _CONFLICTS,
            [
                {
                    "title": cli.text(each.title),
                    "record_id": each.record_id,
                    "what": cli.text(_SINCE[each.what]),
                    "fields": ", ".join(each.fields),
                }
                for each in plan.conflicts
            ],
        )


@command(customer, "merges", _("List merges, newest first: of one customer, or all that you may see."))
@click.argument("customer", required=False)
@option("--limit", type=click.IntRange(1, 1000), metavar="N", default=50, help=_("At most so many (50)."))
def merges(cli: Invocation, customer: str | None, limit: int) -> None:
    """Print merges."""
    from attrs import asdict

    from crmkit.cli.naming import find_customer
    from crmkit.identity.records import latest_merges, merges_of

    with cli.session() as session:
        if customer is None:
            found = latest_merges(session, limit)
        else:
            found = merges_of(session, find_customer(session, customer, deleted=True).id)[:limit]
    cli.output.table(_MERGES, [asdict(each) for each in found], empty=_("No customers were merged."))
