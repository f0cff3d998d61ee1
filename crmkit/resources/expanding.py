"""Records that come along with others: what they refer to, and what belongs to them.

Each reference is read for a whole page at once, as the reader may see it: one that he may not is like one that there is
not. Must not know lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import inspect, select

from crmkit.core.store.shown import shown_fields
from crmkit.engines.expressions.mistakes import nearest
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources.query import Row
from crmkit.resources.shapes import ResourceShape, shape_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 12
"""Most names that are expanded at once."""
DEEPEST = 3

ByIds = Callable[["CrmSession", str, Sequence[UUID], Sequence[str]], Mapping[UUID, Row]]
"""Returns the rows of a resource for some ids, with what is expanded of them."""


def check_expansions(session: CrmSession, shape: ResourceShape, names: Sequence[str]) -> None:
    """Return when everything that is to be expanded is there. Raises InvalidInput, which names what is not."""
    if len(names) > MOST:
        raise InvalidInput([Problem("CK500", _("At most {most} at a time."), field="expand", most=MOST)])
    for name in names:
        here = shape
        parts = name.split(".")
        for number, part in enumerate(parts):
            reference = here.references.get(part)
            last = number == len(parts) - 1
            if (reference is None and not (last and part in here.collections)) or number >= DEEPEST:
                close = nearest(part, [*here.references, *here.collections])
                hint = _('Did you mean "{close}"?') if close and close != part else None
                message = _("{name} cannot be expanded.")
                raise InvalidInput([Problem("CK500", message, field="expand", hint=hint, name=name, close=close or "")])
            if reference is not None and reference.refers is not None:
                here = shape_of(session, reference.refers)


def reference_columns(shape: ResourceShape, names: Iterable[str]) -> list[str]:
    """Return the fields that name what is to be expanded."""
    firsts = dict.fromkeys(name.partition(".")[0] for name in names)
    return [shape.references[name].name for name in firsts if name in shape.references]


def expand(session: CrmSession, shape: ResourceShape, rows: Sequence[Row], names: Sequence[str], by_ids: ByIds) -> None:
    """Give rows what is to come along with them; they hold the ids that it is found by."""
    below: dict[str, list[str]] = {}
    for name in names:
        first, _dot, rest = name.partition(".")
        below.setdefault(first, []).extend([rest] if rest else ())
    for first, rest in below.items():
        reference = shape.references.get(first)
        if reference is None:
            found: Mapping[UUID, Any] = _collection(session, shape, first, [row.id for row in rows])
            for row in rows:
                cast("dict[str, Any]", row.expanded)[first] = found.get(row.id, [])
            continue
        ids = {row.values[reference.name] for row in rows} - {None}
        others = by_ids(session, cast(str, reference.refers), sorted(ids), rest) if ids else {}
        for row in rows:
            cast("dict[str, Any]", row.expanded)[first] = others.get(row.values[reference.name])


def _collection(
    session: CrmSession, shape: ResourceShape, name: str, ids: Sequence[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """Return the rows that belong to records, in their order, without the id of the record."""
    relation = inspect(cast(Any, shape.model)).relationships[name]
    ((_own, theirs),) = relation.synchronize_pairs
    model = relation.mapper.class_
    key = relation.mapper.get_property_by_column(theirs).class_attribute
    query = select(model).where(key.in_(ids))
    if relation.order_by:
        query = query.order_by(*relation.order_by)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for record in session.scalars(query) if ids else ():
        shown = {field: value for field, value in shown_fields(record) if field != theirs.key}
        found.setdefault(getattr(record, theirs.key), []).append(shown)
    return found
