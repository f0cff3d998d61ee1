"""The routes of public sites: whoever asks is answered, without an account and without a link.

An answer says what it is by a mark (ETag) and is asked for again each time: what is withdrawn is shown to nobody more.
Must not know what any site is for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crmkit.core.store.actor import Actor
from crmkit.errors import CrmkitError, InvalidInput, NotFound, PayloadTooLarge, Refused, TooManyAttempts, TooManyCalls
from crmkit.hooks.pages import PageFile
from crmkit.hooks.sites import PublicSite, SiteAnswer, SiteMove, SiteVisit
from crmkit.i18n import LANGUAGES, normalise_language, texts
from crmkit.security.credentials.throttle import network_of
from crmkit.security.public import throttling
from crmkit.web.http.call import Doors
from crmkit.web.http.files import headers_of
from crmkit.web.http.limits import Limits
from crmkit.web.http.problems import as_named, log_failure, status_of
from crmkit.web.http.requests import read_body
from crmkit.web.public.forms import read_fields
from crmkit.web.public.rendering import KERNEL, PublicTemplates
from crmkit.web.public.visitors import Visitor, visitor_of

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

ROOT = "/s"
"""Where public sites are, below the address that everything is mounted at."""
_ROBOT = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor", re.IGNORECASE)
"""What machines call themselves that read pages for nobody in particular."""
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?")
FORM_LIMIT = 64 << 10
"""Bytes of a form."""
CONTENT = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors "
)
HEADERS = {
    "Content-Security-Policy": f"{CONTENT}'none'",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


def site_routes(doors: Doors) -> list[BaseRoute]:
    """Return the routes of the public sites of a CRM."""
    sites = PublicSites(doors)
    return [
        Route(ROOT + "/{site}", sites.answer, methods=["GET", "HEAD", "POST"]),
        Route(ROOT + "/{site}/{path:path}", sites.answer, methods=["GET", "HEAD", "POST"]),
    ]


class PublicSites:
    """The public sites of one application."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._crm: CRM = doors.crm
        self._templates = PublicTemplates(doors.crm)
        self._limits = Limits(doors.crm)

    async def answer(self, request: Request) -> Response:
        """Answer whoever asks for something of a site, or sends a form of it."""
        body = b""
        try:
            if request.method == "POST":
                body = await read_body(request, FORM_LIMIT)
        except (PayloadTooLarge, InvalidInput) as error:
            return await run_in_threadpool(self._failed, self._visitor(request), error)
        return await run_in_threadpool(self._answer, request, body)

    # --- answering, in a thread ----------------------------------------------------------------------------------

    def _visitor(self, request: Request) -> Visitor:
        return visitor_of(request, self._doors.options.trusted_proxies)

    def _answer(self, request: Request, body: bytes) -> Response:
        visitor = self._visitor(request)
        try:
            self._limits.check(request.scope, Actor(id="public", kind="public"), visitor.address)
            site, owner = self._site(str(request.path_params["site"]))
            visit = self._visit(visitor, site)
            actor = Actor.visitor(
                customer_id=None, rights=site.rights, language=visit.language, address=visitor.address
            )
            if request.method == "POST":
                return self._said(visitor, owner, visit, self._submitted(visitor, site, visit, actor, body))
            with self._crm.session(actor) as session:
                answer = site.answer(session, visit)
                if answer is None:
                    raise NotFound(_("There is no such page."))
                return self._said(visitor, owner, visit, answer)
        except Exception as error:
            return self._failed(visitor, error)

    def _submitted(self, visitor: Visitor, site: PublicSite, visit: SiteVisit, actor: Actor, body: bytes) -> SiteAnswer:
        submit = site.submit
        if submit is None:
            raise NotFound(_("There is no such page."))
        # Browsers say where a form stood. Nothing that it does depends on who sends it, but strangers' pages need not
        # have their visitors send it.
        origin = visitor.request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != visitor.request.url.netloc:
            raise Refused(_("The form stands on another website."))
        values = read_fields(body)
        throttling.take_submit(self._crm, f"{site.name} {network_of(visitor.address or '')}", site.throttle, None)

        def carry_out() -> SiteAnswer:
            with self._crm.transaction(actor) as session:
                return submit(session, visit, values)

        return self._crm.gate.retrying(carry_out)

    def _site(self, path: str) -> tuple[PublicSite, str]:
        for name, site in self._crm.registry.tables["public site"].items():
            if site.path == path:
                return site, self._crm.registry.owners.get(("public site", name), KERNEL)
        raise NotFound(_("There is no such page."))

    def _visit(self, visitor: Visitor, site: PublicSite) -> SiteVisit:
        own = visitor.url(f"{ROOT}/{site.path}")
        host = (self._crm.settings.public_url or "").rstrip("/")
        language = visitor.language(None, self._crm.business().language)
        day = self._crm.clock.now().date().isoformat()
        agent = visitor.request.headers.get("user-agent", "")
        told = (day, network_of(visitor.address or ""), agent)
        return SiteVisit(
            path=str(visitor.request.path_params.get("path", "")).strip("/"),
            query=visitor.query(),
            language=language,
            chosen=language if visitor.chosen and normalise_language(visitor.chosen) == language else None,
            base=f"{host}{ROOT}/{site.path}" if host else own,
            key="" if _ROBOT.search(agent) else self._crm.vault.fingerprint("\0".join(("visit", *told)))[:32],
        )

    def _headers(self, visitor: Visitor) -> dict[str, str]:
        """Return the headers of all answers of a site, with whose pages may show them in a frame."""
        try:
            site, _owner = self._site(str(visitor.request.path_params["site"]))
            said = site.embedders(self._crm.settings) if site.embedders is not None else ()
        except CrmkitError:
            said = ()
        # One that is malformed would end the header, so it is none.
        origins = [each for each in said if _ORIGIN.fullmatch(each)]
        if not origins:
            return dict(HEADERS)
        headers = {
            **HEADERS,
            "Content-Security-Policy": f"{CONTENT}{' '.join(origins)}",
            "Vary": f"{HEADERS['Vary']}, Origin",
        }
        origin = visitor.request.headers.get("origin")
        return {**headers, "Access-Control-Allow-Origin": origin} if origin in origins else headers

    def _said(self, visitor: Visitor, owner: str, visit: SiteVisit, answer: SiteAnswer) -> Response:
        site = str(visitor.request.path_params["site"])

        def at(path: str) -> str:
            return f"{visit.base}/{quote(path)}" if path else visit.base

        if isinstance(answer, SiteMove):
            # Below the mount, whatever host somebody came by.
            below = visitor.url(f"{ROOT}/{site}")
            where, mark, anchor = answer.path.partition("#")
            target = f"{below}/{quote(where, safe='/?=&%')}" if where else below
            status = 303 if visitor.request.method == "POST" else 308 if answer.for_ever else 307
            return Response(status_code=status, headers={**self._headers(visitor), "Location": target + mark + anchor})
        if isinstance(answer, PageFile):
            headers = {**self._headers(visitor), "X-Robots-Tag": "noindex", **headers_of(answer)}
            return self._marked(visitor, answer.content, answer.media_type, 200, headers)
        language = visit.language
        if answer.language is not None and normalise_language(answer.language) in LANGUAGES:
            language = normalise_language(answer.language)
        context = {"page": answer, "visit": visit, "at": at, "title": answer.title, **answer.context}
        text = self._rendered(visitor, answer.template, owner, language, context)
        said = {**self._headers(visitor), "Content-Language": (answer.language or language).replace("_", "-")}
        return self._marked(visitor, text.encode(), "text/html; charset=utf-8", answer.status, said)

    def _marked(
        self, visitor: Visitor, content: bytes, media: str, status: int, headers: Mapping[str, str]
    ) -> Response:
        mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        request = visitor.request
        if status == 200 and request.method != "POST" and mark in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={**headers, "ETag": mark})
        return Response(content, status, headers={**headers, "ETag": mark, "Content-Type": media})

    def _rendered(
        self, visitor: Visitor, template: str, owner: str, language: str, context: Mapping[str, object]
    ) -> str:
        return self._templates.render(
            template,
            owner=owner,
            language=language,
            business=self._crm.business(),
            url=visitor.url,
            context=context,
        )

    def _failed(self, visitor: Visitor, error: Exception) -> Response:
        """Answer with a kind page. What a visitor may not see looks like what is not there."""
        named = as_named(error)
        status = status_of(named)
        if status in (401, 403, 404, 405, 409):
            status = 404
        if status >= 500:
            log_failure(error, str(visitor.request.scope.get("state", {}).get("request_id", "")))
        headers = {**self._headers(visitor), "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        if isinstance(named, TooManyAttempts | TooManyCalls):
            headers["Retry-After"] = str(max(getattr(named, "seconds", 1), 1))
        elif status == 503:
            headers["Retry-After"] = "1"
        language = visitor.language(None, "en")
        title, text = _FAILED.get(status, _FAILED[500])
        try:
            context = {"title": title, "text": text}
            page = self._rendered(visitor, "public/closed.html", KERNEL, language, context)
        except Exception:
            # Without its database there is not even a name to show.
            return Response(status_code=503, headers={**headers, "Retry-After": "5"})
        return Response(page, status, headers=headers, media_type="text/html")


_FAILED = {
    404: (_("There is no such page"), _("It may have moved, or is not shown any more. Please search for it.")),
    413: (_("That was too much"), _("What was sent is too long. Please go back and shorten it.")),
    422: (_("That did not work"), _("Something of what was sent is not right. Please go back and look it over.")),
    429: (_("One moment, please"), _("Too much came from here in a short time. Please try again later.")),
    500: (_("That did not work"), _("Please try again in a few minutes.")),
}
