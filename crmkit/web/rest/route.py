"""The one route of the API: everything below its address, whatever characters that has. Must not know any endpoint."""

from __future__ import annotations

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from crmkit.web.rest.calls import ROOT


class ApiRoute(BaseRoute):
    """Takes what is below the address of the API; the application gets the rest of the path as ``path``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for the API."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")).rstrip("/"))
        if path == ROOT:
            return Match.FULL, {"path_params": {"path": ""}}
        if path.startswith(f"{ROOT}/"):
            return Match.FULL, {"path_params": {"path": path[len(ROOT) + 1 :]}}
        return Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Return no address: the API's are written where they are declared. Raises NoMatchFound."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        await self.app(scope, receive, send)
