"""Which scoring counts for facts. Must not use mapped classes in a select: facts are not the reader's."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import and_, select

from crmkit import FactQuery
from crmkit_value.scoring.models import Scoring

_TABLE = cast(Any, Scoring).__table__


def counting(kind: str, query: FactQuery) -> Any:
    """Return, for facts, the id of the scoring that counts at the two times of a query, as a subquery of one value."""
    table = _TABLE.alias()
    done = and_(table.c.kind == kind, table.c.state == "done")
    known = and_(table.c.as_of <= query.as_of, table.c.recorded_at <= query.known_at)
    newest = select(table.c.id).where(done, known).order_by(table.c.as_of.desc(), table.c.recorded_at.desc())
    return newest.limit(1).scalar_subquery()
