"""What the function of an endpoint is handed: the call, and what came with it in the types that the endpoint declares.

Must not know which endpoints there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from attrs import define, field
from starlette.requests import Request

from crmkit.core.store.actor import Actor
from crmkit.web.http.call import Call

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.session import CrmSession

ROOT = "/api/v1"
"""The address of the API below the mount."""


@define(kw_only=True)
class RestCall:
    """One call of an endpoint.

    ``path``, ``query`` and ``headers`` are the parameters that it declares, ``body`` what its body was structured into,
    ``raw`` the bytes of it; ``key`` is the idempotency key, where one was given.
    """

    call: Call
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Any = None
    raw: bytes = field(default=b"", repr=False)
    key: str | None = None
    accepted: str = ""
    """The media type of the answer."""

    @property
    def crm(self) -> CRM:
        """Return the customer base."""
        return self.call.crm

    @property
    def actor(self) -> Actor:
        """Return who calls."""
        return self.call.actor

    @property
    def request(self) -> Request:
        """Return the request."""
        return self.call.request

    @property
    def language(self) -> str:
        """Return the language of the caller."""
        return self.call.language

    @property
    def request_id(self) -> str:
        """Return the id of the request."""
        return self.call.request_id

    def session(self) -> AbstractContextManager[CrmSession]:
        """Open a session to read as the caller."""
        return self.call.session()

    def run(
        self,
        operation: str,
        values: Mapping[str, Any] | Any = None,
        *,
        target: Any = None,
        version: int | None = None,
        key: str | None = None,
    ) -> Any:
        """Run an operation as the caller, under the call's idempotency key. Raises what `CRM.run` does."""
        return self.call.run(operation, values, target=target, version=version, key=key or self.key)

    def accepts(self, media: str) -> bool:
        """Say whether an answer of a media type was asked for."""
        return self.accepted == media

    def url(self, path: str, **query: object) -> str:
        """Return an address of the API, as the caller reaches it."""
        return self.call.url(f"{ROOT}{path}", **query)
