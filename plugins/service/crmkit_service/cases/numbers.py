"""Short numbers, such as case 1042: each kind of record counts its own. For all rooms of service."""

from __future__ import annotations

import contextlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession
from crmkit_service.cases.models import CaseCounter

FIRST = 1001
"""The first number: a number of four digits is not taken for a date, a count or a position."""


def next_number(session: CrmSession, name: str, count: int = 1) -> int:
    """Return the next short number of a kind of record, the first of ``count`` that are taken at once.

    Whoever else asks for one of that kind waits until it is kept or given up.
    """
    held = select(CaseCounter).where(CaseCounter.name == name).with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(CaseCounter(name=name, last=FIRST - 1))
        counter = session.scalars(held).one()
    first = counter.last + 1
    counter.last += count
    session.flush()
    return first
