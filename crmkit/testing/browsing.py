"""A client of the pages and the API in this process, signed in as somebody. Must not know pytest, nor any page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from crmkit.errors import MissingExtra, UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

COOKIE = "crmkit"


@define(kw_only=True)
class Clients:
    """Makes clients of the doors of one CRM."""

    crm: CRM
    _made: list[TestClient] = field(factory=list, repr=False)

    def __call__(self, actor: Actor | None = None, *, language: str = "en") -> TestClient:
        """Return a client: one who is signed in as a user, or a stranger.

        It is starlette's, so ``client.get("/customers").text`` reads a page and ``client.post(path, data={…})`` sends a
        form; the token that forms carry against foreign sites goes with every request. Raises UsageError for an actor
        that is no user, MissingExtra where crmkit[web] or the client's library is not installed.
        """
        try:
            from starlette.testclient import TestClient
        except (ImportError, RuntimeError) as error:
            raise MissingExtra(_("Trying pages needs {library}."), extra="testing", library="httpx2") from error
        client = TestClient(
            self.crm.asgi(),
            base_url="http://localhost",
            headers={"Accept-Language": language.replace("_", "-")},
        )
        self._made.append(client)
        if actor is not None:
            from crmkit.security.sessions.opening import open_session, proof_of
            from crmkit.security.sessions.signed import csrf_of

            if actor.user_id is None:
                raise UsageError(_("Only a user can sign in to the pages."))
            token = open_session(self.crm, proof_of(self.crm, actor.user_id, method="link")).token
            client.cookies.set(COOKIE, token)
            client.headers["X-CSRF-Token"] = csrf_of(token)
        return client

    def close(self) -> None:
        """Close every client that was made."""
        for client in self._made:
            client.close()
