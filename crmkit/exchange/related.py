"""Records that rows name as another system does: owners by whatever is known of them, organisations by its ids.

What is not found is left alone: it is no fault of the row. Must not know files.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit.core.access.models import User
from crmkit.core.customers.references import taken_identifiers
from crmkit.core.store.session import CrmSession
from crmkit.exchange.units import Built


def find_owners(session: CrmSession, units: Sequence[Built]) -> None:
    """Give the rows whose owner is an active user here, by e-mail address, login or a name that only one has, that
    owner."""
    waiting = [unit for unit in units if unit.values["_"].get("owner_hint") and "owner_id" not in unit.values]
    if not waiting:
        return
    known: dict[str, set[UUID]] = {}
    for id_, login, name, email in session.execute(
        select(User.id, User.login, User.name, User.email).where(User.active.is_(True))
    ):
        for said in {login, name, email} - {None, ""}:
            known.setdefault(said.strip().casefold(), set()).add(id_)
    for unit in waiting:
        found = known.get(unit.values["_"]["owner_hint"].strip().casefold(), set())
        if len(found) == 1:
            unit.values["owner_id"] = next(iter(found))


def find_organizations(session: CrmSession, units: Sequence[Built]) -> None:
    """Give the rows that name an organisation by its id in their system that organisation, where it is known."""
    wanted: dict[tuple[str, str], list[Built]] = {}
    for unit in units:
        said = unit.values["_"].get("organization_ref")
        if said and "parent_id" not in unit.values:
            # The first of several is the main one.
            first = str(said).replace(",", ";").partition(";")[0].strip()
            if first:
                wanted.setdefault((unit.values["_"]["source"], first), []).append(unit)
    if not wanted:
        return
    for pair, id_ in taken_identifiers(session, set(wanted)).items():
        for unit in wanted.get(pair, ()):
            unit.values["parent_id"] = id_
            unit.values.pop("organization", None)
