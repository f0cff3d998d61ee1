"""Adding many customers at once: the same checks as for one, and a few statements for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from crmkit.core.customers.checks import Setting
from crmkit.core.customers.drafts import Draft, draft_of
from crmkit.core.customers.events import ConsentRecorded, CustomersCreated, in_batches
from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.models import Consent, ContactPoint, Customer, CustomerIdentifier, CustomerTag
from crmkit.core.customers.references import check_identifiers, check_references, organization_drafts, stands_alone
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
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
    drafts = [draft_of(new, setting, now, check_required=check_required) for new in news]
    check_references(session, drafts)
    check_identifiers(session, drafts)
    return [*drafts, *organization_drafts(session, drafts)]


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
    now, actor = system_now(), session.actor.id
    stamp = {"version": 1, "created_at": now, "created_by": actor, "updated_at": now}
    customers: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    tags: list[dict[str, Any]] = []
    identifiers: list[dict[str, Any]] = []
    consents: list[dict[str, Any]] = []
    for draft in drafts:
        about = draft.id
        customers.append({**_ROW, **draft.row, "id": about, **stamp})
        points.extend({"id": new_id(), "customer_id": about, **row, **stamp} for row in draft.points)
        tags.extend({"customer_id": about, "kind": kind, "name": name} for kind, name in draft.tags)
        identifiers.extend(
            {"customer_id": about, "source": source, "external_id": external, "recorded_at": now}
            for source, external in draft.identifiers
        )
        for row in draft.consents:
            row.setdefault("id", new_id())
            consents.append({"customer_id": about, "recorded_at": now, "actor_id": actor, **row})
    connection = session.connection()
    for model, rows in (
        (Customer, customers),
        (ContactPoint, points),
        (CustomerTag, tags),
        (CustomerIdentifier, identifiers),
        (Consent, consents),
    ):
        insert_rows(connection, cast(Any, model).__table__, rows)


def records_of(draft: Draft) -> Customer:
    """Return a draft as a record with everything that belongs to it, not yet in a session."""
    customer = Customer(id=draft.id, **draft.row)
    customer.contact_points = [ContactPoint(**row) for row in draft.points]
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
    """Return what will be written of a draft as a flush of its records would show it."""
    customer, name_of = records_of(draft), session.gate.registry.resource_name

    def change(record: Any, row: dict[str, Any]) -> Change:
        fields = {name: (None, value) for name, value in row.items() if value is not None}
        return Change(resource=name_of(record.__tablename__), record=record, kind="create", fields=fields)

    points = zip(customer.contact_points, draft.points, strict=True)
    return [change(customer, draft.row), *[change(point, row) for point, row in points]]
