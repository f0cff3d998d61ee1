"""The application of a serving process: health, metrics and logs around the doors of an installation.

Must not know the server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import to_thread
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crmkit.core.operations.failures import describe, show_traceback
from crmkit.core.vault.secrets import same
from crmkit.errors import CrmkitError
from crmkit.settings import Settings
from crmkit.web.http.requests import client_address, is_trusted
from crmkit.web.serving.health import HealthDesk
from crmkit.web.serving.installation import Installation, Running
from crmkit.web.serving.logs import access_logger
from crmkit.web.serving.metrics import MEDIA_TYPE, Metrics

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.web.serving.telemetry import Tracing

QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""What monitoring asks for every few seconds is not logged."""
_LOCAL = ("127.0.0.1", "::1")
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


class Served:
    """The application of one process. It opens the installation when it starts, and closes it when it ends."""

    def __init__(
        self,
        settings: Settings,
        open_crm: Callable[[], CRM],
        *,
        threads: int,
        jobs: bool = False,
        tracing: Tracing | None = None,
        every: float = 1.0,
    ) -> None:
        self.settings = settings
        self._threads = threads
        self._tracing = tracing
        self.installation = Installation(open_crm=open_crm, make_app=self._application, jobs=jobs, every=every)
        self.metrics = Metrics(self.installation)
        self._health = HealthDesk(installation=self.installation)
        self._log = access_logger()

    def _application(self, crm: CRM) -> ASGIApp:
        self.metrics.watch(crm)
        if self._tracing is not None:
            self._tracing.watch(crm.engines.base)
        return crm.asgi(trusted_proxies=self.settings.trusted_proxies, public_url=self.settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            to_thread.current_default_thread_limiter().total_tokens = self._threads
            await run_in_threadpool(self.installation.start)
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": describe(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        # The server has let all requests end by now; what is left is the job at hand.
        await run_in_threadpool(self.installation.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path in QUIET and scope["method"] in ("GET", "HEAD"):
            response = await run_in_threadpool(self._monitoring, path, scope)
            await response(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method: str = scope["method"]
        running = self.installation.enter()
        self.metrics.begin()
        with self._tracing.request(method) if self._tracing is not None else nullcontext() as span:
            try:
                await self._through(running, scope, receive, sending)
            except Exception as error:
                # Its text may hold what somebody typed, so it is not the server's to print.
                self._log.error("request failed", error=describe(error))
                show_traceback(error)
                if status == 500:
                    await Response("Internal Server Error", 500)(scope, receive, send)
            finally:
                if running is not None:
                    self.installation.leave(running)
                seconds = time.perf_counter() - began
                route = getattr(scope.get("route"), "path", None) or "-"
                known = method if method in _METHODS else "other"
                self.metrics.end(known, route, status, seconds)
                if self._tracing is not None:
                    self._tracing.ended(span, known, route, status)
                state = scope.get("state", {})
                self._log.info(
                    "request",
                    request_id=state.get("request_id"),
                    method=known,
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                    actor=state.get("actor"),
                )

    async def _through(self, running: Running | None, scope: Scope, receive: Receive, send: Send) -> None:
        if running is None:
            await Response(status_code=503, headers={"Retry-After": "2"})(scope, receive, send)
            return
        await running.app(scope, receive, send)

    # --- monitoring ---------------------------------------------------------------------------------------------

    def _monitoring(self, path: str, scope: Scope) -> Response:
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if path == "/health/live":
            return Response("alive\n", headers=headers, media_type="text/plain")
        trusted = self._may_look(scope)
        if path == "/metrics":
            if not trusted:
                return Response(status_code=404, headers=headers)
            return Response(self.metrics.text(), headers=headers, media_type=MEDIA_TYPE)
        try:
            found = self._health.health()
        except CrmkitError as error:
            return Response(error.code if trusted else "", 503, headers={**headers, "Retry-After": "5"})
        document: dict[str, Any] = {"status": "ready" if found.ready else "not ready"}
        if trusted:
            document["checks"] = [
                {"name": each.name, "ok": each.ok, **({"why": each.why} if each.why else {})} for each in found.checks
            ]
        if not found.ready:
            headers["Retry-After"] = "5"
        return Response(
            msgspec.json.encode(document),
            200 if found.ready else 503,
            headers=headers,
            media_type="application/json",
        )

    def _may_look(self, scope: Scope) -> bool:
        """Say whether a caller may see how it is inside: with the token, or on this machine without a proxy between."""
        headers = dict(scope["headers"])
        token = self.settings.metrics_token
        given = headers.get(b"authorization", b"").decode("latin-1")
        if token is not None and same(given.encode(), f"Bearer {token}".encode()):
            return True
        proxies = self.settings.trusted_proxies
        client = scope.get("client")
        if any(name in headers for name in _FORWARDED) and not is_trusted(client[0] if client else None, proxies):
            return False
        return client_address(scope, proxies) in _LOCAL


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
