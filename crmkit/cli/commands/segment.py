"""``crmkit segment``: named groups of customers, what they come to, and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.definitions import show_saved
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.errors import InvalidInput, UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.engines.facts.moments import Moment
    from crmkit.engines.segments.membership import Found

_ = texts("crmkit")

segment = group(help=_("List, count and compare groups of customers."), name="segment")
"""The group ``crmkit segment``."""

WHERE = _('A condition over facts: purchase.count >= 3 and customer.city in ["上海"].')
AS_OF = _("As things stood at the end of a day, or at an instant.")
FORMS = ("csv", "json", "jsonl", "xlsx")
"""The forms of an exported file."""


@command(segment, "list", _("List the segments."))
def list_(cli: Invocation) -> None:
    """Print the segments by name."""
    from sqlalchemy import select

    from crmkit.engines.definitions.publishing import defined
    from crmkit.engines.segments.tables import SegmentFreeze

    with cli.session() as session:
        kept = {row.segment: row.frozen_at for row in session.scalars(select(SegmentFreeze))}
        rows = [
            {
                "name": name,
                "title": cli.text(item.value.title) if item.value is not None else None,
                "where": item.value.where if item.value is not None else None,
                "enabled": item.enabled,
                "frozen_at": kept.get(name),
                "origin": item.origin,
                "plugin": item.plugin,
                "number": item.number,
                "problem": item.broken or None,
            }
            for name, item in sorted(defined(session, "segment", broken=True).items())
        ]
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("enabled", _("On")),
        Column("frozen_at", _("Frozen at")),
        Column("where", _("Condition")),
    )
    cli.output.table(columns, rows, empty=_("There is no segment."))


@command(segment, "show", _("Show a segment: its condition, what it comes to, and how it has moved."))
@click.argument("name", metavar="SEGMENT")
def show(cli: Invocation, name: str) -> None:
    """Print a segment with its size, worth and stability."""
    from crmkit.cli.charts import line
    from crmkit.cli.segments import percent, size_document, worth_pairs
    from crmkit.engines.facts.vocabulary import catalogue_of
    from crmkit.engines.segments.figures import condition, size, stability, worth
    from crmkit.engines.segments.resolving import class_of, find_segment, is_frozen, protected_among

    with cli.session() as session:
        moment = _moment(session, None)
        item = find_segment(session, name)
        where = condition(session, name)
        catalogue = catalogue_of(session)
        refs = catalogue.closure(sorted(catalogue.checked(item.value.where).facts))
        protected, kept = protected_among(session, refs), is_frozen(session, name)
        found, value, past = size(session, where, moment), worth(session, where, moment), stability(session, name)
        classified = class_of(session, item.value)
        words = catalogue.checked(item.value.where).words(cli.language)
    document = {
        "name": name,
        "title": cli.text(item.value.title),
        "doc": cli.text(item.value.doc),
        "where": item.value.where,
        "words": words,
        "justification": item.value.justification,
        "enabled": item.enabled,
        "frozen": kept,
        "origin": item.origin,
        "plugin": item.plugin,
        "number": item.number,
        "publisher": item.publisher,
        "published_at": item.published_at,
        "class": classified,
        "facts": refs,
        "protected": protected,
        **size_document(found),
        "worth": value,
        "stability": past,
    }
    cli.output.record(
        [
            (_("Name"), name),
            (_("Title"), document["title"]),
            (_("Description"), document["doc"]),
            (_("Condition"), item.value.where),
            (_("In words"), words),
            (_("On"), item.enabled),
            (_("Frozen"), kept or None),
            (_("Protected facts"), protected),
            (_("Justification"), item.value.justification),
            (_("Field class"), classified),
            (_("Customers"), found.count),
            (_("Part of all"), percent(found.share)),
            *worth_pairs(value),
            (_("Members, run by run"), line([each.members for each in past]) if len(past) > 1 else None),
        ],
        json=document,
    )


@command(segment, "count", _("Count the customers of a segment, or for whom a condition holds."))
@click.argument("name", metavar="SEGMENT", required=False)
@option("--where", metavar="EXPRESSION", help=WHERE)
@option("--as-of", "as_of", metavar="DAY", help=AS_OF)
@option("--all", "everybody", is_flag=True, help=_("Everybody, not those alone whom you may see; needs report.all."))
def count(cli: Invocation, name: str | None, where: str | None, as_of: str | None, everybody: bool) -> None:
    """Print how many there are, of how many."""
    from crmkit.cli.segments import percent, size_document
    from crmkit.engines.segments.figures import condition, size

    with cli.session() as session:
        moment = _moment(session, as_of)
        found = size(session, condition(session, name, where), moment, everybody=everybody)
    cli.output.record(
        [(_("Customers"), found.count), (_("Of"), found.total), (_("Part of all"), percent(found.share))],
        json={**size_document(found), "as_of": moment.as_of},
    )


@command(segment, "sample", _("Show some customers of a segment, as if drawn by lot."))
@click.argument("name", metavar="SEGMENT", required=False)
@option("--where", metavar="EXPRESSION", help=WHERE)
@option("--as-of", "as_of", metavar="DAY", help=AS_OF)
@option("--limit", type=click.IntRange(1, 1000), metavar="N", default=10, help=_("At most so many (10)."))
def sample(cli: Invocation, name: str | None, where: str | None, as_of: str | None, limit: int) -> None:
    """Print some customers; the same ones each time."""
    from crmkit.cli.customers import list_columns, list_row
    from crmkit.engines.segments.figures import condition, sample as draw

    with cli.session() as session:
        columns = list_columns(session, None)
        moment = _moment(session, as_of)
        rows = [list_row(session, each) for each in draw(session, condition(session, name, where), moment, limit)]
    cli.output.table(columns, rows, empty=_("There is no such customer."))


@command(segment, "overlap", _("Compare segments: how many customers they share, and the Jaccard index."))
@click.argument("names", metavar="SEGMENT…", nargs=-1)
@option("--as-of", "as_of", metavar="DAY", help=AS_OF)
def overlap(cli: Invocation, names: tuple[str, ...], as_of: str | None) -> None:
    """Print the matrix of Jaccard indices."""
    from crmkit.cli.segments import show_overlap
    from crmkit.engines.segments.figures import overlap as compare
    from crmkit.engines.segments.resolving import all_segments

    with cli.session() as session:
        found = compare(session, names or sorted(all_segments(session)), _moment(session, as_of))
    show_overlap(cli, found)


@command(segment, "reach", _("Count whom of a segment one may address, by channel."))
@click.argument("name", metavar="SEGMENT", required=False)
@option("--where", metavar="EXPRESSION", help=WHERE)
@option("--purpose", metavar="PURPOSE", default="marketing", help=_("The purpose that they agreed to (marketing)."))
def reach(cli: Invocation, name: str | None, where: str | None, purpose: str) -> None:
    """Print for each channel how many have agreed, and have a contact point."""
    from crmkit.cli.segments import REACH, reach_rows
    from crmkit.engines.segments.figures import condition, reach as told, size

    with cli.session() as session:
        chosen, moment = condition(session, name, where), _moment(session, None)
        found, number = told(session, chosen, moment, purpose), size(session, chosen, moment).count
    cli.output.table(REACH, reach_rows(found, number), more={"purpose": purpose, "count": number})


@command(segment, "why", _("Say why a customer is in a segment or not, condition by condition."))
@click.argument("name", metavar="SEGMENT")
@click.argument("customer")
@option("--as-of", "as_of", metavar="DAY", help=AS_OF)
def why(cli: Invocation, name: str, customer: str, as_of: str | None) -> None:
    """Print each part of the condition with what the customer has."""
    from crmkit.cli.naming import find_customer
    from crmkit.engines.segments.explaining import why as explain

    with cli.session() as session:
        target = find_customer(session, customer).id
        found = explain(session, name, target, _moment(session, as_of), language=cli.language)
    if cli.json:
        cli.output.document(found)
        return
    cli.output.record(
        [
            (_("Segment"), name),
            (_("Belongs to it"), found.belongs),
            (_("Frozen"), found.frozen or None),
            (_("Since"), next((each.since for each in found.history if each.until is None), None)),
        ]
    )
    rows = [
        {
            "part": "· " * each.depth + each.words,
            "holds": "✓" if each.holds else "✗",
            "facts": ", ".join(f"{ref} = {cli.output.show(value) or '–'}" for ref, value in each.facts.items()),
        }
        for each in found.reasons
    ]
    if rows:
        columns = (Column("holds", ""), Column("part", _("Condition")), Column("facts", _("The customer has")))
        cli.output.table(columns, rows)


@command(segment, "stability", _("Show how a segment has moved from run to run."))
@click.argument("name", metavar="SEGMENT")
@option("--limit", type=click.IntRange(1, 1000), metavar="N", default=30, help=_("At most so many runs (30)."))
def stability(cli: Invocation, name: str, limit: int) -> None:
    """Print members, who entered and who is gone, run by run."""
    from crmkit.cli.charts import bar
    from crmkit.cli.segments import percent
    from crmkit.engines.segments.figures import stability as standings

    with cli.session() as session:
        found = standings(session, name, limit=limit)
    most = max((each.members for each in found), default=0)
    rows: list[dict[str, Any]] = [
        {
            "as_of": each.as_of,
            "members": each.members,
            "entered": each.entered,
            "gone": each.gone,
            "kept": each.kept if cli.json else percent(each.kept),
            "redefined": each.redefined,
            "bar": bar(each.members, most),
        }
        for each in found
    ]
    columns = (
        Column("as_of", _("As of")),
        Column("members", _("Members"), "right"),
        Column("entered", _("Entered"), "right"),
        Column("gone", _("Gone"), "right"),
        Column("kept", _("Stayed"), "right"),
        Column("redefined", _("Condition changed")),
        Column("bar", ""),
    )
    cli.output.table(columns, rows, empty=_("No run has looked who belongs to it yet: crmkit segment run does."))


# --- changing --------------------------------------------------------------------------------------------------------


@command(segment, "save", _("Save a segment; with --preview only show what it would be."))
@click.argument("name", metavar="SEGMENT")
@option("--where", metavar="EXPRESSION", help=WHERE)
@option("--title", metavar="TEXT", help=_("What people read."))
@option("--doc", metavar="TEXT", help=_("What it is for."))
@option("--justification", metavar="TEXT", help=_("Why protected facts may decide, such as gender or age."))
@option("--note", metavar="TEXT", default="", help=_("What this version is about."))
@option("--preview", is_flag=True, help=_("Show size, worth, reach, overlaps and who would move, and save nothing."))
@option("--purpose", metavar="PURPOSE", default="marketing", help=_("The purpose of the reach shown (marketing)."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def save(
    cli: Invocation,
    name: str,
    where: str | None,
    title: str | None,
    doc: str | None,
    justification: str | None,
    note: str,
    preview: bool,
    purpose: str,
    key: str | None,
) -> None:
    """Save a segment or preview it; what is not given stays as it is."""
    from attrs import asdict, evolve

    from crmkit.cli.segments import show_preview
    from crmkit.engines.segments.previewing import preview as look
    from crmkit.engines.segments.resolving import all_segments
    from crmkit.hooks.segments import Segment

    given = {"where": where, "title": title, "doc": doc, "justification": justification}
    changes = {field: value for field, value in given.items() if value is not None}
    with cli.session() as session:
        known = all_segments(session).get(name)
        if known is None and where is None:
            raise UsageError(_("A new segment needs --where."))
        value = known.value if known is not None else Segment(name=name, title=title or name, where=where or "")
        value = evolve(value, **changes)
        if preview:
            show_preview(cli, look(session, value, _moment(session, None), purpose=purpose), purpose)
            return
    show_saved(cli, cli.run("segment.save", {**asdict(value), "note": note}, key=key), name)


def _changing(verb: str, help_: str) -> None:
    @command(segment, verb, help_)
    @click.argument("name", metavar="SEGMENT")
    def change(cli: Invocation, name: str) -> None:
        """Run the operation and print its result."""
        result = cli.run(f"segment.{verb}", {"name": name})
        if verb in ("freeze", "thaw") and not cli.json:
            _show_runs(cli, [result])
        elif cli.json:
            show_result(cli, result)
        else:
            show_saved(cli, result, name)


_changing("enable", _("Turn a segment on."))
_changing("disable", _("Turn a segment off: nobody enters or leaves it."))
_changing("freeze", _("Keep the present members of a segment, whatever becomes of them."))
_changing("thaw", _("Let a frozen segment's condition decide again."))


@command(segment, "reset", _("Take back what was changed of a segment; one of your own is removed."))
@click.argument("name", metavar="SEGMENT")
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
def reset(cli: Invocation, name: str, yes: bool) -> None:
    """Reset a segment after asking."""
    confirm(cli, _("Take back what was changed of the segment {name}?"), yes=yes, name=name)
    show_saved(cli, cli.run("segment.reset", {"name": name}), name)


@command(segment, "run", _("Find out who belongs to segments now, and note who entered and left."))
@click.argument("names", metavar="SEGMENT…", nargs=-1)
def run(cli: Invocation, names: tuple[str, ...]) -> None:
    """Run all segments that are on, or those that are named."""
    _show_runs(cli, cli.run("segment.run", {"names": names}))


def _show_runs(cli: Invocation, found: Sequence[Found]) -> None:
    from attrs import asdict

    rows = [asdict(each) for each in found]
    columns = (
        Column("segment", _("Segment")),
        Column("members", _("Members"), "right"),
        Column("entered", _("Entered"), "right"),
        Column("gone", _("Gone"), "right"),
        Column("problem", _("Problem")),
    )
    cli.output.table(columns, rows, empty=_("There is no segment."))


@command(segment, "export", _("Write the customers of a segment to a file: those that you may see and export."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("name", metavar="SEGMENT", required=False)
@option("--where", metavar="EXPRESSION", help=WHERE)
@option("--fact", "facts", multiple=True, metavar="FACT", help=_("A column beside the id; may be given several times."))
@option("--consent", metavar="PURPOSE/CHANNEL", help=_("Only those who have agreed: marketing/email."))
@option("--format", "form", type=click.Choice(FORMS), help=_("Form of the file; else by its ending."))
def export(
    cli: Invocation,
    file: Path,
    name: str | None,
    where: str | None,
    facts: tuple[str, ...],
    consent: str | None,
    form: str | None,
) -> None:
    """Write the file; who took what out is audited before it is written."""
    from crmkit.cli.segments import write_rows

    form = form or file.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise UsageError(_("Name a file that ends in .csv, .json, .jsonl or .xlsx, or give --format."))
    if file.exists():
        raise InvalidInput(_('There is a file "{file}" already.'), fix=_("Name another file."), file=file.name)
    given = {"name": name, "where": where, "facts": facts, "consent": consent}
    exported = cli.run("segment.export", given)
    try:
        with cli.session() as session:
            rows = write_rows(file, form, exported.columns, exported.rows(session))
    except OSError as error:
        raise InvalidInput(_("{file} cannot be written: {reason}"), file=file, reason=error.strerror) from None
    if cli.json:
        cli.output.document({"file": file, "rows": rows, "columns": exported.columns})
    else:
        cli.output.say(_("{rows} rows were written to {file}."), rows=rows, file=file)


def _moment(session: CrmSession, as_of: str | None) -> Moment:
    from crmkit.cli.values import instant
    from crmkit.engines.facts.moments import moment_of

    zone = session.crm.config.get(session).zone
    return moment_of(session, None if as_of is None else instant(as_of, zone, name="--as-of"))
