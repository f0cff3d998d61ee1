"""Sending what is below a path to one ASGI application, and everything else to another, such as Django's.

FastAPI and Starlette have `mount` of their own. Must not know what is mounted.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Mount:
    """An ASGI application that has another one below a path.

    ``prefix`` begins with a slash and does not end with one. Life-cycle calls go to the host alone, as an application
    that is mounted is not told of them; crmkit's needs none.
    """

    def __init__(self, host: ASGIApp, prefix: str, mounted: ASGIApp) -> None:
        if not prefix.startswith("/") or prefix.endswith("/"):
            raise ValueError("a prefix begins with a slash and does not end with one")
        self._host = host
        self._prefix = prefix
        self._mounted = mounted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] in ("http", "websocket"):
            root: str = scope.get("root_path", "").rstrip("/")
            below = scope["path"].removeprefix(root)
            if below == self._prefix or below.startswith(f"{self._prefix}/"):
                # A copy: the host's middleware may look at its own scope when the answer is there.
                inner = {**scope, "root_path": f"{root}{self._prefix}"}
                if below == self._prefix:
                    inner["path"] = f"{scope['path']}/"
                await self._mounted(inner, receive, send)
                return
        await self._host(scope, receive, send)
