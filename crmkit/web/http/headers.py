"""The headers that keep a browser from doing what no page of ours wants: run other scripts, be framed, guess types.

A plain ASGI middleware, so that streams stay streams. Must not know any route.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crmkit.web.http.requests import is_secure, request_id

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What pages may load and do. ``data:`` pictures are the marks of form fields in the style sheet."""
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
YEAR = 31_536_000


class Headers:
    """Gives each request an id, and each answer the headers of security; what a route has set itself stays."""

    def __init__(self, app: ASGIApp, *, proxies: tuple[str, ...] = ()) -> None:
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"x-request-id"), None)
        identity = request_id(given)
        scope.setdefault("state", {})["request_id"] = identity
        secure = is_secure(scope, self.proxies)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers["x-request-id"] = identity
                # What was found out about the call on its way, such as how many more there may be.
                for name, value in scope["state"].get("answer_headers", {}).items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", POLICY)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("permissions-policy", PERMISSIONS)
                headers.setdefault("cross-origin-opener-policy", "same-origin")
                headers.setdefault("cross-origin-resource-policy", "same-origin")
                headers.setdefault("cache-control", "no-store")
                if secure:
                    headers.setdefault("strict-transport-security", f"max-age={YEAR}; includeSubDomains")
            await send(message)

        await self.app(scope, receive, sending)
