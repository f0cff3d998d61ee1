"""People who sign in to the pages, at a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyotp
from attrs import define

from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from crmkit.security.sessions import signing
from crmkit.security.sessions.looking import look_up
from crmkit.security.sessions.signed import Opened, Pending, Signed, Visitor
from crmkit.settings import Settings
from tests.security.credential_support import COST, GOOD, HOME, Desk

BROWSER = Visitor(
    address=HOME, agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", language="en"
)


@define
class Entrance(Desk):
    """A desk with an entrance: people sign in to the pages."""

    def reopen(self, **settings: Any) -> None:
        """Open the customer base with other settings."""
        self.crm.close()
        values = {"database": self.url, "password_cost": COST, **settings}
        self.crm = CRM.open(Settings.from_mapping(values), clock=Clock(system=lambda: self.now))

    def begin(self, login: str, password: str = GOOD, *, before: str | None = None) -> Opened | Pending:
        """Give a login and a password."""
        return signing.begin(self.crm, login, password, BROWSER, before=before)

    def enter(self, login: str, *, before: str | None = None) -> Opened:
        """Sign somebody in who has a password alone."""
        opened = self.begin(login, before=before)
        assert isinstance(opened, Opened)
        return opened

    def alive(self, opened: Opened) -> Signed | None:
        """Return what the token of a session opens now."""
        return look_up(self.crm, opened.token, HOME)

    def with_factor(self, login: str, *roles: str) -> tuple[Any, Authenticator, tuple[str, ...]]:
        """Add a user with a password and a second factor; returns the user, the authenticator and recovery codes."""
        user = self.user(login, *(roles or ("seller",)), password=GOOD)
        actor = self.enter(login).signed.actor
        phone = Authenticator(secret=self.crm.run(actor, "factor.begin").secret, desk=self)
        codes = self.crm.run(actor, "factor.confirm", {"code": phone.code()}).codes
        self.later(seconds=30)
        return user, phone, codes

    def operations(self, *names: str) -> list[tuple[str, str]]:
        """Return the outcomes of some operations in the audit log, oldest first."""
        listed = ", ".join(f"'{name}'" for name in names)
        return [
            (row.operation, row.outcome)
            for row in self.rows(
                f"SELECT operation, outcome FROM crm_audit WHERE operation IN ({listed}) ORDER BY recorded_at, id"
            )
        ]


@define(kw_only=True)
class Authenticator:
    """What somebody has on a phone."""

    secret: str
    desk: Entrance

    def code(self, steps: int = 0) -> str:
        """Return the code of the present half-minute, or of one some steps away."""
        return str(pyotp.TOTP(self.secret).at(self.desk.now, counter_offset=steps))


@contextmanager
def entrance_at(url: str) -> Iterator[Entrance]:
    """Open a customer base at an address, and close it at the end."""
    desk = Entrance(url)
    desk.crm = desk.open()
    try:
        yield desk
    finally:
        desk.crm.close()
