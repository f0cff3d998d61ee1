"""The reports on what points cost: the roll-forward that balances, and what becomes of points by quarter and age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Note, Report, Table, texts
from crmkit.i18n import translate
from crmkit_loyalty.ledger.words import KINDS, SIDES
from crmkit_loyalty.liability.balancing import RollForward, roll_forward
from crmkit_loyalty.liability.estimating import Liability, liability_of
from crmkit_loyalty.programs.finding import program_named, type_named, types_of
from crmkit_loyalty.programs.inputs import ProgramName, TypeName
from crmkit_loyalty.programs.models import PointType, Program

_ = texts("crmkit_loyalty")

READ = "loyalty.liability.read"
PRUDENT = _("Too little has happened for an estimate: all points are taken to be redeemed.")
SEEN = _("Counted are the accounts that you may see.")
From = Annotated[date | None, Input(title=_("From"), help=_("Empty: from the beginning."), classified="internal")]
Until = Annotated[date | None, Input(title=_("Through"), help=_("Empty: today."), classified="internal")]


@frozen(kw_only=True)
class LiabilityParameters:
    """Of which programme, and from which day through which."""

    program: ProgramName = ""
    first: From = None
    last: Until = None


@frozen(kw_only=True)
class BreakageParameters:
    """Of which points, and at the end of which day."""

    program: ProgramName = ""
    points: TypeName = ""
    last: Until = None


@frozen(kw_only=True)
class Owed:
    """What came and went of a kind of points, and what is left of it will cost."""

    moved: RollForward
    cost: Liability


def chosen_program(session: CrmSession, name: str) -> Program | None:
    """Return a programme by its name, without one the first there is; None where there is none. Raises NotFound for a
    name that none has."""
    if name:
        return program_named(session, name)
    return session.scalars(select(Program).order_by(Program.active.desc(), Program.created_at, Program.id)).first()


def owed_by(session: CrmSession, program: Program, first: date | None, last: date | None) -> list[Owed]:
    """Return what came and went of the points of a programme that can be spent, and what they will cost."""
    kinds = [each for each in types_of(session, program.id) if each.spendable]
    until = last or session.today()
    moved = roll_forward(session, kinds, first or date(1970, 1, 1), until)
    return [Owed(moved=each, cost=liability_of(session, each.kind, until)) for each in moved]


def lines_of(owed: Owed) -> list[tuple[str, str, int | None, int | None]]:
    """Return the lines of a kind of points: name, title, points, and cost in minor units."""
    moved, cost = owed.moved, owed.cost
    lines: list[tuple[str, str, int | None, int | None]] = [("opening", _("At the beginning"), moved.opening, None)]
    lines += [(kind, KINDS[kind], points, None) for kind, points in moved.moved.items()]
    lines.append(("closing", _("At the end"), moved.closing, None))
    lines += [(side, SIDES[side], points, None) for side, points in moved.sides.items()]
    if moved.owed:
        lines.append(("owed", _("Owed by members, in these"), -moved.owed, None))
    lines.append(("programme", _("Difference to the programme's sides"), moved.against_programme, None))
    if moved.against_balances is not None:
        lines.append(("balances", _("Difference to the balances"), moved.against_balances, None))
    if moved.against_lots is not None:
        lines.append(("lots", _("Difference to the lots"), moved.against_lots, None))
    share = cost.share
    lines.append(("cost", _("If all were redeemed"), cost.points, cost.cost_minor))
    lines.append(("expected", _("Expected to be redeemed"), _points(cost, share.value), round(cost.expected.value)))
    if cost.estimated:
        lines.append(("low", _("At least (95%)"), _points(cost, share.low), round(cost.expected.low)))
        lines.append(("high", _("At most (95%)"), _points(cost, share.high), round(cost.expected.high)))
    return lines


def _points(cost: Liability, share: float) -> int:
    return round(cost.points * share)


def liability_rows(session: CrmSession, parameters: LiabilityParameters, moment: object) -> Table:
    """Return the lines of each kind of points."""
    program = chosen_program(session, parameters.program)
    if program is None:
        return Table(rows=[], notes=[Note(text=_("There is no loyalty programme yet"))])
    language = session.actor.language or session.business().language
    found = owed_by(session, program, parameters.first, parameters.last)
    rows: list[Mapping[str, Any]] = [
        {
            "key": f"{each.moved.kind.name}.{name}",
            "title": each.moved.kind.title,
            "line": translate(title, language),
            "points": points,
            "cost": cost,
        }
        for each in found
        for name, title, points, cost in lines_of(each)
    ]
    notes = [Note(text=SEEN)]
    if any(not each.cost.estimated for each in found):
        notes.append(Note(text=PRUDENT))
    return Table(rows=rows, notes=notes)


def breakage_rows(session: CrmSession, parameters: BreakageParameters, moment: object) -> Table:
    """Return what became of the points of each quarter, and the shares redeemed and gone by age."""
    program = chosen_program(session, parameters.program)
    kind = _kind(session, program, parameters.points)
    if kind is None:
        return Table(rows=[], notes=[Note(text=_("There are no points"))])
    found = liability_of(session, kind, parameters.last or session.today())
    rows = [
        {
            "quarter": each.quarter,
            "earned": each.earned,
            "redeemed": each.redeemed,
            "expired": each.expired,
            "taken_back": each.taken_back,
            "left": each.left,
            "breakage": each.breakage.value,
            "low": each.breakage.low,
            "high": each.breakage.high,
        }
        for each in found.cohorts
    ]
    notes = [Note(text=SEEN)]
    if not found.estimated:
        notes.append(Note(text=PRUDENT))
    return Table(rows=rows, notes=notes)


def age_rows(session: CrmSession, parameters: BreakageParameters, moment: object) -> Table:
    """Return which shares of points were redeemed and gone by the months since they were earned."""
    program = chosen_program(session, parameters.program)
    kind = _kind(session, program, parameters.points)
    found = liability_of(session, kind, parameters.last or session.today()) if kind is not None else None
    rows: Sequence[Mapping[str, Any]] = [
        {
            "month": each.month,
            "at_risk": each.at_risk,
            "redeemed": each.redeemed,
            "low": each.low,
            "high": each.high,
            "gone": each.gone,
        }
        for each in (found.ages if found is not None else ())
    ]
    return Table(rows=rows, notes=[Note(text=SEEN)] if rows else [Note(text=PRUDENT)])


def _kind(session: CrmSession, program: Program | None, name: str) -> PointType | None:
    if program is None:
        return None
    if name:
        return type_named(session, program, name)
    return next((each for each in types_of(session, program.id) if each.spendable), None)


_BROKEN = _("Share of the points not taken back that is never redeemed: what expired, and what is expected to.")
REPORTS = [
    Report(
        name="loyalty.liability",
        title=_("What points will cost"),
        rows=liability_rows,
        parameters=LiabilityParameters,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="title", title=_("Points")),
            Column(name="line", title=_("Line")),
            Column(name="points", title=_("Number"), kind="integer"),
            Column(name="cost", title=_("Cost"), kind="money"),
        ],
        charts=[Chart.bars("line", "points")],
        permission=READ,
        temporal=False,
        doc=_("What came and went of points, whether the books agree to the point, and what is left will cost."),
    ),
    Report(
        name="loyalty.breakage",
        title=_("What becomes of points"),
        rows=breakage_rows,
        parameters=BreakageParameters,
        columns=[
            Column(name="quarter", title=_("Earned in")),
            Column(name="earned", title=_("Earned"), kind="integer", total=True),
            Column(name="redeemed", title=_("Redeemed"), kind="integer", total=True),
            Column(name="expired", title=_("Expired"), kind="integer", total=True),
            Column(name="taken_back", title=_("Taken back"), kind="integer", total=True),
            Column(name="left", title=_("Left"), kind="integer", total=True),
            Column(name="breakage", title=_("Breakage"), kind="share", doc=_BROKEN),
            Column(name="low", title=_("At least (95%)"), kind="share"),
            Column(name="high", title=_("At most (95%)"), kind="share"),
        ],
        charts=[Chart.stack("quarter", "redeemed", "expired", "taken_back", "left")],
        permission=READ,
        temporal=False,
        doc=_("By the quarter in which points were earned: what became of them, and what never will be redeemed."),
    ),
    Report(
        name="loyalty.redemption_age",
        title=_("When points are redeemed"),
        rows=age_rows,
        parameters=BreakageParameters,
        columns=[
            Column(name="month", title=_("Months since"), kind="integer"),
            Column(name="at_risk", title=_("Points followed"), kind="integer"),
            Column(name="redeemed", title=_("Redeemed"), kind="share"),
            Column(name="low", title=_("At least (95%)"), kind="share"),
            Column(name="high", title=_("At most (95%)"), kind="share"),
            Column(name="gone", title=_("Expired or taken back"), kind="share"),
        ],
        charts=[Chart.lines("month", "redeemed", "low", "high", "gone")],
        permission=READ,
        temporal=False,
        doc=_("Which share of points is redeemed, and which is gone, by the months since they were earned."),
    ),
]
