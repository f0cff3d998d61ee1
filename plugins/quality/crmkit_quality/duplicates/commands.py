"""``crmkit customer duplicates`` and what ``crmkit quality`` has of this room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from crmkit import Customer, CustomerIdentifier, InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, option, single

_ = texts("crmkit_quality")

SHOWN = 50
"""Pairs that are shown to people where nothing else is said."""
PART = 5000


@single("duplicates", _("List pairs of customers that are probably one; searches first where customers have changed."))
@option("--search", is_flag=True, help=_("Search in any case."))
@option("--stored", is_flag=True, help=_("Do not search: list what earlier searches have found."))
@option(
    "--floor",
    type=click.FloatRange(0, 1),
    metavar="P",
    help=_("From this probability on, from 0 to 1 (as the settings say, 0.5)."),
)
@option("--limit", type=click.IntRange(1), metavar="N", help=_("At most so many (50; with --json all)."))
def duplicates(cli: Invocation, search: bool, stored: bool, floor: float | None, limit: int | None) -> None:
    """Print pairs, the surest first."""
    list_pairs(cli, search=search, stored=stored, floor=floor, limit=limit)


def list_pairs(cli: Invocation, *, search: bool, stored: bool, floor: float | None, limit: int | None) -> None:
    """Search where it is needed, and print the pairs that wait for a decision. Raises InvalidInput for a floor below
    which nothing is kept, and what the search raises."""
    from crmkit_quality.duplicates.reading import undecided
    from crmkit_quality.duplicates.searching import up_to_date
    from crmkit_quality.settings import settings_of

    least = settings_of(cli.crm.settings).review
    if floor is not None and floor < least:
        text = _("Pairs below {least} are not kept.")
        hint = _("Lower [options.quality] review in crmkit.toml, and search again.")
        raise InvalidInput([Problem("CK500", text, field="floor", value=floor, hint=hint, least=least)])
    if not stored:
        with cli.crm.session(cli.crm.system("whether customers have changed since the last search")) as system:
            current = up_to_date(system)
        if search or not current:
            search_now(cli, "full")
    from crmkit_quality.duplicates.models import Pair

    with cli.session() as session:
        query = undecided(select(Pair)).order_by(Pair.probability.desc(), Pair.weight.desc(), Pair.id)
        if floor is not None:
            query = query.where(Pair.probability >= floor)
        most = limit if limit is not None else None if cli.json else SHOWN
        rows = _rows(session, session.scalars(query if most is None else query.limit(most)))
    if cli.json:
        cli.output.document(rows)
        return
    columns = (
        Column("first", _("First")),
        Column("second", _("Second")),
        Column("score", _("Probability")),
        Column("band", _("Band")),
        Column("first_id", _("Id of the first")),
        Column("second_id", _("Id of the second")),
    )
    cli.output.table(columns, [_for_people(row) for row in rows], empty=_("No pair waits for a decision."))
    if limit is None and len(rows) == SHOWN:
        cli.output.say(_("These are the first {number}: --limit shows more."), number=SHOWN)


def search_now(cli: Invocation, kind: str) -> None:
    """Search for duplicates in this process, as whoever calls may."""
    from crmkit_quality.duplicates.searching import carry_out

    search_id = cli.run("quality.search.begin", {"kind": kind})
    with cli.output.progress(_("Searching for duplicates")) as advance:
        carry_out(cli.crm, search_id, lambda share: advance(int(1000 * share), 1000))


def _rows(session: Any, pairs: Iterable[Any]) -> list[dict[str, Any]]:
    found = list(pairs)
    ids = sorted({each for pair in found for each in (pair.first_id, pair.second_id)})
    names, external = _names(session, ids), _external_ids(session, ids)
    return [
        {
            "id": str(pair.id),
            "first_id": str(pair.first_id),
            "second_id": str(pair.second_id),
            "first_external_ids": external.get(pair.first_id, []),
            "second_external_ids": external.get(pair.second_id, []),
            "first_name": names.get(pair.first_id, ""),
            "second_name": names.get(pair.second_id, ""),
            "score": round(pair.probability, 6),
            "weight": round(pair.weight, 2),
            "band": pair.band,
            "conflict": pair.conflict,
            "state": pair.state,
            "evidence": pair.evidence,
        }
        for pair in found
    ]


def _names(session: Any, ids: list[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    whole = session.level(Customer, "personal") == "full"
    for start in range(0, len(ids), PART):
        which = Customer.id.in_(ids[start : start + PART])
        if whole:
            found.update(dict(session.execute(select(Customer.id, Customer.name).where(which)).all()))
        else:
            found.update({each.id: str(each.name) for each in session.scalars(select(Customer).where(which))})
    return found


def _external_ids(session: Any, ids: list[UUID]) -> dict[UUID, list[dict[str, str]]]:
    found: dict[UUID, list[dict[str, str]]] = {}
    for start in range(0, len(ids), PART):
        query = (
            select(CustomerIdentifier.customer_id, CustomerIdentifier.source, CustomerIdentifier.external_id)
            .where(CustomerIdentifier.customer_id.in_(ids[start : start + PART]))
            .order_by(CustomerIdentifier.source, CustomerIdentifier.external_id)
        )
        for identity, source, external in session.execute(query):
            found.setdefault(identity, []).append({"source": source, "external_id": external})
    return found


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    def named(side: str) -> str:
        external = ", ".join(each["external_id"] for each in row[f"{side}_external_ids"])
        return f"{row[f'{side}_name']} ({external})" if external else row[f"{side}_name"]

    return {**row, "first": named("first"), "second": named("second"), "score": f"{row['score']:.4f}"}


def add_to(group: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(group, "duplicates", _("Search for duplicates and list them, as crmkit customer duplicates does."))
    @option("--changed", is_flag=True, help=_("Only for customers who changed since the last search."))
    @option("--limit", type=click.IntRange(1), metavar="N", help=_("At most so many (50; with --json all)."))
    def search_and_list(cli: Invocation, changed: bool, limit: int | None) -> None:
        """Search and print what there is."""
        search_now(cli, "changed" if changed else "full")
        list_pairs(cli, search=False, stored=True, floor=None, limit=limit)

    @command(group, "merge-automatic", _("Merge all duplicates that are clear. Each merge can be undone."))
    @option("--dry-run", is_flag=True, help=_("Only list what would be merged."))
    @option("--yes", "-y", is_flag=True, help=_("Do not ask."))
    def merge_automatic(cli: Invocation, dry_run: bool, yes: bool) -> None:
        """Print the clusters, and merge them once that was confirmed."""
        from crmkit_quality.duplicates.automatic import plan_automatic

        with cli.session() as session:
            planned = plan_automatic(session)
        rows = [
            {
                "customers": [{"id": str(member.id), "name": member.name} for member in each.members],
                "weakest": round(each.weakest, 6),
            }
            for each in planned
        ]
        if dry_run or not planned:
            _print_clusters(cli, rows)
            return
        if not yes and not cli.json:
            _print_clusters(cli, rows)
            if not click.confirm(cli.text(_("Merge these {number} groups?"), number=len(rows)), err=True):
                return
        done, left = _merge(cli, planned)
        if cli.json:
            cli.output.document({"merged": done, "left": left, "clusters": rows})
        else:
            cli.output.say(_("{done} groups were merged, {left} are left to be looked at."), done=done, left=left)


def _print_clusters(cli: Invocation, rows: list[dict[str, Any]]) -> None:
    if cli.json:
        cli.output.document({"merged": 0, "left": 0, "clusters": rows})
        return
    shown = [{"names": ", ".join(each["name"] for each in row["customers"]), "weakest": row["weakest"]} for row in rows]
    columns = (Column("names", _("Customers who are one")), Column("weakest", _("Weakest link")))
    cli.output.table(columns, shown, empty=_("Nothing is clear enough."))


def _merge(cli: Invocation, planned: Iterable[Any]) -> tuple[int, int]:
    from crmkit import CrmkitError

    done = left = 0
    with cli.output.progress(_("Merging")) as advance:
        clusters = list(planned)
        for place, each in enumerate(clusters):
            ids = [str(member.id) for member in each.members]
            try:
                cli.run("quality.duplicates.merge_cluster", {"customer_ids": ids})
                done += 1
            except CrmkitError:
                cli.run("quality.duplicates.look", {"customer_ids": ids})
                left += 1
            advance(place + 1, len(clusters))
    return done, left
