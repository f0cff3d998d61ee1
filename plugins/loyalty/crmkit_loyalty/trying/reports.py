"""The report on a replay: what past months would have given under other rules, kind by kind of points."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Note, Report, Table, texts
from crmkit_loyalty.programs.inputs import ProgramName
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.money import digits_of
from crmkit_loyalty.trying.dry import Version
from crmkit_loyalty.trying.errors import NoRules
from crmkit_loyalty.trying.whatif import Figures, what_if

_ = texts("crmkit_loyalty")


@frozen(kw_only=True)
class ReplayParameters:
    """Which version of the rules is tried, and how many months are replayed."""

    program: ProgramName = ""
    version: Version = ""
    months: Annotated[int, Input(title=_("Months"), minimum=1, maximum=60, classified="internal")] = 12


def replay_rows(session: CrmSession, parameters: ReplayParameters, moment: object) -> Table:
    """Return for each kind of points the books, the rules that count, and those that are tried."""
    if not parameters.program and session.scalar(select(Program.id).limit(1)) is None:
        return Table(rows=[], notes=[Note(text=_("There is no loyalty programme yet"))])
    try:
        found = what_if(session, program=parameters.program, version=parameters.version, months=parameters.months)
    except NoRules:
        if parameters.version:
            raise
        return Table(rows=[], notes=[Note(text=_("There are no rules yet"))])
    digits = digits_of(session)

    def row(key: str, title: str, side: str, figures: Figures) -> dict[str, object]:
        return {
            "key": key,
            "points": title,
            "side": side,
            "given": figures.given,
            "taken_back": figures.taken_back,
            "expired": figures.expired,
            "left": figures.left,
            "cost": round(figures.cost.scaleb(digits)),
            "liability": round(figures.liability.scaleb(digits)),
        }

    rows = [
        row(f"{kind.point_type}.{name}", kind.title, title, figures)
        for kind in found.kinds
        for name, title, figures in (
            ("books", _("In the books"), kind.books),
            ("now", _("Rules that count"), kind.now),
            ("tried", _("Rules that are tried"), kind.tried),
        )
    ]
    notes = [
        Note(
            text=_(
                "{customers} customers: {gainers} get more, {losers} get fewer; {climbed} rise, {fallen} fall a tier."
            ),
            values={
                "customers": found.customers,
                "gainers": found.gainers,
                "losers": found.losers,
                "climbed": found.climbed,
                "fallen": found.fallen,
            },
        )
    ]
    if found.skipped:
        notes.append(Note(text=_("{count} have no exchange rate and are left out."), values={"count": found.skipped}))
    return Table(rows=rows, notes=notes)


REPORTS = [
    Report(
        name="loyalty.what_if",
        title=_("Past months under other rules"),
        rows=replay_rows,
        parameters=ReplayParameters,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="points", title=_("Points")),
            Column(name="side", title=_("By")),
            Column(name="given", title=_("Given"), kind="integer"),
            Column(name="taken_back", title=_("Taken back"), kind="integer", doc=_("For refunds and reversals.")),
            Column(name="expired", title=_("Expired"), kind="integer"),
            Column(name="left", title=_("Left"), kind="integer", doc=_("But for what was spent.")),
            Column(name="cost", title=_("Cost"), kind="money", doc=_("When they are spent.")),
            Column(name="liability", title=_("Liability"), kind="money"),
        ],
        charts=[Chart.bars("side", "given", "left")],
        permission="loyalty.rule_set.read",
        temporal=False,
        doc=_("What the last months would have given under a version of rules, beside what they gave."),
    )
]
