"""``crmkit dimension``: what customers are classified by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.definitions import origin_of, show_saved
from crmkit.cli.documents import read_document
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.errors import DefinitionError, Problem
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.definitions.publishing import Defined
    from crmkit.hooks.classification import Dimension

_ = texts("crmkit")

dimension = group(help=_("List and change what customers are classified by."), name="dimension")
"""The group ``crmkit dimension``."""

DECIDERS = {
    "expressions": _("a condition for each label"),
    "value": _("the value of a fact"),
    "cut_points": _("cut points"),
    "quantiles": _("quantiles"),
    "clusters": _("clusters"),
    "pin": _("persons only"),
}
"""What people read for how labels are decided."""
FILE = click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))


@command(dimension, "list", _("List the dimensions and their labels."))
def list_(cli: Invocation) -> None:
    """Print the dimensions by name."""
    from crmkit.engines.definitions.publishing import defined

    with cli.session() as session:
        items = list(defined(session, "dimension", broken=True).values())
    rows = [_row(item) for item in items]
    if not cli.json:
        said = [{"decider": _decided_by(cli, item), "origin": origin_of(cli, item)} for item in items]
        rows = [{**row, **words, "title": cli.text(row["title"])} for row, words in zip(rows, said, strict=True)]
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("labels", _("Labels")),
        Column("decider", _("Decided by")),
        Column("enabled", _("Enabled")),
        Column("origin", _("Origin")),
    )
    cli.output.table(columns, rows)


def _row(item: Defined) -> dict[str, Any]:
    from crmkit.engines.definitions.documents import tag_of

    value = item.value
    return {
        "name": item.name,
        "title": value.title if value is not None else "",
        "labels": [label.name for label in value.labels] if value is not None else [],
        "decider": tag_of(type(value.decider)) if value is not None else None,
        "enabled": item.enabled,
        "origin": item.origin,
        "number": item.number,
        "broken": item.broken,
    }


def _decided_by(cli: Invocation, item: Defined) -> str:
    return cli.text(DECIDERS.get(_row(item)["decider"] or "", ""))


@command(dimension, "show", _("Show a dimension and its versions; with --json what save takes."))
@click.argument("name", metavar="DIMENSION")
@option("--number", type=int, metavar="N", help=_("An earlier version; 0 is the shipped one."))
def show(cli: Invocation, name: str, number: int | None) -> None:
    """Print one dimension."""
    from crmkit.engines.definitions.documents import to_document
    from crmkit.engines.definitions.publishing import find, version, versions

    with cli.session() as session:
        item = find(session, "dimension", name)
        value = item.value if number is None else version(session, "dimension", name, number)
        rows = [
            {"number": each.number, "at": each.recorded_at, "publisher": each.publisher, "note": each.note}
            for each in versions(session, "dimension", name)
        ]
    if value is None:
        raise DefinitionError([Problem(DefinitionError.code, item.broken)])
    if cli.json:
        cli.output.document(to_document(value))
        return
    _describe(cli, item, value)
    cli.output.heading(_("Versions"))
    columns = (("number", _("Version")), ("at", _("When")), ("publisher", _("By")), ("note", _("Note")))
    cli.output.table(columns, rows, empty=_("It is as it was shipped."))


def _describe(cli: Invocation, item: Defined, value: Dimension) -> None:
    from crmkit.engines.definitions.documents import tag_of, to_document

    decider = {name: text for name, text in to_document(value.decider).items() if text}
    cli.output.record(
        [
            (_("Name"), value.name),
            (_("Title"), value.title),
            (_("Description"), value.doc),
            (_("Among"), value.among),
            (_("Decided by"), cli.text(DECIDERS[tag_of(type(value.decider))])),
            *((name, text) for name, text in decider.items()),
            (_("Default"), value.default),
            (_("Stays at least (days)"), value.stay_days),
            (_("Enabled"), item.enabled),
            (_("Origin"), origin_of(cli, item)),
            (_("Problem"), item.broken),
        ]
    )
    cli.output.heading(_("Labels"))
    rows = [{"name": label.name, "title": cli.text(label.title), "when": label.when} for label in value.labels]
    columns = (("name", _("Name")), ("title", _("Title")), ("when", _("Condition")))
    cli.output.table(columns, rows, empty=_("Its labels are whatever values there are."))


@command(dimension, "save", _("Put a dimension into effect, from a file in JSON or TOML as show --json prints it."))
@FILE
@option("--note", metavar="TEXT", default="", help=_("Why it is changed."))
def save(cli: Invocation, file: str, note: str) -> None:
    """Save a dimension and say which version it is."""
    show_saved(cli, cli.run("dimension.save", {"definition": read_document(file), "note": note}), "")


@command(dimension, "enable", _("Turn a dimension on."))
@click.argument("name", metavar="DIMENSION")
def enable(cli: Invocation, name: str) -> None:
    """Turn a dimension on."""
    show_saved(cli, cli.run("dimension.enable", {"name": name}), name)


@command(dimension, "disable", _("Turn a dimension off; customers keep the labels that they have."))
@click.argument("name", metavar="DIMENSION")
def disable(cli: Invocation, name: str) -> None:
    """Turn a dimension off."""
    show_saved(cli, cli.run("dimension.disable", {"name": name}), name)


@command(dimension, "reset", _("Take changes back: as shipped, or gone if it is one of your own."))
@click.argument("name", metavar="DIMENSION")
def reset(cli: Invocation, name: str) -> None:
    """Reset a dimension."""
    show_saved(cli, cli.run("dimension.reset", {"name": name}), name)
