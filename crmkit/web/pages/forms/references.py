"""What an id of a form refers to: how such a record is called, and which ones a text may mean.

Everything is read as the caller: what somebody may not see has no name and is not found. Must not know forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit.core.access.models import Role, Team, User
from crmkit.core.business.models import CustomField
from crmkit.core.customers.models import ContactPoint, Customer, Relationship
from crmkit.core.operations.tables import JobRecord
from crmkit.core.store.ids import parse_id
from crmkit.core.store.infos import field_info
from crmkit.core.store.sealed import Masked
from crmkit.errors import CrmkitError
from crmkit.i18n import Text, texts
from crmkit.resources import ResourceQuery, list_records, shape_of
from crmkit.web.pages.forms.model import Choice

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

FEW = 40
"""Records of a kind that are offered as a plain list."""
LIMIT = 8
_NAMES = ("title", "name", "subject", "filename", "serial", "number", "sku", "label")


@frozen(kw_only=True)
class Referred:
    """A kind of record that an id may refer to: its model, and the fields that it is called by, the first one that has
    something. ``beside`` is shown after the name."""

    resource: str
    title: str
    model: type[Any]
    names: tuple[str, ...] = field(converter=tuple)
    beside: tuple[str, ...] = ()
    active: bool = False
    """Whether only those that are active are offered."""


_KERNEL: Mapping[str, Referred] = {
    each.resource: each
    for each in (
        Referred(resource="user", title=_("User"), model=User, names=("name",), beside=("login",), active=True),
        Referred(resource="team", title=_("Team"), model=Team, names=("name",), active=True),
        Referred(resource="role", title=_("Role"), model=Role, names=("title", "name"), active=True),
        Referred(resource="custom_field", title=_("Custom field"), model=CustomField, names=("title", "name")),
        Referred(resource="contact_point", title=_("Contact point"), model=ContactPoint, names=("value", "kind")),
        Referred(resource="relationship", title=_("Relationship"), model=Relationship, names=("kind",)),
        Referred(resource="job", title=_("Job"), model=JobRecord, names=("name",)),
        Referred(resource="customer", title=_("Customer"), model=Customer, names=("name",), beside=("city",)),
    )
}


def referred(registry: Registry, resource: str) -> Referred | None:
    """Return how records of a resource are called, or None for one that there is not."""
    known = _KERNEL.get(resource)
    if known is not None:
        return known
    declared = registry.resources.get(resource)
    if declared is None:
        return None
    names = [name for name in (*declared.search, *_NAMES) if hasattr(declared.model, name)] or list(declared.columns)
    return Referred(
        resource=resource, title=declared.title, model=declared.model, names=tuple(dict.fromkeys(names)) or ("id",)
    )


def referred_by_model(registry: Registry, model: type[Any]) -> Referred | None:
    """Return the same for the records of a model."""
    for known in _KERNEL.values():
        if known.model is model:
            return known
    for declared in registry.resources.values():
        if declared.model is model:
            return referred(registry, declared.name)
    return None


def name_of(known: Referred, record: Any) -> str:
    """Return what a record is called, as its reader may see it."""
    for name in known.names:
        value = getattr(record, name, None)
        if value not in (None, ""):
            return str(value)
    return str(record.id)[:8]


def label_of(session: CrmSession, resource: str, identity: Any) -> str:
    """Return what a record is called, or nothing for one that there is not, or that the caller may not see."""
    found = parse_id(str(identity)) if identity else None
    return "" if found is None else labels_of(session, resource, [found]).get(found, "")


def labels_of(session: CrmSession, resource: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what some records are called, those that the caller may see."""
    known = referred(session.gate.registry, resource)
    wanted = list(dict.fromkeys(ids))
    if known is None or not wanted or not _readable(session, known):
        return {}
    model: Any = known.model
    found = session.scalars(select(model).where(model.id.in_(wanted)))
    return {cast(Any, record).id: name_of(known, record) for record in found}


def few(session: CrmSession, resource: str) -> list[Choice] | None:
    """Return all records of a kind that has few, or None where there are more: then they are looked for."""
    known = referred(session.gate.registry, resource)
    if known is None or known.model is Customer:
        return None
    if not _readable(session, known):
        return []
    model: Any = known.model
    query = _offered(known, select(model))
    found = list(session.scalars(query.limit(FEW + 1)))
    if len(found) > FEW:
        return None
    return sorted((_choice(known, record) for record in found), key=lambda each: each.title.casefold())


def few_named(session: CrmSession, resource: str) -> list[Choice] | None:
    """Return the same for a text that refers to a record by its ``name``: the value is that name."""
    known = referred(session.gate.registry, resource)
    if known is None or "name" not in cast(Any, known.model).__table__.c or not _readable(session, known):
        return None
    found: list[Any] = list(session.scalars(_offered(known, select(known.model)).limit(FEW + 1)))
    if not found or len(found) > FEW:
        return None
    choices = [Choice(value=each.name, title=getattr(each, "title", "") or each.name) for each in found]
    return sorted(choices, key=lambda each: each.title.casefold())


def find(session: CrmSession, resource: str, text: str, *, limit: int = LIMIT) -> list[Choice]:
    """Return the records that a text may mean, best first. Raises nothing: what cannot be looked for is not found."""
    known = referred(session.gate.registry, resource)
    if known is None or not _readable(session, known):
        return []
    identity = parse_id(text)
    if identity is not None:
        label = label_of(session, resource, identity)
        return [Choice(value=str(identity), title=label)] if label else []
    try:
        if resource in session.gate.registry.resources:
            return _listed(session, known, text, limit)
        return _matching(session, known, text, limit)
    except CrmkitError:
        return []


def _listed(session: CrmSession, known: Referred, text: str, limit: int) -> list[Choice]:
    shape = shape_of(session, known.resource)
    if not shape.search:
        return _matching(session, known, text, limit)
    query = ResourceQuery(resource=known.resource, search=text, limit=limit, records=True)
    found = [each.record for each in list_records(session, query).rows]
    if not found and known.resource in session.gate.registry.searchables and text.strip():
        from crmkit.engines.search.searching import search

        # Misspelt names and words in other forms: the index knows them.
        hits = search(session, text, within=[known.resource], limit=limit).hits
        ids = [UUID(hit.ref.rpartition(":")[2]) for hit in hits if hit.ref.startswith(f"{known.resource}:")]
        labels = labels_of(session, known.resource, ids)
        return [Choice(value=str(each), title=labels[each]) for each in ids if each in labels]
    return [_choice(known, record) for record in found if record is not None]


def _matching(session: CrmSession, known: Referred, text: str, limit: int) -> list[Choice]:
    model: Any = known.model
    column = next((getattr(model, name) for name in known.names if _plain(known, name)), None)
    if column is None:
        return []
    query = _offered(known, select(model))
    if text.strip():
        query = query.where(column.icontains(text.strip(), autoescape=True))
    return [_choice(known, record) for record in session.scalars(query.order_by(func.lower(column)).limit(limit))]


def _plain(known: Referred, name: str) -> bool:
    column = cast(Any, known.model).__table__.c.get(name)
    return column is not None and field_info(column).classified in ("public", "internal")


def _offered(known: Referred, query: Any) -> Any:
    model: Any = known.model
    if hasattr(model, "deleted_at"):
        query = query.where(model.deleted_at.is_(None))
    return query.where(model.active.is_(True)) if known.active else query


def _choice(known: Referred, record: Any) -> Choice:
    name = name_of(known, record)
    beside = [str(value) for each in known.beside if (value := getattr(record, each, None)) not in (None, "", name)]
    extra = [each for each in beside if not isinstance(each, Masked) and "****" not in each]
    return Choice(value=str(record.id), title=f"{name} · {', '.join(extra)}" if extra else name)


def _readable(session: CrmSession, known: Referred) -> bool:
    if session.guarding.passes:
        return True
    guard = session.gate.crm.guard
    return guard.to_read(session.guarding.rights, guard.resource_of(known.model)) != "none"


def meant(session: CrmSession, resource: str, text: str) -> tuple[UUID | None, Sequence[Choice], Text | None]:
    """Return the record that a typed text means: its id, or else the ones that it may mean and what is wrong."""
    found = find(session, resource, text)
    exact = [each for each in found if each.title.casefold() == text.strip().casefold()] or [
        each for each in found if each.title.partition(" · ")[0].casefold() == text.strip().casefold()
    ]
    if len(exact) == 1 or len(found) == 1:
        return UUID((exact or found)[0].value), found, None
    if not found:
        return None, (), _("Nothing is found by this.")
    return None, found, _("More than one is found by this: choose the one that is meant.")
