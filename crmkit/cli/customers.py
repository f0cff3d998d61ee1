"""A customer in full, as ``crmkit customer show`` prints it: what is known now or was at an instant, and its changes.

Must not print by itself before everything is read, nor change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from attrs import evolve, frozen

from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.cli.values import INTERNAL, record_fields, record_titles, title_of
from crmkit.core.access.models import Team, User
from crmkit.core.business.config import Config
from crmkit.core.customers.asof import RelationshipSnapshot, customer_as_of
from crmkit.core.customers.consents import ConsentStates, consents_at
from crmkit.core.customers.fields import field_named, sealed_names
from crmkit.core.customers.models import Customer
from crmkit.core.customers.relationships import kind_title, relationships_of
from crmkit.core.customers.reveal import Revealed
from crmkit.core.store.history import HistoryLine, history_about
from crmkit.core.store.sealed import is_masked, mask, sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.errors import NotFound
from crmkit.hooks.contributions import Panel
from crmkit.i18n import texts

_ = texts("crmkit")

Rows = Sequence[Mapping[str, object]]
_HIDDEN = ("id", "custom", "preferences", "sort_name", "owner_id", "team_id", "parent_id")


@frozen(kw_only=True)
class CustomerView:
    """A customer with everything that belongs to it. ``at`` is the instant that it stands for, None for the present."""

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
    panels: Sequence[Panel] = ()
    history: Sequence[HistoryLine] | None = None
    at: datetime | None = None


_BESIDE = {"email": _("E-mail"), "phone": _("Phone"), "tags": _("Tags"), "interests": _("Interests")}
_SHOWN = ("name", "kind", "standing", "city", "email", "phone", "created_at")


def list_columns(session: CrmSession, names: str | None) -> list[Column]:
    """Return the columns of a list of customers: the usual ones, or those named with commas between.

    Raises InvalidInput for a field that there is not, with the one that was meant.
    """
    wanted = [name.strip() for name in names.split(",")] if names is not None else _SHOWN
    config = session.crm.config.get(session)
    columns: list[Column] = []
    titles = {**_BESIDE, **_sealed_titles(config)}
    for name in wanted:
        found = field_named(config, name, beside=titles)
        columns.append(Column(name, title_of(name, found.title) if found is not None else titles[name]))
    return columns


def _sealed_titles(config: Config) -> dict[str, str]:
    """Return the titles of the fields that lists show masked."""
    own, custom = record_titles(Customer), config.custom_fields.get("customer", {})
    return {name: custom[name[7:]].title if name.startswith("custom.") else own[name] for name in sealed_names(config)}


def list_row(session: CrmSession, customer: Customer) -> dict[str, object]:
    """Return a customer as a row of a list: its fields, custom ones as ``custom.NAME``, preferred contacts, tags.
    What is sealed comes masked."""
    row = _with_custom(session, dict(record_fields(customer)))
    points = sorted(customer.contact_points, key=lambda point: (not point.preferred, point.position))
    for kind in ("email", "phone"):
        row[kind] = next((mask(point.value) for point in points if point.kind == kind), None)
    row["tags"] = sorted(tag.name for tag in customer.tags if tag.kind == "tag")
    row["interests"] = sorted(tag.name for tag in customer.tags if tag.kind == "interest")
    return row


def describe(session: CrmSession, customer: Customer, *, history: bool) -> CustomerView:
    """Return a customer as it stands, with what plugins show beside it. What is sealed comes masked."""
    fields = _with_custom(session, dict(record_fields(customer)))
    answers = session.gate.dispatcher.collect("crmkit_customer_panels", session=session, customer_ids=[customer.id])
    consents = consents_at(session, customer.id, session.gate.clock.now())
    return CustomerView(
        fields=fields,
        names=_names(session, fields),
        contact_points=[
            {
                "id": point.id,
                "kind": point.kind,
                "value": mask(point.value),
                "label": point.label,
                "preferred": point.preferred,
                "verified_at": point.verified_at,
                "details": mask(point.details),
            }
            for point in customer.contact_points
        ],
        tags=sorted(tag.name for tag in customer.tags if tag.kind == "tag"),
        interests=sorted(tag.name for tag in customer.tags if tag.kind == "interest"),
        identifiers=[{"source": item.source, "external_id": item.external_id} for item in customer.identifiers],
        relationships=[
            {
                "title": item.title,
                "other": item.other_name,
                "other_id": item.other_id,
                "kind": item.kind,
                "inverse": item.inverse,
                "valid_from": item.valid_from,
                "valid_to": item.valid_to,
                "note": mask(item.note),
                "id": item.relationship_id,
            }
            for item in relationships_of(session, customer.id)
        ],
        consents=_consents(consents),
        custom_titles=_custom_titles(session),
        panels=[panel for answer in answers if answer.error is None for panel in answer.value],
        history=_masked_lines(session, history_about(session, customer.id)) if history else None,
    )


def with_revealed(view: CustomerView, revealed: Revealed) -> CustomerView:
    """Return a view with what was revealed in place of what is masked."""
    fields, custom = dict(view.fields), dict(cast("Mapping[str, object]", view.fields.get("custom") or {}))
    for name, value in revealed.fields.items():
        if name.startswith("custom."):
            custom[name.removeprefix("custom.")] = value
        else:
            fields[name] = value
    points = {point.id: {"value": point.value, "details": point.details} for point in revealed.contact_points}
    notes = {id_: {"note": note} for id_, note in revealed.notes.items()}
    return evolve(
        view,
        fields={**fields, "custom": custom},
        contact_points=[{**row, **points.get(cast(UUID, row["id"]), {})} for row in view.contact_points],
        relationships=[{**row, **notes.get(cast(UUID, row["id"]), {})} for row in view.relationships],
    )


def _masked_lines(session: CrmSession, lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    """Return lines of the history with what is sealed in its table masked."""
    models = session.gate.registry.models
    found: list[HistoryLine] = []
    for line in lines:
        sealed = sealed_fields(models.get(line.table_name))
        changes = {
            name: (mask(before), mask(after)) if name in sealed else (before, after)
            for name, (before, after) in line.changes.items()
        }
        found.append(evolve(line, changes=changes))
    return found


def describe_past(session: CrmSession, customer: Customer, at: datetime, *, history: bool) -> CustomerView:
    """Return a customer as it stood at an instant (UTC); what identified it elsewhere has no history and is as now.
    What is sealed comes masked.

    Raises NotFound where the customer was not known at that time.
    """
    past = customer_as_of(session, customer.id, at)
    if past is None:
        raise NotFound(_("{name} was not known yet at that time."), name=customer.name)
    config = session.crm.config.get(session)
    lines = _masked_lines(session, history_about(session, customer.id)) if history else None
    sealed = sealed_names(config)
    fields: dict[str, Any] = {name: mask(value) if name in sealed else value for name, value in past.fields.items()}
    fields["custom"] = {
        name: mask(value) if f"custom.{name}" in sealed else value for name, value in fields["custom"].items()
    }
    return CustomerView(
        fields=_with_custom(session, fields),
        names=_names(session, past.fields),
        contact_points=[
            {
                "id": point.id,
                "kind": point.kind,
                "value": mask(point.value),
                "label": point.label,
                "preferred": point.preferred,
                "verified_at": point.verified_at,
                "details": mask(point.details),
            }
            for point in past.contact_points
        ],
        tags=past.tags,
        interests=past.interests,
        identifiers=[{"source": item.source, "external_id": item.external_id} for item in customer.identifiers],
        relationships=[_past_relationship(session, config, customer, item) for item in past.relationships],
        consents=_consents(past.consents),
        custom_titles=_custom_titles(session),
        history=[line for line in lines if line.recorded_at <= at] if lines is not None else None,
        at=at,
    )


def _past_relationship(
    session: CrmSession, config: Config, customer: Customer, item: RelationshipSnapshot
) -> dict[str, object]:
    inverse = item.customer_id != customer.id
    other = session.get(Customer, item.customer_id if inverse else item.other_id)
    return {
        "title": kind_title(config, item.kind, inverse=inverse),
        "other": other.name if other is not None else None,
        "other_id": item.customer_id if inverse else item.other_id,
        "kind": item.kind,
        "inverse": inverse,
        "valid_from": item.valid_from,
        "valid_to": item.valid_to,
        "note": mask(item.note),
        "id": item.id,
    }


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


def _with_custom(session: CrmSession, fields: Mapping[str, Any]) -> dict[str, object]:
    """Return fields with the instants among the custom ones as such: they are kept as text."""
    known = session.crm.config.get(session).custom_fields.get("customer", {})
    custom = {
        name: datetime.fromisoformat(value)
        if name in known and known[name].type == "instant" and value and not is_masked(value)
        else value
        for name, value in (fields.get("custom") or {}).items()
    }
    return {**fields, "custom": custom}


def _custom_titles(session: CrmSession) -> dict[str, str]:
    known = session.crm.config.get(session).custom_fields.get("customer", {})
    return {name: info.title for name, info in known.items()}


def show_customer(cli: Invocation, view: CustomerView) -> None:
    """Print a customer: fields first, then each part that has anything."""
    if cli.json:
        cli.output.document(_document(view))
        return
    output = cli.output
    titles = record_titles(Customer)
    pairs: list[tuple[str, object]] = [(titles["id"], view.fields.get("id"))]
    if view.at is not None:
        pairs.append((_("As of"), view.at))
    pairs += [(titles[name], value) for name, value in view.fields.items() if name in titles and name not in _HIDDEN]
    pairs += [(_("Owner"), view.names["owner"]), (_("Team"), view.names["team"])]
    pairs += [(_("Organisation"), view.names["organization"])]
    pairs += [(_("Tags"), view.tags), (_("Interests"), view.interests)]
    for column in ("custom", "preferences"):
        values: Any = view.fields.get(column) or {}
        pairs += [(view.custom_titles.get(name, name), value) for name, value in values.items()]
    output.record(pairs)
    _part(
        cli,
        _("Contact"),
        view.contact_points,
        (
            Column("kind", _("Kind")),
            Column("value", _("Value")),
            Column("label", _("Label")),
            Column("preferred", _("Preferred")),
        ),
    )
    _part(cli, _("Identifiers"), view.identifiers, (Column("source", _("Source")), Column("external_id", _("Id"))))
    _part(
        cli,
        _("Relationships"),
        view.relationships,
        (
            Column("title", _("Kind")),
            Column("other", _("Other customer")),
            Column("valid_from", _("From")),
            Column("valid_to", _("Until")),
        ),
    )
    _part(
        cli,
        _("Consent"),
        view.consents,
        (
            Column("purpose", _("Purpose")),
            Column("channel", _("Channel")),
            Column("granted", _("Granted")),
            Column("since", _("Since")),
        ),
    )
    for panel in view.panels:
        output.heading(panel.title)
        output.record(list(panel.rows))
    if view.history is not None:
        _show_history(cli, view.history)


def _part(cli: Invocation, title: str, rows: Rows, columns: Sequence[Column]) -> None:
    if rows:
        cli.output.heading(title)
        cli.output.table(columns, rows)


def _show_history(cli: Invocation, lines: Sequence[HistoryLine]) -> None:
    cli.output.heading(_("Changes"))
    rows = [
        {
            "recorded_at": line.recorded_at,
            "operation": line.operation,
            "actor_id": line.actor_id,
            "field": name,
            "before": before,
            "after": after,
        }
        for line in lines
        for name, (before, after) in sorted(line.changes.items())
        if name not in ("version", "updated_at", "sort_name") and name not in INTERNAL
    ]
    columns = (
        Column("recorded_at", _("When")),
        Column("operation", _("By operation")),
        Column("actor_id", _("By")),
        Column("field", _("Field")),
        Column("before", _("Before")),
        Column("after", _("After")),
    )
    cli.output.table(columns, rows, empty=_("Nothing was changed since it was added."))


def _document(view: CustomerView) -> dict[str, object]:
    document: dict[str, object] = {
        **view.fields,
        **view.names,
        "tags": view.tags,
        "interests": view.interests,
        "contact_points": view.contact_points,
        "identifiers": view.identifiers,
        "relationships": view.relationships,
        "consents": view.consents,
        "panels": view.panels,
        "as_of": view.at,
    }
    if view.history is not None:
        document["history"] = view.history
    return document
