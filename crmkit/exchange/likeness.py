"""Whom rows resemble by the evidence of plugins, where nothing is exactly the same. Must not write."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.matching import HOOK, find_exact, probes_of
from crmkit.core.operations.inputs import structure
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput
from crmkit.exchange.duplicates import Match

ENOUGH = 0.5
"""The least score with which a row that is to be looked at counts as somebody who is known."""


def alike(session: CrmSession, rows: Sequence[Mapping[str, Any]]) -> dict[int, Match]:
    """Return for the places of rows, given by their values, the customer whom each most probably is; nobody where no
    plugin has a say. A row that is no customer at all is left out: it is refused when it is tried."""
    if not session.gate.dispatcher.implementers(HOOK):
        return {}
    asked: list[tuple[int, NewCustomer]] = []
    for place, row in enumerate(rows):
        with contextlib.suppress(InvalidInput):
            asked.append((place, structure(NewCustomer, {name: value for name, value in row.items() if name != "_"})))
    if not asked:
        return {}
    found = find_exact(session, probes_of(session, [new for _place, new in asked]))
    return {
        place: Match("likeness", "", customer_id=matches[0].customer_id)
        for (place, _new), matches in zip(asked, found, strict=True)
        if matches and matches[0].score >= ENOUGH
    }
