"""Telling visits apart without knowing whose they are.

A door gives some text that is the same for one visitor on one day: the key of a public site's visit, or that of a
session. It is hashed with a salt of the day and with the installation's keys; the salt is deleted with the day after.
"""

from __future__ import annotations

import contextlib
import secrets
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession
from crmkit_knowledge.asked.models import VisitSalt

LONGEST = 200
"""Characters of the text that a door gives."""


def visit_of(session: CrmSession, key: str, *, about: str = "") -> str | None:
    """Return the hash (32 hexadecimal digits) of a visit of today, None for an empty key; in an operation, as the salt
    of a new day is kept. ``about`` makes it another one for each thing that it is kept with."""
    if not key.strip():
        return None
    salt = _salt(session, session.today())
    if salt is None:
        salt = _new_salt(session, session.today())
    return _hash(session, salt, key, about)


def known_visit_of(session: CrmSession, key: str, *, about: str = "") -> str | None:
    """Return the hash of a visit where today has had one already, else None: for reading."""
    salt = _salt(session, session.today()) if key.strip() else None
    return _hash(session, salt, key, about) if salt is not None else None


def _hash(session: CrmSession, salt: str, key: str, about: str) -> str:
    return str(session.crm.vault.fingerprint("\0".join(("knowledge", salt, about, key.strip()))))[:32]


def _salt(session: CrmSession, day: date) -> str | None:
    return session.scalar(select(VisitSalt.salt).where(VisitSalt.day == day))


def _new_salt(session: CrmSession, day: date) -> str:
    fresh = secrets.token_hex(32)
    with contextlib.suppress(IntegrityError), session.begin_nested():
        session.add(VisitSalt(day=day, salt=fresh))
    return _salt(session, day) or fresh
