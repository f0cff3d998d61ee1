"""Makes users for tests: one who may do everything, and others who may do exactly what is said.

Must not know pytest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from uuid import UUID

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

EVERYTHING: Mapping[str, str] = {"personal": "full", "text": "full", "sensitive": "full"}
"""The classes of fields that say more than the right to the record, each at its highest level."""


@define(kw_only=True)
class Actors:
    """Makes users, each with a role of its own, a shipped role, or no rights at all."""

    crm: CRM
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), repr=False)
    _teams: dict[str, UUID] = field(factory=dict, repr=False)

    def __call__(
        self,
        *,
        permissions: Sequence[str] = (),
        scope: str = "all",
        fields: Mapping[str, str] | None = None,
        role: str | None = None,
        team: str | None = None,
        name: str | None = None,
    ) -> Actor:
        """Add a user and return it as the one who acts.

        ``permissions`` are what it may do, as ``customer.read``, with the records of a ``scope`` ("own", "team",
        "tree", "all"); ``fields`` the levels at which it sees field classes, as ``{"personal": "masked"}``: none of
        personal, text and sensitive where nothing is said. ``role`` is a role that there is, such as "seller", with
        what it grants; ``team`` is added where there is none of this name. Raises NotFound for a role that there is
        not, InvalidInput for a permission, scope or class that there is not.
        """
        from crmkit.core.store.actor import Actor

        number = next(self._numbers)
        login = f"user{number}" if number else "tester"
        system = self.crm.system("a user for tests")
        user = self.crm.run(system, "user.create", {"login": login, "name": name or f"User {number}"})
        if permissions or fields:
            own = self.crm.run(system, "role.create", {"name": f"role_of_{login}"})
            for permission in permissions:
                resource, _dot, action = permission.rpartition(".")
                right = {"resource": resource, "action": action, "scope": scope}
                self.crm.run(system, "role.grant", right, target=own.id)
            for classified, level in (fields or {}).items():
                seen = {"classified": classified, "level": level}
                self.crm.run(system, "role.set_field_right", seen, target=own.id)
            self.crm.run(system, "user.assign_role", {"role": own.name}, target=user.id)
        if role is not None:
            self.crm.run(system, "user.assign_role", {"role": role}, target=user.id)
        if team is not None:
            if team not in self._teams:
                self._teams[team] = self.crm.run(system, "team.create", {"name": team}).id
            self.crm.run(system, "team.add_member", {"user_id": user.id, "main": True}, target=self._teams[team])
        return Actor.user(user.id, user.name)


def tester(crm: CRM) -> Actor:
    """Return a user made for tests, whose role grants everything."""
    return Actors(crm=crm, numbers=itertools.count())(permissions=["*.*"], fields=EVERYTHING, name="Tess Ter")
