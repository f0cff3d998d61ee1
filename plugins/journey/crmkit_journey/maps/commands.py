"""``crmkit journey maps``: maps as files, and how far reality agrees with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmkit import InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_journey")

ABOUT = ("name", "title", "description")


def add_to(above: click.Group) -> None:
    """Add the commands to those of journey."""
    maps = group(help=_("Maps: what customers live through, stage by stage."), name="maps")
    above.add_command(maps)

    @command(maps, "list", _("List the maps."))
    def list_(cli: Invocation) -> None:
        """Print the maps."""
        from crmkit_journey.maps.finding import maps as all_maps

        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("revision", _("Revision"), align="right"),
        )
        with cli.session() as session:
            rows = [{"name": each.name, "title": each.title, "revision": each.revision} for each in all_maps(session)]
        cli.output.table(columns, rows, empty=_("There is none yet."))

    @command(maps, "install", _("Add the maps that come along."))
    def install(cli: Invocation) -> None:
        """Add what is not there yet, and print the names."""
        made = cli.crm.run(cli.actor, "journey.map.install")
        cli.output.table(
            (Column("name", _("Name")),), [{"name": each} for each in made], empty=_("All of them are there.")
        )

    @command(maps, "export", _("Print a map as YAML."))
    @click.argument("name")
    def export(cli: Invocation, name: str) -> None:
        """Print a map."""
        from crmkit.exchange.yaml_files import as_yaml
        from crmkit_journey.maps.content import document_of
        from crmkit_journey.maps.finding import content, map_named

        with cli.session() as session:
            found = map_named(session, name)
            document = document_of(content(session, found))
            about = {"name": found.name, "title": found.title, "description": found.description or ""}
        if cli.output.json:
            cli.output.document({**about, **document})
        else:
            click.echo(as_yaml({**about, **document}), nl=False)

    @command(maps, "apply", _("Make a map what a file says; a new one is added."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--dry-run", is_flag=True, help=_("Say what would change, and write nothing."))
    def apply(cli: Invocation, file: Path, dry_run: bool) -> None:
        """Apply a file, as a whole or not at all, and print what differs."""
        from sqlalchemy import select

        from crmkit_journey.maps.content import MapContent, compared, content_of, document_of
        from crmkit_journey.maps.finding import content
        from crmkit_journey.maps.models import JourneyMap

        about, document = _read(file)
        new = content_of(document)
        with cli.session() as session:
            found = session.scalars(select(JourneyMap).where(JourneyMap.name == about["name"])).first()
            old = MapContent() if found is None else content(session, found)
            target = None if found is None else found.id
        differences = compared(old, new)
        if not dry_run:
            with cli.crm.transaction(cli.actor) as session:
                given = {"title": about["title"] or about["name"], "description": about["description"]}
                if target is None:
                    values = {"name": about["name"], "document": document_of(new), **given}
                    session.run("journey.map.create", values)
                else:
                    session.run("journey.map.update", given, target=target)
                    session.run("journey.map.save", {"document": document_of(new)}, target=target)
        columns = (Column("place", _("Where")), Column("before", _("Before")), Column("now", _("Now")))
        rows = [{"place": place, "before": before, "now": now} for place, before, now in differences]
        cli.output.table(columns, rows, more={"dry_run": dry_run}, empty=_("Nothing changes."))

    @command(maps, "check", _("Say how far what customers really did agrees with a map."))
    @click.argument("name")
    @option("--days", type=click.IntRange(1, 3650), default=90, help=_("Of so many days up to today."))
    def check(cli: Invocation, name: str, days: int) -> None:
        """Print the fitness, the stages and what went otherwise."""
        from datetime import timedelta

        from crmkit_journey.discovery.words import LogChoice
        from crmkit_journey.maps.figures import conformance, figures
        from crmkit_journey.maps.finding import content, map_named

        with cli.session() as session:
            shown = content(session, map_named(session, name))
            today = session.today()
            since = today - timedelta(days=days - 1)
            held = conformance(session, shown, LogChoice(activity="kind", since=since, until=today))
            counted = figures(session, shown, since, today)
        stages = [
            {"name": each.name, "customers": each.customers, "went_on": each.went_on, "days": each.days}
            for each in counted.stages
        ]
        deviations = [
            {"wrong": each.wrong, "what": list(each.what), "count": each.count, "cases": each.cases}
            for each in held.deviations
        ]
        if cli.output.json:
            cli.output.document(
                {
                    "events": held.events,
                    "explained": held.explained,
                    "fitness": held.fitness,
                    "cases": held.cases,
                    "fitting": held.fitting,
                    "stages": stages,
                    "deviations": deviations,
                }
            )
            return
        cli.output.record(
            [
                (_("Interactions"), held.events),
                (_("Explained"), held.explained),
                (_("Customers"), held.cases),
                (_("Went as drawn"), held.fitting),
            ]
        )
        cli.output.table(
            (
                Column("name", _("Stage")),
                Column("customers", _("Customers"), align="right"),
                Column("went_on", _("Went on"), align="right"),
            ),
            stages,
        )
        rows = [{**each, "what": " → ".join(each["what"])} for each in deviations]
        cli.output.table(
            (
                Column("wrong", _("Otherwise")),
                Column("what", _("What")),
                Column("count", _("How often"), align="right"),
                Column("cases", _("Customers"), align="right"),
            ),
            rows,
            empty=_("Nothing went otherwise."),
        )


def _read(file: Path) -> tuple[dict[str, str], dict[str, Any]]:
    from crmkit.exchange.yaml_files import read_yaml

    try:
        text = file.read_text("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        problem = Problem(InvalidInput.code, _("{file} is no text in UTF-8."), field="FILE", file=file.name)
        raise InvalidInput([problem]) from error
    found = dict(read_yaml(text, "file"))
    about = {name: str(found.pop(name, "") or "") for name in ABOUT}
    if not about["name"]:
        raise InvalidInput([Problem(InvalidInput.code, _("A map needs a name."), field="name")])
    return about, found
