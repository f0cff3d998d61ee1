"""Pages of plugins' own: their templates in the frame of all pages. What fails in one is said in its place, with the
name of the plugin; everything around it goes on."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from jinja2 import TemplateSyntaxError
from starlette.responses import HTMLResponse, Response

from crmkit.errors import CrmkitError, NotFound, StepUpNeeded, Unauthenticated
from crmkit.hooks.contributions import Page, PageFile
from crmkit.i18n import Text, texts
from crmkit.web.http.files import headers_of
from crmkit.web.http.problems import log_failure
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import PageRoute, get

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")
_log = logging.getLogger("crmkit.web")

AS_DOCUMENT = {
    "Content-Security-Policy": "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
}
"""What a document of a plugin's may do: show itself, in its own style, also in a frame of ours. It runs nothing, sends
nothing and is of no origin, so that it cannot reach the page around it."""
_ITS_OWN = (Unauthenticated, StepUpNeeded, NotFound)
"""What a plugin's page may raise and every page answers alike."""


def page_path(owner: str, page: Page) -> str:
    """Return the path of a plugin's page."""
    rest = page.path.strip("/")
    return f"/modules/{owner}/{rest}" if rest else f"/modules/{owner}"


def pages_of(registry: Registry) -> list[tuple[str, Page]]:
    """Return the pages of all plugins, each with its plugin."""
    table: Mapping[str, Page] = registry.tables["page"]
    return [(registry.owners["page", name], page) for name, page in table.items()]


@get("/modules/{plugin}")
def first_page(call: PageCall, plugin: str) -> Response:
    """Show the first page of a plugin."""
    return _show(call, plugin, "")


@get("/modules/{plugin}/{rest:path}")
def other_page(call: PageCall, plugin: str, rest: str) -> Response:
    """Show another page of a plugin."""
    return _show(call, plugin, rest)


def _show(call: PageCall, plugin: str, rest: str) -> Response:
    found = next(
        (page for owner, page in pages_of(call.crm.registry) if owner == plugin and page.path.strip("/") == rest), None
    )
    if found is None:
        raise NotFound(_("There is no such page."))
    if found.permission is not None:
        call.require(found.permission)
    try:
        made = _made(call, plugin, found)
    except _ITS_OWN:
        raise
    except Exception as error:
        return _broken(call, plugin, found, error)
    if isinstance(made, PageFile):
        return Response(made.content, headers=headers_of(made), media_type=made.media_type)
    return HTMLResponse(made, headers=AS_DOCUMENT) if found.document else call.told(HTMLResponse(made))


def _made(call: PageCall, plugin: str, page: Page) -> str | PageFile:
    with call.session() as session:
        given = {"session": session, "query": call.query, "language": call.language}
        context = page.context(**_taken(page.context, given))
        if isinstance(context, PageFile):
            return context
        if page.document:
            return str(context["document"])
        # Rendered while the session is open: records open their fields as they are shown.
        return call.pages.render(call, page.template, {"_": _words_of(call, plugin), **dict(context)})


def _taken(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in given.items() if name in parameters}


def _words_of(call: PageCall, plugin: str) -> Callable[..., str]:
    """Return what marks texts in a plugin's template: they are looked up in its own catalogue, then in ours, as the
    frame around it is rendered with it."""

    def mark(text: str, **values: object) -> str:
        if isinstance(text, Text):
            return call.text(text, **values)
        own = call.text(Text(text, f"crmkit_{plugin}"))
        return call.text(Text(text) if own == text else own, **values)

    return mark


def _broken(call: PageCall, plugin: str, page: Page, error: Exception) -> Response:
    """Return the page that says that one of a plugin's failed: to whoever looks after plugins also why."""
    log_failure(error, call.request_id)
    _log.warning("the page %s of the plugin %s failed", page.name, plugin)
    reason = ""
    if isinstance(error, CrmkitError):
        reason = error.render(call.language)
    elif call.may("plugin.admin"):
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, TemplateSyntaxError):
            reason = f"{reason} ({error.name}:{error.lineno})"
    return call.page(
        "records/broken.html", status=500, plugin=plugin_title(call, plugin) or plugin, page=page, reason=reason[:1000]
    )


def plugin_title(call: PageCall, plugin: str) -> str:
    """Return the title of a plugin, or nothing for one that there is not."""
    for item in call.crm.found:
        manifest = getattr(item, "manifest", None)
        if manifest is not None and manifest.name == plugin:
            return cast(str, manifest.title)
    return ""


ROUTES: list[PageRoute] = [first_page, other_page]
