"""Giving one customer a new data key, where the present one may have become known.

What sealed fields hold now is sealed anew. What is never rewritten (attachments, the history of changes, the audit log)
keeps the earlier key, which erasing the customer destroys with all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Connection, bindparam, func, select, update

from crmkit.core.customers.models import Customer
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard.regions import region
from crmkit.core.store.sealed import OpenItem, SealItem, sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.known import WHY
from crmkit.i18n import texts
from crmkit.security.keys.operations import ADMIN

_ = texts("crmkit")

BATCH = 500


@frozen(kw_only=True)
class DataKeyRotation:
    """What a new data key did: how many values were sealed anew under it, and how many earlier keys are kept."""

    sealed: int
    kept: int


@operation("key.rotate_data_key", title=_("Give a customer a new data key"), permission=ADMIN, effect="update")
def rotate_data_key(session: CrmSession, customer: Customer) -> DataKeyRotation:
    """Make a new data key for a customer and seal anew, under it, what the customer's sealed fields hold now.

    Nothing of it is shown. Earlier keys stay for what is never rewritten. Raises SealBroken, naming the value, when one
    was altered.
    """
    vault = session.crm.vault
    session.flush()
    earlier = vault.renew(session, customer.id)
    connection = session.connection()
    done = 0
    with region(connection, WHY):
        for model in session.gate.registry.models.values():
            for name, field in sealed_fields(model).items():
                column = model.__table__.c[field.column]
                for rows in _under(connection, model.__table__, column, earlier):
                    done += _seal_anew(session, connection, column, name, customer.id, rows)
    session.expire_all()
    return DataKeyRotation(sealed=done, kept=len(earlier))


def _under(connection: Connection, table: Any, column: Any, keys: list[bytes]) -> Iterator[list[tuple[UUID, bytes]]]:
    """Return batches of rows whose value is sealed under one of some keys: the envelope names it after two bytes."""
    named = func.substr(column, 3, 16)
    last: UUID | None = None
    while keys:
        query = select(table.c.id, column).where(named.in_(keys)).order_by(table.c.id).limit(BATCH)
        if last is not None:
            query = query.where(table.c.id > last)
        rows = [(row[0], bytes(row[1])) for row in connection.execute(query)]
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _seal_anew(
    session: CrmSession, connection: Connection, column: Any, name: str, subject: UUID, rows: list[tuple[UUID, bytes]]
) -> int:
    vault, table = session.crm.vault, column.table
    values = vault.open_many(
        session, [OpenItem(table=table.name, field=name, record=row, sealed=sealed) for row, sealed in rows]
    )
    fresh = vault.seal_many(
        session,
        [
            SealItem(subject=subject, table=table.name, field=name, record=row, value=value)
            for (row, _sealed), value in zip(rows, values, strict=True)
        ],
    )
    statement = (
        update(table)
        .where(table.c.id == bindparam("row"), column == bindparam("before"))
        .values({column.name: bindparam("after")})
    )
    connection.execute(
        statement,
        [{"row": row, "before": before, "after": after} for (row, before), after in zip(rows, fresh, strict=True)],
    )
    return len(rows)


OPERATIONS = [rotate_data_key]
"""The operations of this module."""
