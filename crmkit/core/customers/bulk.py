"""Adding many customers at once: the same checks as for one, and a few statements for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from attrs import evolve

from crmkit.core.access.resolving import rights_of
from crmkit.core.access.rights import Rights
from crmkit.core.customers.checks import Setting
from crmkit.core.customers.custom import split_custom
from crmkit.core.customers.drafts import Draft, draft_of
from crmkit.core.customers.events import ConsentRecorded, CustomersCreated, in_batches
from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.models import Consent, ContactPoint, Customer, CustomerIdentifier, CustomerTag, new_point
from crmkit.core.customers.references import check_identifiers, check_references, organization_drafts, stands_alone
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.writing import check_new, give_owner
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import HIDDEN, sealed_fields
from crmkit.core.store.seals import seal_tables
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Change

_ROW: dict[str, Any] = {
    column.key: None
    for column in Customer.__table__.c
    if column.key not in ("id", "version", "created_at", "created_by", "updated_at", "deleted_at")
}


def setting_of(session: CrmSession) -> Setting:
    """Return what the checks of customers have to know, as it is in the session's transaction."""
    config = session.crm.config.get(session)
    return Setting(config=config, today=session.today())


def prepare(session: CrmSession, news: Sequence[NewCustomer], *, check_required: bool = True) -> list[Draft]:
    """Return the checked drafts of new customers in their order, then those of organisations that they name."""
    setting, now = setting_of(session), session.gate.clock.business_now()
    rights = rights_of(session)
    if rights.user_id is not None:
        news = [_owned(new, rights) for new in news]
    drafts = [draft_of(new, setting, now, check_required=check_required) for new in news]
    check_references(session, drafts)
    check_identifiers(session, drafts)
    organizations = organization_drafts(session, drafts)
    if rights.user_id is not None:
        for draft in organizations:
            draft.row |= {"owner_id": rights.user_id, "team_id": rights.main_team_id}
    return [*drafts, *organizations]


def _owned(new: NewCustomer, rights: Rights) -> NewCustomer:
    """Return a new customer who belongs to whoever adds it and to the main team, where nothing else is said: somebody
    who sees the own customers alone would not see it otherwise."""
    owner, team = new.owner_id, new.team_id
    if owner is None:
        owner = rights.user_id
    if team is None and owner == rights.user_id:
        team = rights.main_team_id
    return new if (owner, team) == (new.owner_id, new.team_id) else evolve(new, owner_id=owner, team_id=team)


def create_many(session: CrmSession, news: Sequence[NewCustomer]) -> list[UUID | CrmkitError]:
    """Add customers; the bulk form of ``customer.create``. Returns for each its id, or the error for which it was
    refused. Organisations that they name are added too."""
    drafts = prepare(session, news)
    if session.unit.validate is not None:
        _let_plugins_check(session, drafts)
    # An organisation comes before those who belong to it.
    good = sorted((draft for draft in drafts if draft.error is None), key=lambda draft: not stands_alone(draft))
    write(session, good)
    session.emit(*in_batches(lambda ids: CustomersCreated(customer_ids=ids), [draft.id for draft in good]))
    for draft in good:
        if draft.consents:
            session.emit(*[consent_event(draft.id, row) for row in draft.consents])
    return [draft.error or draft.id for draft in drafts[: len(news)]]


def consent_event(customer_id: UUID, row: dict[str, Any]) -> ConsentRecorded:
    """Return the event for a row of the consent ledger."""
    return ConsentRecorded(
        customer_id=customer_id,
        consent_id=row["id"],
        purpose=row["purpose"],
        channel=row["channel"],
        granted=row["granted"],
    )


def write(session: CrmSession, drafts: Sequence[Draft]) -> None:
    """Write the rows of drafts, without history: what was created needs none."""
    if not drafts:
        return
    session.unit.about(draft.id for draft in drafts)
    now, actor = system_now(), session.actor.id
    stamp = {"version": 1, "created_at": now, "created_by": actor, "updated_at": now}
    customers: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    tags: list[dict[str, Any]] = []
    identifiers: list[dict[str, Any]] = []
    consents: list[dict[str, Any]] = []
    config = session.crm.config.get(session)
    for draft in drafts:
        about = draft.id
        customer = {**_ROW, **draft.row, "id": about, **stamp}
        customer["custom"], customer["custom_sealed"] = split_custom(config, draft.row["custom"])
        customers.append(customer)
        points.extend({"id": new_id(), "customer_id": about, **row, **stamp} for row in draft.points)
        tags.extend({"customer_id": about, "kind": kind, "name": name} for kind, name in draft.tags)
        identifiers.extend(
            {"customer_id": about, "source": source, "external_id": external, "recorded_at": now}
            for source, external in draft.identifiers
        )
        for row in draft.consents:
            row.setdefault("id", new_id())
            consents.append({"customer_id": about, "recorded_at": now, "actor_id": actor, **row})
    give_owner(session, Customer, customers)
    seal_tables(session, ((Customer, customers), (ContactPoint, points), (Consent, consents)))
    for row in points:
        del row["match_key"]
    connection = session.connection()
    for model, rows in (
        (Customer, customers),
        (ContactPoint, points),
        (CustomerTag, tags),
        (CustomerIdentifier, identifiers),
        (Consent, consents),
    ):
        insert_rows(connection, cast(Any, model).__table__, rows)
    check_new(session, Customer, [row["id"] for row in customers])


def records_of(draft: Draft) -> Customer:
    """Return a draft as a record with everything that belongs to it, not yet in a session."""
    customer = Customer(id=draft.id, **draft.row)
    customer.contact_points = [new_point(row) for row in draft.points]
    customer.tags = [CustomerTag(kind=kind, name=name) for kind, name in draft.tags]
    customer.identifiers = [
        CustomerIdentifier(source=source, external_id=external) for source, external in draft.identifiers
    ]
    return customer


def _let_plugins_check(session: CrmSession, drafts: Sequence[Draft]) -> None:
    """Ask the plugins that check changes, for all at once; only where that is refused, one by one for the culprits."""
    validate = session.unit.validate
    assert validate is not None
    changes = {draft.id: _as_changes(session, draft) for draft in drafts if draft.error is None}
    try:
        validate(session, [change for own in changes.values() for change in own])
    except CrmkitError:
        for draft in drafts:
            if draft.id in changes:
                try:
                    validate(session, changes[draft.id])
                except CrmkitError as error:
                    draft.error = error
        refused = {draft.id: draft.error for draft in drafts if draft.error is not None}
        for draft in drafts:
            if draft.error is None:
                draft.error = refused.get(draft.row["parent_id"])


def _as_changes(session: CrmSession, draft: Draft) -> list[Change]:
    """Return what will be written of a draft as a flush of its records would show it: what is sealed is in the records
    alone."""
    customer, name_of = records_of(draft), session.gate.registry.resource_name

    def change(record: Any, row: dict[str, Any]) -> Change:
        sealed = sealed_fields(type(record))
        fields: dict[str, tuple[Any, Any]] = {
            name: (HIDDEN, HIDDEN) if name in sealed else (None, value)
            for name, value in row.items()
            if value is not None and name != "match_key"
        }
        return Change(resource=name_of(record.__tablename__), record=record, kind="create", fields=fields)

    points = zip(customer.contact_points, draft.points, strict=True)
    return [change(customer, draft.row), *[change(point, row) for point, row in points]]
