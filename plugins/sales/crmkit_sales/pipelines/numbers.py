"""Short numbers, such as opportunity 1042: each kind of record counts its own. For all rooms of sales."""

from __future__ import annotations

import contextlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession
from crmkit_sales.pipelines.pipeline_models import Counter


def next_number(session: CrmSession, name: str, count: int = 1) -> int:
    """Return the next short number of a kind of record, the first of ``count`` that are taken at once.

    Whoever else asks for one of that kind waits until it is kept or given up.
    """
    held = select(Counter).where(Counter.name == name).with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(Counter(name=name, last=0))
        counter = session.scalars(held).one()
    first = counter.last + 1
    counter.last += count
    session.flush()
    return first
