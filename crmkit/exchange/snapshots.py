"""How customers stand, field by field as text: before a file changes them and after, so that the two can be compared.

What the actor may not see in full is compared in full and shown masked. Must not know files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit.core.access.models import Team, User
from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.models import ContactPoint, Customer, custom_of
from crmkit.core.customers.references import chunks
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import is_masked
from crmkit.core.store.session import CrmSession
from crmkit.exchange.outcomes import FieldChange
from crmkit.exchange.writers import cell_text
from crmkit.i18n import texts

_ = texts("crmkit")

MASKED = "•••"
_COLUMNS = (
    "kind", "standing", "converted_at", "name", "sort_name", "family_name", "given_name", "middle_name", "salutation",
    "job_title", "city", "province", "country", "birth_date", "gender", "occupation", "language", "time_zone",
    "identity_kind", "identity_number", "industry", "size", "registration_number", "website", "source",
)  # fmt: skip
_POINTS = {"email": "email", "phone": "phone", "address": "street", "social": "contact_points", "web": "website"}
"""The field under which contact points of a kind are shown."""


@frozen(kw_only=True)
class Held:
    """A value in full, to compare, and as the actor may see it."""

    full: str
    shown: str


Standing = Mapping[str, Held]


def standings(session: CrmSession, ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return how customers stand, as far as the actor may see them."""
    wanted = set(ids)
    if not wanted:
        return {}
    logins = dict(session.execute(select(User.id, User.login)).all())
    teams = dict(session.execute(select(Team.id, Team.name)).all())
    found: dict[UUID, Standing] = {}
    for part in chunks(wanted):
        query = (
            select(Customer)
            .where(Customer.id.in_(part))
            .options(
                selectinload(Customer.contact_points), selectinload(Customer.tags), selectinload(Customer.identifiers)
            )
        )
        each = list(session.scalars(query))
        above = {one.parent_id for one in each if one.parent_id is not None}
        names: dict[UUID, tuple[str, str]] = {}
        for ids_above in chunks(above):
            found_above = session.scalars(select(Customer).where(Customer.id.in_(ids_above)))
            names.update(
                {each_above.id: (plain(each_above, "name"), _seen(each_above.name)) for each_above in found_above}
            )
        for one in each:
            standing = _standing(one)
            if one.parent_id in names:
                standing["organization"] = Held(full=names[one.parent_id][0], shown=names[one.parent_id][1])
            for name, value in (
                ("owner", logins.get(one.owner_id) if one.owner_id else None),
                ("team", teams.get(one.team_id) if one.team_id else None),
            ):
                if value:
                    standing[name] = Held(full=value, shown=value)
            found[one.id] = standing
    return found


def _standing(one: Customer) -> dict[str, Held]:
    found: dict[str, Held] = {}
    for name in _COLUMNS:
        _put(found, name, plain(one, name), getattr(one, name))
    shown = custom_parts(one.custom_open, one.custom_sealed)
    for name, value in custom_of(one).items():
        _put(found, f"custom.{name}", value, shown.get(name, MASKED))
    for kind, field in (("tag", "tags"), ("interest", "interests")):
        names = ", ".join(sorted(item.name for item in one.tags if item.kind == kind))
        _put(found, field, names, names)
    identifiers = ", ".join(sorted(f"{item.source}: {item.external_id}" for item in one.identifiers))
    _put(found, "identifiers", identifiers, identifiers)
    points: dict[str, list[ContactPoint]] = {}
    for point in sorted(one.contact_points, key=lambda item: (item.position, item.id)):
        points.setdefault(_POINTS.get(point.kind, "contact_points"), []).append(point)
    for field, each in points.items():
        full = ", ".join(_full(point) for point in each)
        _put(found, field, full, ", ".join(_seen(point.value) for point in each))
    return found


def _full(point: ContactPoint) -> str:
    return cell_text(plain(point, "value")) or ""


def _put(found: dict[str, Held], name: str, full: Any, shown: Any) -> None:
    if full not in (None, "", [], {}):
        found[name] = Held(full=cell_text(full) or "", shown=_seen(shown))


def _seen(value: Any) -> str:
    text = "" if value is None else cell_text(value) if not is_masked(value) else str(value)
    return text or MASKED


def compare(before: Standing, after: Standing) -> tuple[FieldChange, ...]:
    """Return the fields that differ."""
    nothing = Held(full="", shown="")
    names: Sequence[str] = list(dict.fromkeys((*before, *after)))
    return tuple(
        FieldChange(field=name, before=old.shown, after=new.shown)
        for name in names
        if (old := before.get(name, nothing)).full != (new := after.get(name, nothing)).full
    )
