"""Names that one transaction at a time holds: for what no unique index can keep apart.

Must not know what the names stand for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


def hold(session: CrmSession, *names: str) -> None:
    """Wait until no other transaction holds one of some names, and hold them until this one ends.

    What is read afterwards is what the others left behind. On SQLite nothing has to be done: of the transactions that
    write there is one at a time.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for key in sorted(_key(name) for name in names):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
