"""``crmkit classify``: which label each customer has, what would move, what has moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.definitions import first_of
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.errors import UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.classification.writing import Move
    from crmkit.hooks.classification import Dimension

_ = texts("crmkit")

classify = group(help=_("Classify customers, and preview changes."), name="classify")
"""The group ``crmkit classify``."""

WIDEST = 10
"""Most labels of which a matrix is printed."""
LONGEST = 30
"""Most moves that are printed."""
CAUSES = {"decider": _("the definition"), "pin": _("a person")}
"""What people read for the cause of a label."""
AS_OF = _("As it stood then: a day (its end) or an instant.")


@command(classify, "run", _("Decide over customers in all dimensions, or in some, and write what changed."))
@click.argument("dimensions", nargs=-1, metavar="[DIMENSION...]")
@option("--complete", is_flag=True, help=_("Look at all customers, also where nothing can have changed."))
@option("--as-of", "as_of", metavar="DAY", help=_("The day at whose end labels begin, no earlier than the last run."))
def run(cli: Invocation, dimensions: tuple[str, ...], complete: bool, as_of: str | None) -> None:
    """Classify customers and print what was found."""
    from crmkit.cli.values import instant

    moment = None if as_of is None else instant(as_of, cli.crm.business().zone, name="--as-of")
    if moment is not None:
        moment = min(moment, cli.crm.clock.business_now()) if _is_today(cli, as_of) else moment
    values = {"dimensions": list(dimensions) or None, "complete": complete, "as_of": moment}
    found = cli.run("classification.run", values)
    rows = [
        {
            "dimension": each.dimension,
            "looked_at": each.looked_at,
            "changed": each.changed,
            "counts": each.counts if cli.json else _largest(cli, each.counts),
            "alerts": [f"{alert.label} {alert.percent} %" for alert in each.alerts],
            "complete": each.complete,
            "found": each.found,
        }
        for each in found.dimensions
    ]
    columns = (
        Column("dimension", _("Dimension")),
        Column("looked_at", _("Looked at"), "right"),
        Column("changed", _("Changed"), "right"),
        Column("counts", _("Labels")),
        Column("alerts", _("Unusual")),
    )
    cli.output.table(columns, rows, more={"run_id": found.id, "as_of": found.as_of, "changed": found.changed})


def _largest(cli: Invocation, counts: Mapping[str, int]) -> str:
    """Return how many customers have each label, the most frequent labels first: a dimension of cities has hundreds."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return first_of(cli, [f"{label}: {number}" for label, number in ordered])


def _is_today(cli: Invocation, as_of: str | None) -> bool:
    return as_of == cli.crm.clock.today(cli.crm.business().zone).isoformat()


@command(classify, "show", _("Show how many customers have each label of a dimension, now or on an earlier day."))
@click.argument("dimension")
@option("--as-of", "as_of", metavar="DAY", help=AS_OF)
def show(cli: Invocation, dimension: str, as_of: str | None) -> None:
    """Print the labels of a dimension with bars."""
    from crmkit.cli.charts import bar
    from crmkit.engines.classification.reading import counts, readable

    with cli.session() as session:
        value = readable(session, dimension)
        found = counts(session, dimension, _moment(cli, session, as_of, "--as-of"))
    total = sum(found.values())
    rows = [
        {
            "label": label,
            "title": _title(cli, value, label),
            "customers": number,
            "share": round(100 * number / total, 1) if total else None,
            "bar": bar(number, max(found.values())),
        }
        for label, number in found.items()
    ]
    columns = (
        Column("label", _("Label")),
        Column("title", _("Title")),
        Column("customers", _("Customers"), "right"),
        Column("share", _("%"), "right"),
        Column("bar", ""),
    )
    if cli.json:
        rows = [{key: item for key, item in row.items() if key != "bar"} for row in rows]
    cli.output.table(columns, rows)


@command(
    classify,
    "preview",
    _("Show who would move if a dimension were as a file in JSON or TOML says, or if it were decided now."),
)
@click.argument("definition", metavar="FILE|DIMENSION")
@option("--sample", type=click.IntRange(0, 100), metavar="N", default=3, help=_("Customers to name of each move (3)."))
def preview(cli: Invocation, definition: str, sample: int) -> None:
    """Print what would move; nothing is written."""
    from pathlib import Path

    from crmkit.cli.documents import read_document
    from crmkit.engines.classification.previewing import preview as preview_of
    from crmkit.engines.definitions.documents import from_document
    from crmkit.engines.definitions.publishing import find
    from crmkit.hooks.classification import Dimension

    with cli.session() as session:
        if definition == "-" or Path(definition).is_file():
            value = from_document(Dimension, read_document(definition))
        else:
            value = find(session, "dimension", definition).value
        found = preview_of(session, value, sample=sample)
    if cli.json:
        cli.output.document(
            {
                "dimension": found.dimension,
                "moved": found.moved,
                "counts": {label or "": number for label, number in found.counts.items()},
                "moves": [move._asdict() for move in found.moves],
                "movers": found.movers,
                "found": found.found,
            }
        )
        return
    cli.output.say(_("{number} customers would get another label."), number=found.moved)
    _print_matrix(cli, value, found.moves)
    columns = (("name", _("Customer")), ("before", _("Now")), ("after", _("Then")), ("customer_id", _("Id")))
    rows = [
        {"name": each.name, "before": each.before, "after": each.after, "customer_id": each.customer_id}
        for each in found.movers
    ]
    if rows:
        cli.output.heading(_("Some of them"))
        cli.output.table(columns, rows)


@command(classify, "history", _("Show the labels that a customer has had, newest first, and what decided."))
@click.argument("customer")
@option("--dimension", metavar="DIMENSION", help=_("Of one dimension only."))
@option("--now", "present", is_flag=True, help=_("Only the labels that the customer has."))
def history(cli: Invocation, customer: str, dimension: str | None, present: bool) -> None:
    """Print the history of a customer's labels."""
    from crmkit.cli.customers import fact_words
    from crmkit.cli.naming import find_customer
    from crmkit.engines.classification.reading import history_of
    from crmkit.engines.facts.moments import moment_of
    from crmkit.engines.overview.overview import with_money

    with cli.session() as session:
        lines = history_of(session, find_customer(session, customer, deleted=True).id, dimension)
        lines = lines if cli.json else with_money(session, lines, moment_of(session))
    rows = [
        {
            "dimension": each.dimension,
            "label": each.label,
            "title": cli.text(each.title),
            "since": each.since,
            "until": each.until,
            "cause": each.cause if cli.json else cli.text(CAUSES.get(each.cause, each.cause)),
            "when": each.when,
            "facts": each.facts if cli.json else fact_words(cli, each),
            "run_id": each.run_id,
        }
        for each in lines
        if not present or each.until is None
    ]
    columns = (
        Column("dimension", _("Dimension")),
        Column("title", _("Label")),
        Column("since", _("Since")),
        Column("until", _("Until")),
        Column("cause", _("Cause")),
        Column("facts", _("Facts")),
    )
    cli.output.table(columns, rows, empty=_("The customer has never had a label."))


@command(classify, "matrix", _("Show from which label to which customers moved between two days."))
@click.argument("dimension")
@option("--from", "first", metavar="DAY", required=True, help=_("The end of this day, or an instant."))
@option("--to", "last", metavar="DAY", help=_("The end of this day, or an instant; without it now."))
def matrix(cli: Invocation, dimension: str, first: str, last: str | None) -> None:
    """Print the transition matrix and the stability."""
    from crmkit.engines.classification.reading import matrix as matrix_of, readable

    with cli.session() as session:
        value = readable(session, dimension)
        begin, end = _moment(cli, session, first, "--from"), _moment(cli, session, last, "--to")
        if end.as_of < begin.as_of:
            raise UsageError(_("--from is later than --to."))
        found = matrix_of(session, dimension, begin, end)
    if cli.json:
        cli.output.document(
            {
                "dimension": dimension,
                "first": found.first,
                "last": found.last,
                "stability": found.stability,
                "moves": [move._asdict() for move in found.moves],
            }
        )
        return
    _print_matrix(cli, value, found.moves)
    if found.stability is not None:
        cli.output.say(_("Stability: {percent} % kept their label."), percent=round(100 * found.stability, 1))


def _print_matrix(cli: Invocation, dimension: Dimension, moves: Sequence[Move]) -> None:
    order = [label.name for label in dimension.labels]
    present = {label for move in moves for label in (move.before, move.after)}
    if len(present) > WIDEST:
        _print_moves(cli, dimension, moves)
        return
    names = [*(name for name in order if name in present)]
    names += sorted(str(name) for name in present if name is not None and name not in order)
    shown: list[str | None] = [*names, *([None] if None in present else [])]
    cells: dict[tuple[str | None, str | None], int] = {(move.before, move.after): move.customers for move in moves}
    rows: list[Mapping[str, Any]] = [
        {"": _title(cli, dimension, before), **{str(after): cells.get((before, after)) for after in shown}}
        for before in shown
    ]
    columns = [
        Column("", _("From \\ to")),
        *(Column(str(each), _title(cli, dimension, each), "right") for each in shown),
    ]
    cli.output.table(columns, rows)


def _print_moves(cli: Invocation, dimension: Dimension, moves: Sequence[Move]) -> None:
    """Print who moved where as a list, the largest moves first, where a matrix would be too wide to read."""
    moved = sorted((move for move in moves if move.before != move.after), key=lambda move: -move.customers)
    rows = [
        {
            "before": _title(cli, dimension, move.before),
            "after": _title(cli, dimension, move.after),
            "customers": move.customers,
        }
        for move in moved[:LONGEST]
    ]
    columns = (
        Column("before", _("From")),
        Column("after", _("To")),
        Column("customers", _("Customers"), "right"),
    )
    cli.output.table(columns, rows, empty=_("Nobody has moved."))
    if len(moved) > LONGEST:
        cli.output.say(_("… and {number} more"), number=len(moved) - LONGEST)


def _title(cli: Invocation, dimension: Dimension, name: str | None) -> str:
    if name is None:
        return cli.text(_("no label"))
    return next((cli.text(label.title) for label in dimension.labels if label.name == name), name)


def _moment(cli: Invocation, session: Any, day: str | None, name: str) -> Any:
    from crmkit.cli.values import instant
    from crmkit.engines.facts.moments import moment_of

    at = None if day is None else instant(day, cli.crm.business().zone, name=name)
    return moment_of(session, at)
