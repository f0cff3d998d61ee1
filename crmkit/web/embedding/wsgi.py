"""The application for hosts that speak WSGI, such as Flask and Django as most run them.

Must not know any host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from crmkit.errors import MissingExtra
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def wsgi(crm: CRM, **options: Any) -> WsgiApp:
    """Return the WSGI application of a CRM; ``options`` are those of `CRM.asgi`.

    The host's environ is in the scope that ``actor`` gets, as ``wsgi_environ``. Raises MissingExtra where a library is
    missing.
    """
    application = crm.asgi(**options)
    try:
        from a2wsgi import ASGIMiddleware
    except ImportError as error:
        raise MissingExtra(_("A WSGI host needs {library}."), extra="wsgi", library="a2wsgi") from error
    made: Any = ASGIMiddleware(application)
    return made  # type: ignore[no-any-return]


class WsgiMount:
    """A WSGI application that has another one below a path. ``prefix`` begins with a slash and does not end with
    one."""

    def __init__(self, host: WsgiApp, prefix: str, mounted: WsgiApp) -> None:
        if not prefix.startswith("/") or prefix.endswith("/"):
            raise ValueError("a prefix begins with a slash and does not end with one")
        self._host = host
        self._prefix = prefix
        self._mounted = mounted

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a call."""
        path: str = environ.get("PATH_INFO", "")
        if path != self._prefix and not path.startswith(f"{self._prefix}/"):
            return self._host(environ, start_response)
        inner = {
            **environ,
            "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + self._prefix,
            "PATH_INFO": path.removeprefix(self._prefix) or "/",
        }
        return self._mounted(inner, start_response)
