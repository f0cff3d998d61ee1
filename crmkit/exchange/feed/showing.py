"""What of an event its reader may know: ids of what he may see, and nothing of the others.

Works on many events at once, with one query for each kind of record that they name. Must not know order nor cursors.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit.core.access.resolving import rights_of
from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import input_info
from crmkit.core.store.guard import region
from crmkit.core.store.ids import parse_id
from crmkit.engines.classification.dimensions import KIND as DIMENSION
from crmkit.engines.classification.reading import may_read
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.vocabulary import readable
from crmkit.engines.segments.resolving import all_segments, fact_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_CHUNK = 1000
_CHANGES = ("read", "update", "admin")


class Shower:
    """Shows events to the actor of one session."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._registry = session.gate.registry
        self._rights = rights_of(session)
        self._known: dict[str, bool] = {}

    def show(self, rows: Sequence[Any]) -> list[dict[str, Any] | None]:
        """Return for each event its content as the reader may know it, None for one that he may not know of."""
        if self._rights.unrestricted:
            return [dict(row.payload) for row in rows]
        wanted: dict[str, set[UUID]] = {}
        for row in rows:
            for name, value in row.payload.items():
                resource = self._resource(row.name, name)
                if resource is not None:
                    wanted.setdefault(resource, set()).update(_ids(value))
        seen = {resource: self._visible(resource, ids) for resource, ids in wanted.items()}
        return [self._shown(row, seen) for row in rows]

    # --- one event --------------------------------------------------------------------------------------------------

    def _shown(self, row: Any, seen: Mapping[str, set[UUID]]) -> dict[str, Any] | None:
        own = row.name.rpartition(".")[0]
        if not self._may_know(own, row.payload):
            return None
        data = self._unmasked(row.name, row.payload)
        kinds = {name: found for name in data if (found := self._resource(row.name, name)) is not None}
        lists = {name: cast("list[Any]", data[name]) for name in kinds if isinstance(data[name], list)}
        # Lists of one length belong together: what is at one place in them is about one thing.
        aligned = len({len(each) for each in lists.values()}) == 1
        if lists and aligned:
            kept = [
                place
                for place in range(len(next(iter(lists.values()))))
                if all(_is_seen(lists[name][place], seen[kinds[name]]) for name in lists)
            ]
            data |= {name: [each[place] for place in kept] for name, each in lists.items()}
        else:
            data |= {name: [id for id in each if _is_seen(id, seen[kinds[name]])] for name, each in lists.items()}
        for name, resource in kinds.items():
            if not isinstance(data[name], list) and data[name] is not None and not _is_seen(data[name], seen[resource]):
                if resource in ("customer", own):
                    return None
                data[name] = None
        about = [name for name, resource in kinds.items() if resource in ("customer", own)]
        if about:
            # Named, and nobody of them to be seen; or, with no customer yet, to be seen by the record itself.
            return data if any(data[name] for name in about) else None
        return data if self._rights.scope(self._of(own), *_CHANGES) != "none" else None

    def _may_know(self, own: str, payload: Mapping[str, Any]) -> bool:
        if own in self._registry.resources and self._rights.scope(self._of(own), "read") == "none":
            return False
        for kind in ("segment", DIMENSION):
            if isinstance(payload.get(kind), str) and not self._readable(kind, payload[kind]):
                return False
        return True

    def _readable(self, kind: str, name: str) -> bool:
        key = f"{kind}:{name}"
        if key not in self._known:
            if kind == DIMENSION:
                item = defined(self._session, DIMENSION, broken=True).get(name)
                self._known[key] = item is not None and item.value is not None and may_read(self._session, item.value)
            else:
                there = name in all_segments(self._session)
                self._known[key] = there and readable(self._session, fact_of(name))
        return self._known[key]

    def _unmasked(self, name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the content without texts of a class that is masked for the reader; of an event that nobody declares
        any more, without any text."""
        cls = self._registry.events.get(name)
        full = self._session.level(Customer, "personal") == "full"
        if cls is None:
            return {key: value for key, value in payload.items() if key.endswith(("_id", "_ids"))}
        if full:
            return dict(payload)
        personal = _personal(cls)
        return {key: None if key in personal else value for key, value in payload.items()}

    # --- records ----------------------------------------------------------------------------------------------------

    def _resource(self, event: str, field: str) -> str | None:
        """Return the resource that a field's ids are of, where there are rights on it."""
        noun = field.removesuffix("_id") if field.endswith("_id") else field.removesuffix("_ids")
        if noun == field:
            return None
        owner = event.partition(".")[0]
        for name in (f"{owner}.{noun}", noun):
            found = self._registry.resources.get(name)
            if found is not None:
                policy = found.model.__access__
                return name if policy is not None and policy.kind != "system" else None
        return None

    def _of(self, resource: str) -> str:
        found = self._registry.resources.get(resource)
        return resource if found is None else self._registry.resource_of(found.model)

    def _visible(self, resource: str, ids: set[UUID]) -> set[UUID]:
        model: Any = self._registry.resources[resource].model
        found: set[UUID] = set()
        for part in _parts(ids):
            found.update(self._session.scalars(select(model.id).where(model.id.in_(part))))
        if found != ids and self._rights.scope(self._of(resource), "read") == "all":
            # Of what is gone only who sees all of it is told: there is nothing left to tell whose it was.
            there: set[UUID] = set()
            with region(self._session, "which of the records that an event names are gone"):
                for part in _parts(ids - found):
                    there.update(self._session.scalars(select(model.id).where(model.id.in_(part))))
            found |= ids - there
        return found


def _personal(cls: type[Any]) -> set[str]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return {
        item.name
        for item in attrs.fields(cls)
        if any(input_info(hint).classified == "personal" for hint in _within(hints.get(item.name)))
    }


def _within(hint: Any) -> Iterable[Any]:
    yield hint
    for part in typing.get_args(hint):
        if part is not hint and not isinstance(part, str):
            yield from _within(part)


def _ids(value: Any) -> Iterable[UUID]:
    for each in value if isinstance(value, list) else [value]:
        found = parse_id(each) if isinstance(each, str) else None
        if found is not None:
            yield found


def _is_seen(value: Any, seen: set[UUID]) -> bool:
    return value is None or parse_id(str(value)) in seen


def _parts(ids: set[UUID]) -> Iterable[list[UUID]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
