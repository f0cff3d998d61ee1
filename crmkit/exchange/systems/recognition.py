"""Which system a file comes from, told from the set of its headings. Must not know rows or databases."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from crmkit.exchange.systems import contacts, fxiaoke, hubspot, odoo, pipedrive, salesforce, zoho
from crmkit.exchange.systems.model import KnownTable, normal

_COVERED = 0.5
"""Least share of a file's headings that a table of the system has."""


@cache
def known_tables() -> tuple[KnownTable, ...]:
    """Return everything that is known of other systems' tables."""
    modules = (salesforce, hubspot, zoho, fxiaoke, odoo, pipedrive, contacts)
    return tuple(table for module in modules for table in module.TABLES)


def recognise(headings: Sequence[str]) -> KnownTable | None:
    """Return the table that a file with these headings is most probably an export of, or None.

    What counts is how many headings only that system has, then how few of the file's headings it does not have.
    """
    found = {normal(heading) for heading in headings} - {""}
    if len(found) < 2:
        return None
    best: tuple[float, KnownTable] | None = None
    for table in known_tables():
        score = _score(table, found)
        if score is not None and (best is None or score > best[0]):
            best = score, table
    return best[1] if best else None


def _score(table: KnownTable, found: set[str]) -> float | None:
    if not all(group & found for group in table.groups):
        return None
    signs = len(table.marks & found)
    known = sum(1 for heading in found if heading in table.fields or heading in table.reasons or heading in table.marks)
    if signs < table.at_least or known < _COVERED * len(found):
        return None
    return 2 * signs + known - (len(found) - known) / 2
