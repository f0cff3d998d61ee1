"""The words that say the same, as searches take them. Must not change any."""

from __future__ import annotations

from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Synonyms
from crmkit_knowledge.synonyms.models import SynonymGroup

KEPT = 60.0
"""Seconds after which groups are read again even where none seems to have changed: servers' clocks differ."""


@frozen
class _Known:
    stamp: tuple[Any, ...]
    at: float
    groups: tuple[Synonyms, ...]


_known: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()


def synonyms_of(session: CrmSession) -> tuple[Synonyms, ...]:
    """Return the groups of terms that say the same, those of the earliest first. They are kept for as long as none was
    added, changed or removed, by whomever, and the same object is returned."""
    group = SynonymGroup
    stamp = tuple(session.execute(select(func.count(), func.sum(group.version), func.max(group.updated_at))).one())
    if not stamp[0]:
        _known.pop(session.crm, None)
        return ()
    known = _known.get(session.crm)
    if known is None or known.stamp != stamp or monotonic() - known.at > KEPT:
        rows = session.execute(select(group.terms, group.of).order_by(group.id))
        groups = tuple(Synonyms(terms=terms, of=of) for terms, of in rows)
        if known is not None and known.groups == groups:
            groups = known.groups
        known = _known[session.crm] = _Known(stamp, monotonic(), groups)
    return known.groups
