"""The application of the doors: the API, the pages, the public pages and the static files over one customer base.

`asgi` is what `CRM.asgi` calls. The application may be mounted in another one, under any path.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import PackageLoader
from jinja2.loaders import BaseLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from crmkit.errors import NotFound
from crmkit.i18n import texts
from crmkit.web.http.call import Doors
from crmkit.web.http.headers import Headers
from crmkit.web.http.options import WebOptions
from crmkit.web.pages.rendering import Pages
from crmkit.web.pages.rooms import menu_entries, page_routes
from crmkit.web.pages.routing import routes_of
from crmkit.web.public import public_routes, site_routes
from crmkit.web.rest import rest_routes
from crmkit.web.static_files import serve_static

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")


def asgi(crm: CRM, options: WebOptions | None = None) -> ASGIApp:
    """Return the ASGI application of a customer base; it opens nothing and closes nothing."""
    doors = Doors(crm=crm, options=options or WebOptions())
    pages = Pages(doors=doors, loaders=_template_loaders(crm), statics=_static_folders(crm), entries=menu_entries)
    routes: list[BaseRoute] = [*rest_routes(doors), Route("/static/{name:path}", serve_static, methods=["GET"])]
    if doors.options.pages:
        routes += [*public_routes(doors), *site_routes(doors), *routes_of(pages, page_routes())]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Headers, proxies=doors.options.trusted_proxies)],
        exception_handlers={404: _no_page(pages), 405: _no_page(pages)},
    )
    app.state.doors = doors
    app.state.pages = pages
    return app


def _template_loaders(crm: CRM) -> dict[str, BaseLoader]:
    """Return where the templates of the running plugins are: the folder ``templates`` of each one's package."""
    found: dict[str, BaseLoader] = {}
    for item in crm.found:
        # A plugin without templates, or one whose package is gone, has none to be found.
        with suppress(ImportError, ValueError):
            if item.manifest is not None:
                found[item.name] = PackageLoader(item.manifest.package, "templates")
    return found


def _static_folders(crm: CRM) -> dict[str, Path]:
    """Return where the static files of plugins are: the folder ``static`` of each one's package, where it has one."""
    found: dict[str, Path] = {}
    for item in crm.found:
        with suppress(ImportError, ValueError):
            spec = find_spec(item.manifest.package) if item.manifest is not None else None
            folder = Path(spec.origin).parent / "static" if spec is not None and spec.origin else None
            if folder is not None and folder.is_dir():
                found[item.name] = folder
    return found


def _no_page(pages: Pages) -> Any:
    async def handler(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        if status == 405:
            return Response(status_code=405, headers=getattr(error, "headers", None) or {})
        return await run_in_threadpool(pages.bare_error, request, NotFound(_("There is no such page.")), 404)

    return handler
