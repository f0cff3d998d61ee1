"""What whoever acted is called on a page: a user by name, everything else by what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import select

from crmkit.core.access.models import User
from crmkit.core.store.ids import parse_id

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_PART = 500


def names_of_actors(session: CrmSession, actor_ids: Iterable[str]) -> Mapping[str, str]:
    """Return what actors are called, by their ids (``user:<uuid>``); those of whom no name is known are left out."""
    wanted = {
        identity: actor_id
        for actor_id in set(actor_ids)
        if actor_id.startswith("user:") and (identity := parse_id(actor_id.removeprefix("user:"))) is not None
    }
    found: dict[str, str] = {}
    listed = list(wanted)
    for start in range(0, len(listed), _PART):
        query = select(User.id, User.name, User.login).where(User.id.in_(listed[start : start + _PART]))
        found.update((wanted[identity], name or login) for identity, name, login in session.execute(query))
    return found
