"""Erasing a person: what becomes of each table's rows, doing it in one transaction, and the certificate.

Rows are deleted, made anonymous, or, where a law says so, locked away until a day; then the person's data keys are
destroyed, so that every copy of a sealed value, in backups too, stays unreadable. Whether somebody is to be erased is
decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from attrs import asdict, field, frozen
from sqlalchemy import Table, and_, delete, or_, select

from crmkit.core.customers.events import CustomersRemoved
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Attachment
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.operations.tables import AuditPayload, AuditSubject
from crmkit.core.privacy.holds import LegalHold, holds_on, refuse_if_held
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import RecordChange
from crmkit.core.store.types import dumps
from crmkit.core.vault.tables import DataKey
from crmkit.engines.search.indexing import compact
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.i18n import texts
from crmkit.security.privacy.erasures import note_erased
from crmkit.security.privacy.person import plain
from crmkit.security.privacy.rows import Held, about, anonymise, opened, personal_data, recorded_column, remove
from crmkit.security.privacy.tables import Erasure, Retained

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

_FILES = "crmkit.erased_files"
Reason = Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")]


@frozen(kw_only=True)
class ErasureItem:
    """What becomes of a table's rows about a person. ``until`` is the day to which a law keeps them, by its row's age
    the latest of all."""

    table: str
    column: str
    purpose: str
    action: Literal["delete", "anonymise", "retain"]
    rows: int
    law: str = ""
    until: date | None = None


@frozen(kw_only=True)
class ErasurePlan:
    """What an erasure would do. ``held_since`` is the day of a legal hold that forbids it."""

    subject_id: UUID
    items: tuple[ErasureItem, ...] = field(converter=tuple)
    data_keys: int
    held_since: date | None = None
    held_because: str = ""


@frozen(kw_only=True)
class Certificate:
    """What was done for the erasure of a person, signed with the installation's own key; it names nobody."""

    erasure_id: UUID
    subject_id: UUID
    erased_at: datetime
    actor_id: str
    reason: str
    items: tuple[ErasureItem, ...] = field(converter=tuple)
    data_keys: int
    signature: str = ""


@operation("privacy.plan_erasure", title=_("Plan the erasure of a person"), permission="privacy.admin")
def plan_erasure(session: CrmSession, customer: Customer) -> ErasurePlan:
    """Return what erasing a customer would do, table by table. Nothing is changed."""
    with region(session, "planning an erasure"):
        items = [item for held in personal_data(session) if (item := _item(session, held, customer.id)).rows]
        keys = len(_keys(session, customer.id))
    hold = holds_on(session, [customer.id]).get(customer.id)
    return ErasurePlan(
        subject_id=customer.id,
        items=items,
        data_keys=keys,
        held_since=hold.created_at.date() if hold else None,
        held_because=hold.reason if hold else "",
    )


@operation("privacy.erase", title=_("Erase a person"), permission="privacy.admin", effect="delete")
def erase(session: CrmSession, customer: Customer, *, reason: Reason) -> Certificate:
    """Erase a customer and return the certificate. It cannot be undone.

    Raises OnLegalHold while a legal hold is on the customer, and what a plugin's ``crmkit_erase_customer`` raises;
    then nothing is erased.
    """
    if not reason.strip():
        raise InvalidInput([Problem("CK500", _("This cannot be empty."), field="reason")])
    refuse_if_held(session, customer.id)
    person = customer.id
    session.emit(CustomersRemoved(customer_ids=(person,)))
    session.flush()
    session.expunge_all()
    with region(session, "erasing a person"):
        return erase_person(session, person, reason)


def erase_person(session: CrmSession, person: UUID, reason: str) -> Certificate:
    """Erase a person by number, whether the customer's own row is still there or not; for `erase`, the replay of the
    erasure list and the retention schedule, inside a region of theirs."""
    erasure_id = new_id()
    files = _files(session, person)
    items = [_apply(session, held, person, erasure_id) for held in personal_data(session)]
    for answer in session.gate.dispatcher.collect("crmkit_erase_customer", session=session, customer_id=person):
        if answer.error is not None:
            raise answer.error
    _forget_history(session, person)
    keys = _keys(session, person)
    session.crm.vault.destroy(session, [person])
    session.connection().execute(delete(LegalHold).where(LegalHold.customer_id == person))
    certificate = Certificate(
        erasure_id=erasure_id,
        subject_id=person,
        erased_at=session.gate.clock.now(),
        actor_id=session.actor.id,
        reason=reason,
        items=[item for item in items if item.rows],
        data_keys=len(keys),
    )
    signed = sign(session, certificate)
    _keep(session, signed)
    _afterwards(session, files)
    return signed


def sign(session: CrmSession, certificate: Certificate) -> Certificate:
    """Return a certificate with its signature (Ed25519 over its canonical JSON, in hexadecimal digits)."""
    from attrs import evolve

    return evolve(certificate, signature=session.crm.vault.sign(canonical(certificate)).hex())


def canonical(certificate: Certificate) -> bytes:
    """Return the bytes of a certificate that its signature is over."""
    return dumps(as_values(certificate)).encode()


def as_values(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate as plain values, without its signature."""
    values = asdict(certificate, filter=lambda attribute, _value: attribute.name != "signature")
    values["items"] = [{name: plain(value) for name, value in item.items()} for item in values["items"]]
    return {name: plain(value) for name, value in values.items()}


# --- the parts -------------------------------------------------------------------------------------------------------


def _item(session: CrmSession, held: Held, person: UUID) -> ErasureItem:
    from crmkit.security.privacy.rows import count

    rows = count(session, held, person)
    until = _until(session, held, person) if held.on_erase == "retain" and rows else None
    return _as_item(held, rows, until)


def _as_item(held: Held, rows: int, until: date | None = None) -> ErasureItem:
    action: Any = "delete" if held.on_erase == "retain" and until is None else held.on_erase
    return ErasureItem(
        table=held.table,
        column=held.column,
        purpose=held.purpose,
        action=action,
        rows=rows,
        law=held.law if until is not None else "",
        until=until,
    )


def _until(session: CrmSession, held: Held, person: UUID) -> date | None:
    """Return the day to which the youngest row of a person has to be kept, or None where that day has passed."""
    table, condition = about(session, held, person)
    column = recorded_column(table)
    if column is None or held.retention_days is None:
        return None
    youngest = session.connection().execute(select(column).where(condition).order_by(column.desc()).limit(1)).scalar()
    if youngest is None:
        return None
    last = (youngest + timedelta(days=held.retention_days)).date()
    return last if last > session.gate.clock.now().date() else None


def _apply(session: CrmSession, held: Held, person: UUID, erasure_id: UUID) -> ErasureItem:
    table, condition = about(session, held, person)
    if held.on_erase == "anonymise":
        return _as_item(held, anonymise(session, held, table, condition))
    until = _until(session, held, person) if held.on_erase == "retain" else None
    if until is not None:
        _lock_away(session, held, table, condition, erasure_id, until)
    return _as_item(held, remove(session, table, condition), until)


def carry_out(session: CrmSession, held: Held, person: UUID) -> None:
    """Do with the rows of one table what an erasure does; for what is found to be about a person while the erasure is
    under way, inside its region."""
    table, condition = about(session, held, person)
    if held.on_erase == "anonymise":
        anonymise(session, held, table, condition)
    else:
        remove(session, table, condition)


def _lock_away(session: CrmSession, held: Held, table: Table, condition: Any, erasure_id: UUID, until: date) -> None:
    rows = [dict(row) for row in session.connection().execute(select(table).where(condition)).mappings()]
    content = [{name: plain(value) for name, value in row.items()} for row in opened(session, held.table, rows)]
    kept = Retained(
        erasure_id=erasure_id, table_name=held.table, rows=len(rows), law=held.law, until=until, content=content
    )
    session.add(kept)
    session.flush()


def _forget_history(session: CrmSession, person: UUID) -> None:
    """Remove what the history of records about others tells of a person, and what the audit log sealed for it."""
    connection = session.connection()
    changes: Any = RecordChange.__table__
    connection.execute(delete(changes).where(or_(changes.c.customer_id == person, changes.c.record_id == person)))
    subjects: Any = AuditSubject.__table__
    payloads: Any = AuditPayload.__table__
    told = select(subjects.c.audit_id).where(subjects.c.customer_id == person)
    connection.execute(delete(payloads).where(payloads.c.audit_id.in_(told)))


def _keys(session: CrmSession, person: UUID) -> Sequence[UUID]:
    keys: Any = DataKey.__table__
    return session.connection().execute(select(keys.c.id).where(keys.c.subject_id == person)).scalars().all()


def _files(session: CrmSession, person: UUID) -> list[str]:
    files: Any = Attachment.__table__
    query = select(files.c.storage_key).where(and_(files.c.customer_id == person))
    return list(session.connection().execute(query).scalars())


def _keep(session: CrmSession, certificate: Certificate) -> None:
    session.add(
        Erasure(
            id=certificate.erasure_id,
            subject_id=certificate.subject_id,
            actor_id=certificate.actor_id,
            reason=certificate.reason,
            certificate=as_values(certificate),
            signature=certificate.signature,
        )
    )
    session.flush()


def _afterwards(session: CrmSession, files: Sequence[str]) -> None:
    """Have done, once the erasures of a transaction stand, what cannot be undone: their files removed, the erasure
    list completed, and the pages that held them forgotten by the database."""
    waiting: list[str] | None = session.info.get(_FILES)
    if waiting is not None:
        waiting.extend(files)
        return
    waiting = session.info[_FILES] = list(files)
    crm = session.crm

    def finish() -> None:
        note_erased(crm)
        for key in waiting:
            crm.files.delete(key)
        forget_pages(crm)

    session.on_commit(finish)


def forget_pages(crm: CRM) -> None:
    """Have the database overwrite what destroyed keys and deleted rows have left: the inverted index of the search and
    the write-ahead log of SQLite, dead rows of PostgreSQL. Its own write-ahead log and backups keep copies until they
    are discarded."""
    with crm.engines.system_write.connect() as connection:
        if connection.dialect.name == "sqlite":
            compact(connection)
            connection.commit()
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        else:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM crm_data_key")


def certificate_of(session: CrmSession, number: UUID) -> tuple[Certificate, bool]:
    """Return the certificate of an erasure, by its own number or the person's, and whether its signature is right.

    Raises NotFound.
    """
    from crmkit.core.operations.inputs import structure

    table: Any = Erasure.__table__
    with region(session, "reading a certificate"):
        row = (
            session.connection()
            .execute(select(table).where(or_(table.c.subject_id == number, table.c.id == number)))
            .first()
        )
    if row is None:
        raise NotFound(_("Nobody with the number {id} was erased here."), id=number)
    found: Certificate = structure(Certificate, {**row.certificate, "signature": row.signature})
    return found, session.crm.vault.verify(canonical(found), bytes.fromhex(row.signature))


OPERATIONS = [plan_erasure, erase]
