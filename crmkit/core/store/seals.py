"""Sealing in batches: what is pending before a flush, and rows that go to the database without records.

Must not know how values are encrypted: that is the vault's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm.interfaces import MANYTOONE

from crmkit.core.store.opening import OPENED, remember_reader
from crmkit.core.store.sealed import Pending, SealItem, own_key, refuse_masked, sealed_fields, to_bytes

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

SUBJECT = "_crm_subject"
"""Under this name a row that `seal_rows` gets may say whose data key is to seal it."""


def seal_pending(session: CrmSession, records: Iterable[Any]) -> None:
    """Seal what is pending in some records, in one batch; called before each flush."""
    items: list[SealItem] = []
    places: list[tuple[Any, Any, Any]] = []
    for record in records:
        fields = sealed_fields(type(record))
        if fields:
            record.before_sealing(session)
        for field in fields.values():
            held = getattr(record, field.slot)
            if not isinstance(held, Pending):
                continue
            if field.token_slot is not None:
                form = record.match_form(field.name, held.value)
                index = f"{record.__tablename__}.{field.name}"
                setattr(record, field.token_slot, None if form is None else session.crm.vault.token(index, form))
            if field.open_slot is not None and record.text_is_open(session):
                setattr(record, field.open_slot, held.value)
                setattr(record, field.slot, None)
                remember_reader(record, session)
                continue
            places.append((record, field, held.value))
            items.append(
                SealItem(
                    subject=subject_of(record),
                    table=record.__tablename__,
                    field=field.name,
                    record=record.id,
                    value=to_bytes(held.value),
                )
            )
    if not items:
        return
    for (record, field, value), sealed in zip(places, session.crm.vault.seal_many(session, items), strict=True):
        setattr(record, field.slot, sealed)
        record.__dict__.setdefault(OPENED, {})[field.name] = (sealed, value)
        remember_reader(record, session)


def seal_rows(session: CrmSession, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Seal the sealed fields of rows of one model, as `seal_tables` does."""
    seal_tables(session, [(model, rows)])


def seal_tables(session: CrmSession, tables: Sequence[tuple[Any, Sequence[dict[str, Any]]]]) -> None:
    """Seal the sealed fields of rows that are about to be inserted by `insert_rows`, all in one batch: each row has its
    fields by name, its ``id`` and, where the model has one, its ``customer_id``; afterwards it has its columns by name.

    What `SUBJECT` names is taken out of each row.
    """
    items: list[SealItem] = []
    places: list[tuple[dict[str, Any], str]] = []
    vault = session.crm.vault
    for model, rows in tables:
        fields, table = tuple(sealed_fields(model).items()), model.__tablename__
        for row in rows:
            subject: UUID | None = row.pop(SUBJECT, None)
            for name, field in fields:
                value = row.get(name)
                for derived, make in field.derived.items():
                    row[derived] = None if value is None else make(value)
                if field.token_slot is not None:
                    form = None if value is None else model.match_form_of(name, value, row)
                    row[field.token_slot] = None if form is None else vault.token(f"{table}.{name}", form)
                if field.open_slot is not None:
                    row[field.column] = None
                    if value is None or model.text_row_is_open(session, row):
                        continue
                    row[name] = None
                if value is None or value == {} or value == []:
                    row[field.column] = None
                    continue
                refuse_masked(value, name)
                if subject is None:
                    subject = _subject(model, row["id"], row.get("customer_id"))
                places.append((row, field.column))
                items.append(
                    SealItem(subject=subject, table=table, field=name, record=row["id"], value=to_bytes(value))
                )
    if items:
        for (row, column), sealed in zip(places, vault.seal_many(session, items), strict=True):
            row[column] = sealed


def subject_of(record: Any) -> UUID:
    """Return whose data key seals a record's fields: its customer's, its own where the customer is not known yet, or
    one that stands for its table; or whose the record itself says."""
    said: UUID | None = record.sealed_for()
    return said if said is not None else _subject(type(record), record.id, customer_of(record))


def customer_of(record: Any) -> UUID | None:
    """Return the customer whom a record is about, None for one that is about nobody."""
    model: Any = cast(Any, type(record))
    customer = getattr(record, "customer_id", None)
    if customer is None and hasattr(model, "customer_id"):
        # A record that is added by its customer's relationship learns the customer's id in the flush only.
        for relation in inspect(model).relationships:
            if relation.direction is MANYTOONE and any(
                column.key == "customer_id" for column in relation.local_columns
            ):
                other = record.__dict__.get(relation.key)
                if other is not None:
                    customer = other.id
    return customer


def _subject(model: Any, record: UUID, customer: UUID | None) -> UUID:
    if model.__tablename__ == "crm_customer":
        return record
    if customer is not None:
        return customer
    alone = hasattr(model, "customer_id") or getattr(model, "__own_key__", False)
    return record if alone else own_key(model.__tablename__)
