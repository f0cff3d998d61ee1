"""A customer base that knows one provider of single sign-on, on SQLite: none of it depends on the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from crmkit.security.sessions.signed import Opened
from crmkit.security.sso.flow import Arrival, Departure, arrive, depart
from tests.conftest import Templates
from tests.security.sessions.support import BROWSER, Entrance
from tests.security.sso.fake import CALLBACK, CLIENT, SECRET, FakeProvider, running


@define
class Linked(Entrance):
    """An entrance, and a provider beside it."""

    provider: FakeProvider = field(init=False)

    def know(self, settings: dict[str, Any] | None = None, **values: Any) -> None:
        """Open the customer base with the provider in its settings."""
        base = {"issuer": self.provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "private": True}
        self.reopen(sso={"acme": {**base, **values}}, **(settings or {}))

    def depart(self, **values: Any) -> Departure:
        """Send a browser to the provider."""
        return depart(self.crm, "acme", CALLBACK, **values)

    def arrive(self, away: Departure, answer: dict[str, str], **values: Any) -> Arrival:
        """Take in what the browser comes back with."""
        return arrive(self.crm, "acme", answer, away.token, BROWSER, **values)

    def sign_on(self, **claims: Any) -> Arrival:
        """Go to the provider and come back, as a user of it with some claims."""
        away = self.depart()
        return self.arrive(away, self.provider.authorise(away.url, **claims))

    def invited(self, login: str = "anna", *roles: str, **claims: Any) -> Any:
        """Add a user and link the account at the provider by an invitation."""
        user = self.user(login, *(roles or ("seller",)))
        code = self.crm.run(self.crm.system("tests"), "user.invite", target=user.id).code
        from crmkit.security.credentials.passwords import SETTING
        from crmkit.security.sessions.links import look_at_code

        found = look_at_code(self.crm, code, None, purposes=SETTING)
        away = self.depart(purpose="invitation", code_id=found.id)
        arrival = self.arrive(away, self.provider.authorise(away.url, **claims))
        assert isinstance(arrival.result, Opened)
        return user

    def reasons(self) -> list[str]:
        """Return why sign-ons were refused, by the audit log, oldest first."""
        import json

        rows = self.rows(
            "SELECT details FROM crm_audit WHERE operation = 'sign_in' AND outcome = 'refused' ORDER BY recorded_at, id"
        )
        return [json.loads(row.details)["why"] for row in rows]


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Linked]:
    """A customer base whose clock the test sets, and a provider."""
    made = Linked(templates.copy("sqlite", tmp_path))
    made.crm = made.open()
    with running(lambda: made.now) as provider:
        made.provider = provider
        made.know()
        try:
            yield made
        finally:
            made.crm.close()
