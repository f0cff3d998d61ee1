"""The values of records beyond those of their own plain columns: what is sealed or masked, contact points, tags, facts.

Each is read for a whole page at once. Must not know which records are meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit.core.customers.models import ContactPoint, Customer, CustomerTag
from crmkit.core.store.shown import shown_value
from crmkit.engines.expressions.mistakes import nearest
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of, readable
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources.filters import masked_problem
from crmkit.resources.query import ALL
from crmkit.resources.shapes import CUSTOM, FieldShape, ResourceShape

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@frozen(kw_only=True, eq=False)
class Wanted:
    """The fields that somebody asked for, by how they are read: ``plain`` are columns that the reader sees as they are,
    ``opened`` are read from the record, ``facts`` are computed."""

    names: tuple[str, ...]
    plain: tuple[FieldShape, ...]
    custom: tuple[FieldShape, ...] = ()
    opened: tuple[FieldShape, ...] = ()
    contacts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    facts: Mapping[str, FactRef] = field(factory=dict[str, FactRef])

    @property
    def simple(self) -> bool:
        """Say whether the plain columns are everything."""
        return not (self.custom or self.opened or self.contacts or self.tags or self.facts)


def wanted_of(
    session: CrmSession, shape: ResourceShape, fields: Sequence[str] | None, *, everything: bool = False
) -> Wanted:
    """Return how the fields that are asked for are read; without any those that lists show, or all with ``everything``.

    Raises InvalidInput for a name that there is not, and for a fact that the reader may not read.
    """
    if fields is None:
        fields = (ALL,) if everything else shape.columns
    names: dict[str, FieldShape | FactRef] = {}
    for name in fields:
        if name == ALL:
            names.update((each.name, each) for each in shape.fields if each.source != CUSTOM and "." not in each.name)
        else:
            names[name] = shape.by_name.get(name) or _fact(session, shape, name)
    full = session.level(shape.model, "personal") == "full"
    groups: dict[str, list[FieldShape]] = {"plain": [], "custom": [], "opened": [], "contact": [], "tags": []}
    facts: dict[str, FactRef] = {}
    for name, known in names.items():
        if isinstance(known, FactRef):
            facts[name] = known
        else:
            groups[_group(known, full=full)].append(known)
    return Wanted(
        names=tuple(names),
        plain=tuple(each for each in groups["plain"] if each.name not in ("id", "version")),
        custom=tuple(groups["custom"]),
        opened=tuple(groups["opened"]),
        contacts=tuple(each.name for each in groups["contact"]),
        tags=tuple(each.name for each in groups["tags"]),
        facts=facts,
    )


def _group(known: FieldShape, *, full: bool) -> str:
    if known.source in ("contact", "tags"):
        return known.source
    if known.source == "column":
        return "plain" if full or known.classified in ("public", "internal") else "opened"
    if known.source == CUSTOM and full:
        return "custom"
    return "opened"


def _fact(session: CrmSession, shape: ResourceShape, name: str) -> FactRef:
    catalogue = catalogue_of(session)
    if shape.model is Customer and name.partition("[")[0].strip() in catalogue.facts:
        ref = catalogue.ref(name)
        if not all(readable(session, each) for each in catalogue.closure([ref])):
            raise masked_problem(name, "fields")
        return ref
    close = nearest(name, shape.by_name)
    hint = _('Did you mean "{close}"?') if close else None
    message = _("There is no field {name}.")
    raise InvalidInput([Problem("CK500", message, field="fields", hint=hint, name=name, close=close or "")])


# --- reading ---------------------------------------------------------------------------------------------------------


def records_of(session: CrmSession, model: Any, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Return the records of some ids that the reader may see, masked as the kernel does."""
    found = session.scalars(select(model).where(model.id.in_(ids))) if ids else ()
    return {record.id: record for record in found}


def opened_value(record: Any, known: FieldShape) -> Any:
    """Return a field of a record as it is shown."""
    if known.name.startswith(f"{CUSTOM}."):
        held = cast("Mapping[str, Any]", shown_value(record, CUSTOM))
        return held.get(known.name.removeprefix(f"{CUSTOM}."))
    return shown_value(record, known.name)


def beside(session: CrmSession, wanted: Wanted, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what is known of customers beside their own columns."""
    found: dict[UUID, dict[str, Any]] = {
        identity: {**dict.fromkeys(wanted.contacts), **{name: [] for name in wanted.tags}} for identity in ids
    }
    if wanted.contacts and ids:
        for point in _points(session, wanted.contacts, ids):
            held = found[point.customer_id]
            if held[point.kind] is None:
                held[point.kind] = shown_value(point, "value")
    if wanted.tags and ids:
        query = select(CustomerTag).where(CustomerTag.customer_id.in_(ids)).order_by(CustomerTag.name)
        for tag in session.scalars(query):
            name = "tags" if tag.kind == "tag" else "interests"
            if name in wanted.tags:
                found[tag.customer_id][name].append(tag.name)
    if wanted.facts and ids:
        values = values_of(session, wanted.facts.values(), ids, moment_of(session), check=False)
        for identity, held in found.items():
            own = values.get(identity, {})
            held.update((name, own.get(ref)) for name, ref in wanted.facts.items())
    return found


def _points(session: CrmSession, kinds: Iterable[str], ids: Sequence[UUID]) -> Iterable[ContactPoint]:
    """Return contact points, of each customer and kind the preferred one first."""
    order = (ContactPoint.preferred.desc(), ContactPoint.position, ContactPoint.id)
    query = select(ContactPoint).where(ContactPoint.customer_id.in_(ids), ContactPoint.kind.in_(tuple(kinds)))
    return session.scalars(query.order_by(*order)).all()
