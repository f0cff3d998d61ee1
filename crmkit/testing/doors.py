"""Asks the pages and the API of a CRM in this process, with nothing but what crmkit[web] brings.

Must not know any page.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import define, evolve, field, frozen

from crmkit.security.sessions.opening import open_session, proof_of
from crmkit.testing.report import reason_of

if TYPE_CHECKING:
    from uuid import UUID

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

COOKIE = "crmkit"


def has_doors() -> bool:
    """Say whether crmkit[web] is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("starlette", "granian"))


@frozen(kw_only=True)
class Answer:
    """What came back: the status, the body as text, and where the doors failed what the log says of it."""

    status: int
    text: str
    reason: str = ""


@define(kw_only=True)
class Doors:
    """The doors of one CRM. Users stay signed in from their first call on."""

    crm: CRM
    _application: Any = field(init=False, repr=False, default=None)
    _tokens: dict[UUID, str] = field(factory=dict, repr=False)

    def get(self, path: str, actor: Actor, language: str = "en") -> Answer:
        """Read an address as a user, in a language."""
        assert actor.user_id is not None
        if self._application is None:
            self._application = self.crm.asgi()
        if actor.user_id not in self._tokens:
            proof = proof_of(self.crm, actor.user_id, method="link")
            self._tokens[actor.user_id] = open_session(self.crm, proof).token
        parts = urlsplit(path)
        headers = {
            "host": "localhost",
            "cookie": f"{COOKIE}={self._tokens[actor.user_id]}",
            "accept-language": "zh-CN" if language == "zh_Hans" else language,
        }
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("localhost", 80),
        }
        with _listening() as told:
            try:
                # In a thread of its own: tests may have an event loop running in this one.
                with ThreadPoolExecutor(1) as apart:
                    answer = apart.submit(asyncio.run, _ask(self._application, scope)).result()
            except Exception as error:  # what the frame around a page could not say either
                return Answer(status=500, text="", reason=reason_of(error))
        return evolve(answer, reason="; ".join(told))


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Collect what the doors log within the block, in place of printing it."""
    told: list[str] = []
    log = logging.getLogger("crmkit.web")
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    before = log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield told
    finally:
        log.removeHandler(handler)
        log.propagate = before


async def _ask(application: Any, scope: dict[str, Any]) -> Answer:
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await application(scope, receive, send)
    status = next(each["status"] for each in messages if each["type"] == "http.response.start")
    body = b"".join(each.get("body", b"") for each in messages if each["type"] == "http.response.body")
    return Answer(status=status, text=body.decode("utf-8", "replace"))
