"""A customer's profile as its reader may see it: fields, contacts, tags, relationships, consent, and what was changed;
now, or as it stood at an instant.

What is sealed comes masked: whoever is to see it reveals it. Must not know facts, labels or doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from attrs import evolve, frozen

from crmkit.core.access.models import Team, User
from crmkit.core.customers.asof import CustomerSnapshot, RelationshipSnapshot, customer_as_of
from crmkit.core.customers.consents import ConsentStates, consents_at
from crmkit.core.customers.fields import sealed_names
from crmkit.core.customers.models import Customer
from crmkit.core.customers.relationships import kind_title, relationships_of
from crmkit.core.customers.reveal import Revealed
from crmkit.core.store.history import HistoryLine, history_about
from crmkit.core.store.sealed import is_masked, mask, sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.core.store.shown import shown_fields
from crmkit.errors import NotFound
from crmkit.i18n import texts

_ = texts("crmkit")

Rows = Sequence[Mapping[str, object]]


@frozen(kw_only=True)
class Profile:
    """A customer with everything that belongs to it. ``at`` is the instant that it stands for, None for the present."""

    id: UUID
    fields: Mapping[str, object]
    names: Mapping[str, str | None]
    """Names of the owner, the team and the organisation."""
    contact_points: Rows
    tags: Sequence[str]
    interests: Sequence[str]
    identifiers: Rows
    relationships: Rows
    consents: Rows
    custom_titles: Mapping[str, str]
    history: Sequence[HistoryLine] | None = None
    at: datetime | None = None


def profile(session: CrmSession, customer: Customer, *, history: bool = False) -> Profile:
    """Return a customer as it stands."""
    fields = with_custom(session, dict(shown_fields(customer)))
    related = [
        _related(item, item.relationship_id, item.other_id, item.other_name, item.title, inverse=item.inverse)
        for item in relationships_of(session, customer.id)
    ]
    return Profile(
        id=customer.id,
        fields=fields,
        names=_names(session, fields),
        contact_points=_points(customer.contact_points),
        tags=sorted(tag.name for tag in customer.tags if tag.kind == "tag"),
        interests=sorted(tag.name for tag in customer.tags if tag.kind == "interest"),
        identifiers=[{"source": item.source, "external_id": item.external_id} for item in customer.identifiers],
        relationships=related,
        consents=_consents(consents_at(session, customer.id, session.gate.clock.now())),
        custom_titles=_custom_titles(session),
        history=_lines(session, customer) if history else None,
    )


def past_profile(session: CrmSession, customer: Customer, at: datetime, *, history: bool = False) -> Profile:
    """Return a customer as it stood at an instant (UTC); what identified it elsewhere has no history and is as now.

    Raises NotFound where the customer was not known at that time.
    """
    past = customer_as_of(session, customer.id, at)
    if past is None:
        raise NotFound(_("{name} was not known yet at that time."), name=customer.name)
    fields = _past_fields(session, past)
    return Profile(
        id=customer.id,
        fields=fields,
        names=_names(session, past.fields),
        contact_points=_points(past.contact_points),
        tags=past.tags,
        interests=past.interests,
        identifiers=[{"source": item.source, "external_id": item.external_id} for item in customer.identifiers],
        relationships=[_past_relationship(session, customer, item) for item in past.relationships],
        consents=_consents(past.consents),
        custom_titles=_custom_titles(session),
        history=[line for line in _lines(session, customer) if line.recorded_at <= at] if history else None,
        at=at,
    )


def with_revealed(shown: Profile, revealed: Revealed) -> Profile:
    """Return a profile with what was revealed in place of what is masked."""
    fields, custom = dict(shown.fields), dict(cast("Mapping[str, object]", shown.fields.get("custom") or {}))
    for name, value in revealed.fields.items():
        if name.startswith("custom."):
            custom[name.removeprefix("custom.")] = value
        else:
            fields[name] = value
    points = {point.id: {"value": point.value, "details": point.details} for point in revealed.contact_points}
    notes = {id_: {"note": note} for id_, note in revealed.notes.items()}
    return evolve(
        shown,
        fields={**fields, "custom": custom},
        contact_points=[{**row, **points.get(cast(UUID, row["id"]), {})} for row in shown.contact_points],
        relationships=[{**row, **notes.get(cast(UUID, row["id"]), {})} for row in shown.relationships],
    )


def with_custom(session: CrmSession, fields: Mapping[str, Any]) -> dict[str, object]:
    """Return fields with the instants among the custom ones as such: they are kept as text."""
    known = session.crm.config.get(session).custom_fields.get("customer", {})
    custom = {
        name: datetime.fromisoformat(value)
        if name in known and known[name].type == "instant" and value and not is_masked(value)
        else value
        for name, value in (fields.get("custom") or {}).items()
    }
    return {**fields, "custom": custom}


def _past_fields(session: CrmSession, past: CustomerSnapshot) -> dict[str, object]:
    sealed = sealed_names(session.crm.config.get(session))
    fields: dict[str, Any] = {name: mask(value) if name in sealed else value for name, value in past.fields.items()}
    fields["custom"] = {
        name: mask(value) if f"custom.{name}" in sealed else value for name, value in fields["custom"].items()
    }
    return with_custom(session, fields)


def _lines(session: CrmSession, customer: Customer) -> list[HistoryLine]:
    """Return the history of a customer with what is sealed in its table masked."""
    models = session.gate.registry.models
    found: list[HistoryLine] = []
    for line in history_about(session, customer.id):
        sealed = sealed_fields(models.get(line.table_name))
        changes = {
            name: (mask(before), mask(after)) if name in sealed else (before, after)
            for name, (before, after) in line.changes.items()
        }
        found.append(evolve(line, changes=changes))
    return found


def _points(points: Iterable[Any]) -> list[dict[str, object]]:
    return [
        {
            "id": point.id,
            "kind": point.kind,
            "value": mask(point.value),
            "label": point.label,
            "preferred": point.preferred,
            "verified_at": point.verified_at,
            "details": mask(point.details),
        }
        for point in points
    ]


def _related(
    item: Any, id_: UUID, other_id: UUID, other: str | None, title: str, *, inverse: bool
) -> dict[str, object]:
    return {
        "title": title,
        "other": other,
        "other_id": other_id,
        "kind": item.kind,
        "inverse": inverse,
        "valid_from": item.valid_from,
        "valid_to": item.valid_to,
        "note": mask(item.note),
        "id": id_,
    }


def _past_relationship(session: CrmSession, customer: Customer, item: RelationshipSnapshot) -> dict[str, object]:
    inverse = item.customer_id != customer.id
    other_id = item.customer_id if inverse else item.other_id
    other = session.get(Customer, other_id)
    title = kind_title(session.crm.config.get(session), item.kind, inverse=inverse)
    return _related(item, item.id, other_id, other.name if other is not None else None, title, inverse=inverse)


def _consents(states: ConsentStates) -> list[dict[str, object]]:
    return [
        {
            "purpose": item.purpose,
            "channel": item.channel,
            "granted": item.granted,
            "since": item.since,
            "expires_at": item.expires_at,
        }
        for item in states.states
    ]


def _names(session: CrmSession, fields: Mapping[str, Any]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, column, model in (
        ("owner", "owner_id", User),
        ("team", "team_id", Team),
        ("organization", "parent_id", Customer),
    ):
        identity = fields.get(column)
        record = session.get(model, identity) if identity is not None else None
        found[name] = record.name if record is not None else None
    return found


def _custom_titles(session: CrmSession) -> dict[str, str]:
    known = session.crm.config.get(session).custom_fields.get("customer", {})
    return {name: info.title for name, info in known.items()}
