"""``crmkit fact``: what is known about customers, for all of them at once."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.values import instant
from crmkit.errors import InvalidInput, UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmkit.core.store.session import CrmSession
    from crmkit.engines.facts.frame import Frame
    from crmkit.engines.facts.vocabulary import Known

_ = texts("crmkit")

fact = group(help=_("List what is known about customers, and print it for many at once."), name="fact")
"""The group ``crmkit fact``."""

FORMATS = ("table", "csv", "json", "arrow")
"""The forms of a frame; ``json`` is one object a line."""


@command(fact, "list", _("List the facts, with their types."))
@click.argument("text", metavar="WORD", required=False)
def list_(cli: Invocation, text: str | None) -> None:
    """Print the facts by name, those alone that have a word in their name or title."""
    from crmkit.engines.facts.vocabulary import catalogue_of

    with cli.session() as session:
        rows = [_row(cli, session, known) for known in catalogue_of(session)]
    if text is not None:
        rows = [row for row in rows if text.casefold() in f"{row['name']} {row['title']}".casefold()]
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("type", _("Type")),
        Column("class", _("Field class")),
        Column("readable", _("Readable")),
    )
    cli.output.table(columns, rows, empty=_("There is no such fact."))


def _row(cli: Invocation, session: CrmSession, known: Known) -> dict[str, Any]:
    from crmkit.engines.expressions.symbols import FactRef
    from crmkit.engines.facts.vocabulary import readable

    keyed = known.set.keyed
    return {
        "name": known.name,
        "title": cli.text(known.symbol.title),
        "type": f"{known.symbol.type}{'?' if known.symbol.nullable else ''}",
        "class": known.fact.classified,
        "keyed": cli.text(keyed) if keyed else None,
        "temporal": known.set.temporal,
        "readable": readable(session, FactRef(known.name)),
    }


@command(fact, "show", _("Show a fact: what it says, its type, its keys."))
@click.argument("name", metavar="FACT")
def show(cli: Invocation, name: str) -> None:
    """Print what a fact means."""
    from crmkit.engines.facts.vocabulary import catalogue_of

    with cli.session() as session:
        known = catalogue_of(session).known(name.partition("[")[0])
        row = _row(cli, session, known)
        keys = list(known.set.keys(session)) if known.set.keys is not None else []
    document = {
        **row,
        "doc": cli.text(known.fact.doc),
        "default": known.fact.default,
        "options": list(known.fact.options),
        "unit": known.fact.unit or None,
        "expression": known.fact.expression or None,
        "keys": keys,
    }
    cli.output.record(
        [
            (_("Name"), document["name"]),
            (_("Title"), document["title"]),
            (_("What it says"), document["doc"]),
            (_("Type"), document["type"]),
            (_("Field class"), document["class"]),
            (_("Without anything known"), "–" if document["default"] is None else str(document["default"])),
            (_("Follows from"), document["expression"]),
            (_("Possible values"), document["options"]),
            (_("Key"), document["keyed"]),
            (_("Keys there are"), keys),
            (_("As of an earlier day"), document["temporal"]),
        ],
        json=document,
    )


@command(fact, "frame", _("Print facts of all customers, or write them to a file."))
@click.argument("names", metavar="FACT…", nargs=-1, required=True)
@option("--where", metavar="EXPRESSION", help=_("Only customers for whom this holds, such as 'purchase.count >= 3'."))
@option("--as-of", "as_of", metavar="DAY", help=_("As things stood at the end of a day, or at an instant."))
@option("--known-at", "known_at", metavar="DAY", help=_("By what had been recorded by then."))
@option("--format", "form", type=click.Choice(FORMATS), help=_("Form of the output (table)."))
@option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help=_("Write to a file instead."))
@option("--kept", is_flag=True, help=_("Read what is materialised, as of when that was done."))
def frame(
    cli: Invocation,
    names: tuple[str, ...],
    where: str | None,
    as_of: str | None,
    known_at: str | None,
    form: str | None,
    output: Path | None,
    kept: bool,
) -> None:
    """Print one row for each customer whom the actor may see; what leaves as a file is audited as an export."""
    from crmkit.engines.facts.frame import frame as make
    from crmkit.engines.facts.materialising import kept_moment
    from crmkit.engines.facts.moments import moment_of

    if kept and (as_of or known_at):
        raise UsageError(_("What is materialised is as of when it was computed: leave out --kept, or the day."))
    form = form or ("json" if cli.json else "csv" if output is not None else "table")
    if form == "arrow" and output is None and sys.stdout.isatty():
        raise UsageError(_("Arrow is no text: name a file with --output."))
    said = {"resource": "fact", "where": [*names, where or ""]}
    if form != "table":
        cli.crm.run(cli.actor, "export.start", said)
    with cli.session() as session:
        if kept:
            moment = kept_moment(session)
            cli.output.warn(_("As of {instant}."), instant=moment.as_of)
        else:
            zone = session.crm.config.get(session).zone
            days = {"--as-of": as_of, "--known-at": known_at}
            moment = moment_of(session, *(instant(day, zone, name=name) if day else None for name, day in days.items()))
        found = make(session, names, where=where, moment=moment, leaving=form != "table")
        rows = _print(cli, found) if form == "table" else _write(found, form, output)
    if form != "table":
        cli.crm.run(cli.actor, "export.finish", {**said, "rows": rows})
    if output is not None:
        cli.output.say(_("{rows} rows were written to {file}."), rows=rows, file=output)


def _print(cli: Invocation, found: Frame) -> int:
    names = [column.name for column in found.columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.rows()]
    right = ("integer", "decimal", "number", "money")
    columns = [
        Column(column.name, column.name, "right" if column.type.kind in right else "left") for column in found.columns
    ]
    cli.output.table(columns, rows, empty=_("There is no such customer."))
    return len(rows)


def _write(found: Frame, form: Any, output: Path | None) -> int:
    from crmkit.exchange.frames import write_frame

    with _stream(output) as stream:
        return write_frame(found, stream, form)


@contextmanager
def _stream(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with output.open("xb") as stream:
            yield stream
    except FileExistsError:
        raise InvalidInput(
            _('There is a file "{file}" already.'), fix=_("Name another file."), file=output.name
        ) from None
    except OSError as error:
        raise InvalidInput(_("{file} cannot be written: {reason}"), file=output, reason=error.strerror) from None


@command(fact, "materialise", _("Compute facts beforehand for all customers; without names, list those that are."))
@click.argument("names", metavar="FACT…", nargs=-1)
@option("--end", "ended", is_flag=True, help=_("Compute them no longer."))
@option("--refresh", is_flag=True, help=_("Compute them anew now, for the customers of whom something has changed."))
@option("--full", is_flag=True, help=_("With --refresh: for all customers."))
def materialise(cli: Invocation, names: tuple[str, ...], ended: bool, refresh: bool, full: bool) -> None:
    """Have facts materialised, no longer materialised, or computed anew; then print which are."""
    from crmkit.engines.facts.materialising import kept_facts

    if (ended and (not names or refresh)) or (full and not refresh):
        raise UsageError(_("Name the facts to end, or refresh them; --full goes with --refresh."))
    if names:
        cli.run("fact.dematerialise" if ended else "fact.materialise", {"names": list(names)})
    if refresh:
        cli.run("fact.refresh", {"full": full})
    with cli.session() as session:
        rows = [{"name": str(state.ref), "as_of": state.as_of} for state in kept_facts(session)]
    columns = (Column("name", _("Name")), Column("as_of", _("As of")))
    cli.output.table(columns, rows, empty=_("No fact is materialised."))
