"""The routes of public pages: a link is opened and shown, or what it sends is carried out.

Whatever is wrong with a link, the answer is the same; and a page never does anything when it is only opened, as mail
programs open links by themselves. Must not know what any page is for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from crmkit.core.store.actor import Actor
from crmkit.core.vault.secrets import random_text
from crmkit.errors import CrmkitError, InvalidInput, LinkClosed, PayloadTooLarge, TooManyAttempts
from crmkit.exchange.calendars import MEDIA, write_calendar
from crmkit.hooks.contributions import Received
from crmkit.i18n import texts, translate
from crmkit.resources.calendars import feed_span, own_entries
from crmkit.security.public import links, throttling
from crmkit.security.public.feeds import follow_feed
from crmkit.web.http.call import Doors
from crmkit.web.http.limits import Limits
from crmkit.web.http.problems import as_named, log_failure, status_of
from crmkit.web.http.requests import read_body
from crmkit.web.public.forms import FORM, MULTIPART, Sent, is_own_form, media_of, read_fields, read_parts
from crmkit.web.public.rendering import KERNEL, PublicTemplates, styles
from crmkit.web.public.visitors import Visitor, visitor_of

if TYPE_CHECKING:
    from crmkit.core.business.config import Config

_ = texts("crmkit")
_log = logging.getLogger("crmkit.web")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")
HEADERS = {
    "Content-Security-Policy": POLICY,
    # The address is what opens the page: it is told to nobody, and kept nowhere.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
FORM_LIMIT = 64 << 10
"""Bytes of a form."""
MACHINE_LIMIT = 1 << 20
"""Bytes of what another machine sends."""
FILES_LIMIT = 10 << 20
"""Bytes of a form with its files."""


def public_routes(doors: Doors) -> list[BaseRoute]:
    """Return the routes of the public pages of a CRM."""
    pages = PublicPages(doors)
    return [
        Route("/p/style.css", pages.style, methods=["GET"]),
        Route("/p/done", pages.done, methods=["GET"]),
        Route("/p/calendar/{token}", pages.calendar, methods=["GET", "HEAD"]),
        Route("/p/{page}/{token}", pages.show, methods=["GET", "POST"]),
        # Whatever else somebody makes of a link looks like one that opens nothing.
        Route("/p/{rest:path}", pages.nothing, methods=["GET", "POST"]),
    ]


class PublicPages:
    """The public pages of one application."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._crm = doors.crm
        self._templates = PublicTemplates(doors.crm)
        self._limits = Limits(doors.crm)

    async def style(self, request: Request) -> Response:
        """Answer with the style sheet."""
        accent = (await run_in_threadpool(self._crm.business)).accent
        return Response(styles(accent), media_type="text/css", headers={"Cache-Control": "public, max-age=300"})

    async def done(self, request: Request) -> Response:
        """Answer with a page of thanks that says nothing of any link."""
        return await run_in_threadpool(self._done, request)

    async def nothing(self, request: Request) -> Response:
        """Answer an address that is none as a link that opens nothing."""
        return await run_in_threadpool(self._failed, self._visitor(request), LinkClosed())

    async def calendar(self, request: Request) -> Response:
        """Answer a link to somebody's calendar with what stands in it now."""
        return await run_in_threadpool(self._calendar, request)

    async def show(self, request: Request) -> Response:
        """Answer a link that was followed, or what it sent."""
        body, sent = b"", None
        try:
            if request.method == "POST":
                most = self._most_files(request) if media_of(request) == MULTIPART else 0
                without = MACHINE_LIMIT if self._receives(request) else FORM_LIMIT
                body = await read_body(request, FILES_LIMIT if most else without)
                sent = await read_parts(request, body, most) if most else None
        except (PayloadTooLarge, InvalidInput) as error:
            return await run_in_threadpool(self._failed, self._visitor(request), error)
        return await run_in_threadpool(self._answer, request, body, sent)

    # --- answering, in a thread ----------------------------------------------------------------------------------

    def _visitor(self, request: Request) -> Visitor:
        return visitor_of(request, self._doors.options.trusted_proxies)

    def _answer(self, request: Request, body: bytes, sent: Sent | None) -> Response:
        visitor = self._visitor(request)
        try:
            self._limits.check(request.scope, Actor(id="public", kind="public"), visitor.address)
            wait = throttling.is_exhausted(self._crm, visitor.address)
            if wait:
                raise TooManyAttempts(seconds=wait)
            link = self._open(visitor)
            if request.method == "POST":
                own = sent is not None and FORM in sent.values
                if link.page.receive is not None and not own and not is_own_form(request, body):
                    return self._receive(visitor, link, body)
                return self._submit(visitor, link, body, sent)
            return self._page(visitor, link)
        except Exception as error:
            return self._failed(visitor, error)

    def _calendar(self, request: Request) -> Response:
        visitor = self._visitor(request)
        token = str(request.path_params["token"]).removesuffix(".ics")
        try:
            self._limits.check(request.scope, Actor(id="public", kind="public"), visitor.address)
            wait = throttling.is_exhausted(self._crm, visitor.address)
            if wait:
                raise TooManyAttempts(seconds=wait)
            try:
                actor = follow_feed(self._crm, token, address=visitor.address)
            except LinkClosed:
                _log.info("calendar link %s opens nothing", links.trace(token))
                throttling.take_closed(self._crm, visitor.address)
                raise
            language = visitor.language(actor.language, self._crm.business().language)
            base = (self._crm.settings.public_url or "").rstrip("/")
            with self._crm.session(actor) as session:
                entries = list(own_entries(session, feed_span(session), language=language, base=base))
            content = write_calendar(entries, title=self._crm.business().name or "crmkit")
        except Exception as error:
            return self._failed(visitor, error)
        headers = {**HEADERS, "Content-Disposition": 'inline; filename="calendar.ics"'}
        return Response(content, headers=headers, media_type=MEDIA)

    def _open(self, visitor: Visitor) -> links.OpenLink:
        page, token = (str(visitor.request.path_params[name]) for name in ("page", "token"))
        try:
            link = links.open_link(self._crm, page, token)
        except LinkClosed:
            _log.info("public link %s of %s opens nothing", links.trace(token), visitor.request.method)
            throttling.take_closed(self._crm, visitor.address)
            raise
        return self._in_language(visitor, link)

    def _in_language(self, visitor: Visitor, link: links.OpenLink) -> links.OpenLink:
        from crmkit.core.customers.models import Customer

        own: str | None = None
        if link.visit.customer_id is not None:
            with self._crm.session(Actor.system("the language of a visitor")) as session:
                customer = session.get(Customer, link.visit.customer_id)
                own = customer.language if customer is not None else None
        language = visitor.language(own, self._crm.business().language)
        return evolve(link, visit=evolve(link.visit, language=language, query=visitor.query()))

    def _page(
        self,
        visitor: Visitor,
        link: links.OpenLink,
        *,
        error: InvalidInput | None = None,
        given: Mapping[str, tuple[str, ...]] | None = None,
        nonce: str | None = None,
        status: int = 200,
    ) -> Response:
        actor = links.visitor(link, address=visitor.address)
        with self._crm.session(actor) as session:
            shown = link.page.show(session, link.visit)
            context = {
                "title": link.page.title,
                "form": links.form_token(self._crm, link, nonce or random_text(16)),
                "takes": link.page.submit is not None,
                "problems": [] if error is None else _problems(error, link.visit.language),
                "given": given or {},
                "saved": visitor.request.query_params.get("saved") == "1" and error is None,
                "expires_at": link.expires_at,
                **shown,
            }
            headers = _framing(link.page.embeds(session, link.visit)) if link.page.embeds is not None else {}
            return self._rendered(
                visitor, link.page.template, link.owner, link.visit.language, context, status, headers
            )

    def _submit(self, visitor: Visitor, link: links.OpenLink, body: bytes, sent: Sent | None) -> Response:
        if link.page.submit is None:
            raise LinkClosed()
        sent = sent or Sent(values=read_fields(body))
        values = sent.values
        link = evolve(link, visit=evolve(link.visit, files=sent.files))
        nonce = links.form_nonce(self._crm, link, (values.pop(FORM, None) or ("",))[0])
        if nonce is None:
            stale = InvalidInput(_("This form is too old. Please look it over and send it again."))
            return self._page(visitor, link, error=stale, given=values, status=422)
        throttling.take_submit(self._crm, str(link.visit.link_id), link.page.throttle, visitor.address)
        try:
            self._crm.gate.retrying(lambda: self._carry_out(visitor, link, nonce, values))
        except InvalidInput as error:
            status = 422 if error.problems else 200
            return self._page(visitor, link, error=error, given=values, nonce=nonce, status=status)
        chosen = f"lang={link.visit.language}"
        where = f"/p/done?{chosen}" if link.page.once else f"{self._path(visitor)}?{chosen}&saved=1"
        return Response(status_code=303, headers={**HEADERS, "Location": visitor.url(where)})

    def _most_files(self, request: Request) -> int:
        page = self._crm.registry.tables["public page"].get(str(request.path_params["page"]))
        return 0 if page is None else page.files

    def _receives(self, request: Request) -> bool:
        page = self._crm.registry.tables["public page"].get(str(request.path_params["page"]))
        return page is not None and page.receive is not None

    def _receive(self, visitor: Visitor, link: links.OpenLink, body: bytes) -> Response:
        """Hand what a machine has sent to the page, and answer as it says; what it raises is answered in JSON."""
        assert link.page.receive is not None
        headers = {name.lower(): value for name, value in visitor.request.headers.items()}
        received = Received(headers=headers, body=body, address=visitor.address)
        try:
            throttling.take_submit(self._crm, str(link.visit.link_id), link.page.throttle, None)
            reply = link.page.receive(self._crm, link.visit, received)
        except Exception as error:
            named = as_named(error)
            status = status_of(named)
            if status >= 500:
                log_failure(error, str(visitor.request.scope.get("state", {}).get("request_id", "")))
            wait = {"Retry-After": str(max(named.seconds, 1))} if isinstance(named, TooManyAttempts) else {}
            said = {"code": named.code, "detail": translate(_TEXTS[500], "en") if status >= 500 else named.render("en")}
            return JSONResponse(said, status, headers={**HEADERS, **wait})
        if reply.document is None:
            return Response(status_code=reply.status, headers=HEADERS)
        return JSONResponse(reply.document, reply.status, headers=HEADERS)

    def _carry_out(
        self, visitor: Visitor, link: links.OpenLink, nonce: str, values: Mapping[str, tuple[str, ...]]
    ) -> None:
        assert link.page.submit is not None
        with self._crm.transaction(links.visitor(link, address=visitor.address)) as session:
            if links.mark_used(session, link, nonce):
                link.page.submit(session, link.visit, values)

    def _path(self, visitor: Visitor) -> str:
        page, token = (visitor.request.path_params[name] for name in ("page", "token"))
        return f"/p/{page}/{token}"

    def _done(self, request: Request) -> Response:
        visitor = self._visitor(request)
        try:
            language = visitor.language(None, self._crm.business().language)
            return self._rendered(visitor, "public/done.html", KERNEL, language, {"title": _("Thank you")}, 200)
        except Exception as error:
            return self._failed(visitor, error)

    def _failed(self, visitor: Visitor, error: Exception) -> Response:
        """Answer with a kind page. What a visitor may not do looks like a link that opens nothing."""
        named = as_named(error)
        status = status_of(named)
        if status in (401, 403, 404, 405, 409):
            status = 404
        if status >= 500:
            request_id = str(visitor.request.scope.get("state", {}).get("request_id", ""))
            log_failure(error, request_id)
        headers: dict[str, str] = {}
        if isinstance(named, TooManyAttempts):
            headers["Retry-After"] = str(max(named.seconds, 1))
        elif status == 503:
            headers["Retry-After"] = "1"
        try:
            language = visitor.language(None, self._crm.business().language)
            context = {"title": _TITLES.get(status, _TITLES[500]), "text": _TEXTS.get(status, _TEXTS[500])}
            return self._rendered(visitor, "public/closed.html", KERNEL, language, context, status, headers)
        except CrmkitError:
            # Without its database there is not even a name to show.
            return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})

    def _rendered(
        self,
        visitor: Visitor,
        template: str,
        owner: str,
        language: str,
        context: Mapping[str, Any],
        status: int,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        business: Config = self._crm.business()
        text = self._templates.render(
            template,
            owner=owner,
            language=language,
            business=business,
            url=visitor.url,
            context=context,
        )
        said = {**HEADERS, "Content-Language": language.replace("_", "-"), **(headers or {})}
        return Response(text, status, headers=said, media_type="text/html")


_TITLES = {
    404: _("This link does not open anything"),
    413: _("That was too much"),
    429: _("One moment, please"),
    500: _("That did not work"),
}
_TEXTS = {
    404: _("It may be incomplete, too old, or used already. Please ask whoever sent it to you for a new one."),
    413: _("What was sent is too long. Please go back and shorten it."),
    429: _("Too much came from here in a short time. Please try again later."),
    500: _("Please try again in a few minutes. Nothing was lost that you had sent before."),
}


def _framing(origins: Sequence[str]) -> dict[str, str]:
    """Return the headers of a page that pages of some origins may show in a frame. What is no origin is left out."""
    allowed = [origin for origin in origins if _ORIGIN.fullmatch(origin)]
    ancestors = " ".join(allowed) or "'none'"
    return {"Content-Security-Policy": POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")}


def _problems(error: InvalidInput, language: str) -> list[dict[str, str | None]]:
    return [
        {
            "field": problem.field,
            "text": translate(problem.message, language, **{"value": problem.value, **problem.values}),
        }
        for problem in error.problems
    ]
