"""A customer base whose clock the test sets, and the hasher's work counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.security.credentials.passwords import redeem
from crmkit.settings import Settings

SYSTEM = Actor.system("tests")
GOOD = "rivers under copper bridges"
HOME = "198.51.100.7"
COST = "t=1,m=47104,p=1"
"""The least that may be set: tests hash a good deal."""


@define
class Desk:
    """A customer base, and the instant that its clock shows."""

    url: str
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    crm: CRM = field(init=False)

    def open(self, cost: str = COST) -> CRM:
        """Open the customer base, as another process would."""
        settings = Settings.from_mapping({"database": self.url, "password_cost": cost})
        return CRM.open(settings, clock=Clock(system=lambda: self.now))

    def later(self, **span: float) -> None:
        """Let time go by."""
        self.now += timedelta(**span)

    def user(self, login: str, *roles: str, password: str | None = None, address: str | None = None) -> Any:
        """Add a user with roles and, where one is given, a password that was set from an address."""
        made = self.crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
        for role in roles:
            self.crm.run(SYSTEM, "user.assign_role", {"role": role}, target=made.id)
        if password is not None:
            code = self.crm.run(SYSTEM, "user.invite", target=made.id).code
            redeem(self.crm, login, code, password, address)
        return made

    def token(self, user: Any, *scopes: str, days: int = 90) -> Any:
        """Make a token for a user."""
        values = {"name": "script", "scopes": list(scopes), "days": days, "user_id": user.id}
        return self.crm.run(SYSTEM, "token.create", values)

    def rows(self, sql: str) -> list[Any]:
        """Return rows as they are in the database."""
        from sqlalchemy import text

        from crmkit.core.store.guard import region

        with self.crm.session(SYSTEM) as session, region(session, "tests"):
            return list(session.connection().execute(text(sql)).all())

    def attempts(self, operation: str = "sign_in") -> list[tuple[str, str | None]]:
        """Return how attempts ended, oldest first, by the audit log: the outcome, and why."""
        import json

        found = self.rows(
            f"SELECT outcome, details FROM crm_audit WHERE operation = '{operation}' ORDER BY recorded_at, id"
        )
        return [(row.outcome, json.loads(row.details)["why"] if row.details else None) for row in found]


@contextmanager
def desk_at(url: str) -> Iterator[Desk]:
    """Open a customer base at an address, and close it at the end."""
    desk = Desk(url)
    desk.crm = desk.open()
    try:
        yield desk
    finally:
        desk.crm.close()


@define
class Hasher:
    """Stands before the hasher and counts what it is asked to verify; ``quick`` spares it the work, for attacks of
    thousands of guesses, all of them wrong."""

    calls: list[str] = field(factory=list[str])
    quick: bool = False

    def verify(self, password: str, hashed: str) -> bool:
        """Verify, and count."""
        from crmkit.core.vault.secrets import verify_password

        self.calls.append(hashed)
        return False if self.quick else verify_password(password, hashed)
