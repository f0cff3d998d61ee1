"""Programmes and their kinds of points: adding and changing them."""

from __future__ import annotations

import re

from sqlalchemy import select

from crmkit import CrmSession, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.inputs import Enrolment, Name, NewPointType, PointTypeUpdate, ProgramUpdate, Title
from crmkit_loyalty.programs.models import PointType, Program

_ = texts("crmkit_loyalty")

MANAGE = "loyalty.program.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@operation("loyalty.program.create", title=_("Add a loyalty programme"), permission=MANAGE, effect="create")
def create_program(session: CrmSession, *, name: Name, title: Title = "", enrolment: Enrolment = "by_hand") -> Program:
    """Add a programme; points, rules, tiers and rewards are added to it. Raises AlreadyExists, InvalidInput for a name
    that is none."""
    _check_name(name)
    if session.scalar(select(Program.id).where(Program.name == name)) is not None:
        raise AlreadyExists(_('There is a loyalty programme "{name}" already.'), name=name)
    made = Program(
        name=name, title=title.strip() or name, enrolment=enrolment, started_at=session.gate.clock.business_now()
    )
    session.add(made)
    return made


@operation("loyalty.program.update", title=_("Change the programme"), permission=MANAGE, effect="update")
def update_program(session: CrmSession, program: Program, changes: ProgramUpdate) -> Program:
    """Change what holds of a programme from now on."""
    for name, value in given(changes).items():
        setattr(program, name, value)
    return program


@operation("loyalty.point_type.create", title=_("Add a kind of points"), permission=MANAGE, effect="create")
def create_point_type(session: CrmSession, new: NewPointType) -> PointType:
    """Add a kind of points to a programme. Raises AlreadyExists, InvalidInput for a name that is none or an expiry
    without months, NotFound."""
    program = program_named(session, new.program)
    _check_name(new.name)
    known = select(PointType.id).where(PointType.program_id == program.id, PointType.name == new.name)
    if session.scalar(known) is not None:
        raise AlreadyExists(_('The programme has points "{name}" already.'), name=new.name)
    made = PointType(
        program_id=program.id,
        name=new.name,
        title=new.title.strip() or new.name,
        spendable=new.spendable,
        transferable=new.transferable,
        pending_days=new.pending_days,
        expiry=new.expiry,
        expiry_months=new.expiry_months,
        expiry_rounding=new.expiry_rounding,
        expiry_month=new.expiry_month,
        expiry_day=new.expiry_day,
        unit_cost=new.unit_cost,
    )
    _check_expiry(made)
    session.add(made)
    return made


@operation("loyalty.point_type.update", title=_("Change the points"), permission=MANAGE, effect="update")
def update_point_type(session: CrmSession, point_type: PointType, changes: PointTypeUpdate) -> PointType:
    """Change what holds of points that are earned from now on. Raises InvalidInput for an expiry without months."""
    for name, value in given(changes).items():
        setattr(point_type, name, value)
    _check_expiry(point_type)
    return point_type


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))


def _check_expiry(kind: PointType) -> None:
    if kind.expiry in ("rolling", "sliding") and kind.expiry_months < 1:
        raise problem("expiry_months", _("Say after how many months they expire: 1 or more."))


OPERATIONS = [create_program, update_program, create_point_type, update_point_type]
