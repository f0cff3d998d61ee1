"""The look and the language of this browser, and what makes the pages installable on a phone."""

from __future__ import annotations

import json

from starlette.responses import Response

from crmkit.errors import NotFound
from crmkit.i18n import LANGUAGES, texts
from crmkit.web.http.languages import COOKIE as LANGUAGE_COOKIE
from crmkit.web.pages.call import PageCall, local_path
from crmkit.web.pages.rendering import THEME_COOKIE, THEMES
from crmkit.web.pages.routing import get, post
from crmkit.web.static_files import version_of

_ = texts("crmkit")

YEAR = 31_536_000


def _back(call: PageCall) -> str:
    return local_path(call.request.headers.get("referer"), call) or "/"


def _remember(call: PageCall, name: str, value: str) -> Response:
    response = call.redirect(_back(call))
    response.set_cookie(name, value, max_age=YEAR, path=call.prefix or "/", secure=call.secure, samesite="lax")
    return response


@post("/theme", public=True)
def choose_theme(call: PageCall) -> Response:
    """Remember the appearance in this browser."""
    chosen = call.value("theme")
    return _remember(call, THEME_COOKIE, chosen if chosen in THEMES else "auto")


@post("/language", public=True)
def choose_language(call: PageCall) -> Response:
    """Remember the language in this browser, and with the user where somebody is signed in."""
    chosen = call.value("language")
    language = chosen if chosen in LANGUAGES else call.language
    if call.signed is not None and call.actor.language != language:
        call.run("account.update", {"language": language})
    return _remember(call, LANGUAGE_COOKIE, language)


@get("/manifest.webmanifest", public=True)
def manifest(call: PageCall) -> Response:
    """Say what the pages are called and look like where they are installed on a device."""
    name = call.business.name if call.signed_in else ""
    body = {
        "name": name or "crmkit",
        "short_name": (name or "crmkit")[:12],
        "start_url": call.url("/"),
        "scope": call.url("/"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0f6b5c",
        "icons": [
            {
                "src": call.url("/static/icon.svg", v=version_of("icon.svg")),
                "sizes": "any",
                "type": "image/svg+xml",
                "purpose": "any",
            }
        ],
    }
    return Response(json.dumps(body), media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@get("/{rest:path}", public=True)
def nowhere(call: PageCall, rest: str) -> Response:
    """Say that there is no such page, in the frame of the others."""
    raise NotFound(_("There is no such page."))
