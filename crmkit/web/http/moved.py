"""Where the address of a customer leads who was merged into another one. Must not know pages nor endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crmkit.core.store.ids import parse_id
from crmkit.errors import NotFound
from crmkit.identity.records import surviving_id

_BEFORE = ("customers", "customer")
"""The parts of a path after one of which a customer's id stands: in the pages, and in the API."""


class Calling(Protocol):
    """Somebody who calls, and may read."""

    def session(self) -> Any:
        """Open a session to read as the caller."""
        ...


def moved(call: Calling, request: Request, error: Exception, path: Mapping[str, Any]) -> Response | None:
    """Return the way to the survivor where somebody asked for a customer that it has absorbed, and may see it; None
    for every other error. The rest of the address stays."""
    if not isinstance(error, NotFound) or request.method not in ("GET", "HEAD"):
        return None
    found = path.get("id")
    identity = found if isinstance(found, UUID) else parse_id(str(found)) if found is not None else None
    parts = str(request.scope["path"]).split("/")
    place = next(
        (number + 1 for number, part in enumerate(parts[:-1]) if part in _BEFORE and parse_id(parts[number + 1])), None
    )
    if identity is None or place is None or parse_id(parts[place]) != identity:
        return None
    with call.session() as session:
        survivor = surviving_id(session, identity)
    if survivor is None:
        return None
    root = str(request.scope.get("root_path", "")).rstrip("/")
    parts[place] = str(survivor)
    target = "/".join(parts)
    if root and not target.startswith(f"{root}/"):
        target = f"{root}{target}"
    query = request.scope.get("query_string", b"").decode("latin-1")
    return Response(status_code=308, headers={"Location": f"{target}?{query}" if query else target})
