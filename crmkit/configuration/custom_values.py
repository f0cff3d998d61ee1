"""Whether records have values in a custom field, sealed or not, whoever asks and whosever the records are.

Must not know what the values mean, nor give any away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from crmkit.core.store.guard import region
from crmkit.core.store.sealed import OpenItem, from_bytes, sealed_fields
from crmkit.errors import Erased

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_PAGE = 1000
_SEALED = "custom_sealed"


def custom_values_exist(session: CrmSession, model: Any, name: str, *, sealed: bool) -> bool:
    """Say whether a record of a model has a value in a custom field; sealed ones are opened to find out."""
    table = model.__table__
    with region(session, "whether a custom field has values"):
        if not sealed:
            held = table.c.custom[name].as_string()
            return session.scalar(select(table.c.id).where(held.is_not(None)).limit(1)) is not None
        return _in_sealed(session, table, name) if _SEALED in sealed_fields(model) else False


def _in_sealed(session: CrmSession, table: Any, name: str) -> bool:
    last: Any = None
    while True:
        query = select(table.c.id, table.c[_SEALED]).where(table.c[_SEALED].is_not(None))
        query = query.order_by(table.c.id).limit(_PAGE)
        rows = session.execute(query if last is None else query.where(table.c.id > last)).all()
        items = [OpenItem(table=table.name, field=_SEALED, record=row[0], sealed=row[1]) for row in rows]
        for value in session.crm.vault.open_each(session, items):
            if isinstance(value, bytes):
                if name in cast("dict[str, Any]", from_bytes(value, dict)):
                    return True
            elif not isinstance(value, Erased):
                raise value
        if len(rows) < _PAGE:
            return False
        last = rows[-1][0]
