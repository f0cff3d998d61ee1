"""The reports on what a programme brings, and on how its tiers move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Note, Report, Table, texts
from crmkit.i18n import translate
from crmkit_loyalty.effect.comparing import Effect, Group
from crmkit_loyalty.effect.migrating import NONE, migration_of
from crmkit_loyalty.effect.reading import program_effect
from crmkit_loyalty.liability.reports import chosen_program
from crmkit_loyalty.programs.inputs import ProgramName

_ = texts("crmkit_loyalty")

READ = "loyalty.effect.read"
DAYS = 90
NO_TIER = _("None")
FEW = _("Too few customers were followed for so long in one of the groups: nothing can be told.")
NOT_DRAWN = _("Nobody was held out: set the share of the programme, and customers who buy draw lots from then on.")
Days = Annotated[
    int,
    Input(title=_("Days"), help=_("From when a lot was drawn."), minimum=1, maximum=3650, classified="internal"),
]
Margin = Annotated[
    int,
    Input(
        title=_("Margin (%)"),
        help=_("What is left of revenue after the cost of goods. 0: not known."),
        minimum=0,
        maximum=100,
        classified="internal",
    ),
]


@frozen(kw_only=True)
class EffectParameters:
    """Of which programme, and for how long each customer is followed."""

    program: ProgramName = ""
    days: Days = DAYS
    margin: Margin = 0


@frozen(kw_only=True)
class MigrationParameters:
    """Of which programme, and from the end of which day to that of which one."""

    program: ProgramName = ""
    first: Annotated[date | None, Input(title=_("From"), help=_("Empty: a year ago."), classified="internal")] = None
    last: Annotated[date | None, Input(title=_("Through"), help=_("Empty: today."), classified="internal")] = None


def effect_rows(session: CrmSession, parameters: EffectParameters, moment: object) -> Table:
    """Return both groups and the difference."""
    program = chosen_program(session, parameters.program)
    if program is None:
        return Table(rows=[], notes=[Note(text=_("There is no loyalty programme yet"))])
    found = program_effect(session, program, parameters.days, parameters.margin)
    language = session.actor.language or session.business().language

    def row(key: str, title: str, group: Group) -> Mapping[str, Any]:
        mean = group.mean
        return {
            "key": key,
            "group": translate(title, language),
            "customers": group.customers,
            "buyers": group.buyers,
            "mean": _whole(mean.value),
            "low": _whole(mean.low),
            "high": _whole(mean.high),
        }

    rows = [row("members", _("In the programme"), found.members), row("held_out", _("Held out"), found.held_out)]
    for key, title, estimate in (
        ("difference", _("Difference for each customer"), found.difference),
        ("extra", _("Sold more, to all of them"), found.extra),
    ):
        if estimate is not None:
            rows.append(
                {
                    "key": key,
                    "group": translate(title, language),
                    "mean": _whole(estimate.value),
                    "low": _whole(estimate.low),
                    "high": _whole(estimate.high),
                }
            )
    return Table(rows=rows, notes=notes_of(found))


def notes_of(found: Effect) -> list[Note]:
    """Return what there is to say about an effect."""
    if found.difference is None:
        return [Note(text=FEW if found.members.customers or found.held_out.customers else NOT_DRAWN)]
    notes = [
        Note(
            text=_("There is an effect beyond what chance explains.")
            if found.certain
            else _("Chance may explain the difference.")
        )
    ]
    if found.returned is not None:
        values = {
            "value": f"{found.returned.value:+.0%}",
            "low": f"{found.returned.low:+.0%}",
            "high": f"{found.returned.high:+.0%}",
        }
        notes.append(Note(text=_("Return on the cost of points: {value} ({low} to {high})."), values=values))
    return notes


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def migration_rows(session: CrmSession, parameters: MigrationParameters, moment: object) -> Table:
    """Return one row for each tier that members had, with how many have which one now."""
    program = chosen_program(session, parameters.program)
    if program is None:
        return Table(rows=[], notes=[Note(text=_("There is no loyalty programme yet"))])
    last = parameters.last or session.today()
    found = migration_of(session, program, parameters.first or last - timedelta(days=365), last)
    language = session.actor.language or session.business().language
    titles = {NONE: translate(NO_TIER, language), **found.titles}
    rows: list[Mapping[str, Any]] = [
        {
            "tier": before or "-",
            "from": titles[before],
            "customers": found.whole(before),
            **{f"to_{place}": found.counts.get((before, after), 0) for place, after in enumerate(found.tiers) if after},
        }
        for before in found.tiers
        if found.whole(before)
    ]
    columns = [
        Column(name="tier", title=_("Key"), hidden=True),
        Column(name="from", title=_("From")),
        Column(name="customers", title=_("Members"), kind="integer", total=True),
        *(
            Column(name=f"to_{place}", title=titles[after], kind="integer", total=True)
            for place, after in enumerate(found.tiers)
            if after
        ),
    ]
    shown = [f"to_{place}" for place, after in enumerate(found.tiers) if after]
    return Table(rows=rows, columns=columns, charts=[Chart.stack("from", *shown)] if shown else [])


REPORTS = [
    Report(
        name="loyalty.effect",
        title=_("What the programme brings"),
        rows=effect_rows,
        parameters=EffectParameters,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="group", title=_("Group")),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="buyers", title=_("Bought something"), kind="integer"),
            Column(name="mean", title=_("Revenue for each"), kind="money", doc=_("Less refunds, within the days.")),
            Column(name="low", title=_("At least (95%)"), kind="money"),
            Column(name="high", title=_("At most (95%)"), kind="money"),
        ],
        charts=[Chart.bars("group", "mean")],
        permission=READ,
        temporal=False,
        doc=_("What customers of a programme spend more than those who were held out of it by chance."),
    ),
    Report(
        name="loyalty.tier_migration",
        title=_("How tiers move"),
        rows=migration_rows,
        parameters=MigrationParameters,
        columns=[
            Column(name="tier", title=_("Key"), hidden=True),
            Column(name="from", title=_("From")),
            Column(name="customers", title=_("Members"), kind="integer", total=True),
        ],
        permission=READ,
        temporal=False,
        doc=_("Members by the tier that they had, and by the one that they have."),
    ),
]
