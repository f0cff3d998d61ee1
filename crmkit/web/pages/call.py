"""The call of a page: a `Call` that can answer with pages, parts of pages and other addresses."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import define
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crmkit.core.access.rights import Rights
from crmkit.errors import CrmkitError, NotFound, Problem, StepUpNeeded, Unauthenticated
from crmkit.i18n import Text, texts
from crmkit.web.http.call import Call
from crmkit.web.http.problems import headers_of, log_failure, status_of
from crmkit.web.pages.shell import waiting

if TYPE_CHECKING:
    from crmkit.core.business.config import Config
    from crmkit.web.pages.rendering import Pages

_ = texts("crmkit")

SAID_COOKIE = "crmkit_said"
SAID_LENGTH = 400
_SAFE = ":/%#?=@[]!$&'()*+,;~"
"""What stays as it is in an address that is quoted as a whole; what is quoted already too."""


@define(kw_only=True, slots=False)
class PageCall(Call):
    """A request for a page. ``pages`` renders; ``said`` is what the page before had to tell."""

    pages: Pages

    @cached_property
    def rights(self) -> Rights:
        """Return what the caller may do."""
        with self.session() as session:
            return self.crm.gate.rights(session)

    @cached_property
    def business(self) -> Config:
        """Return what the business has configured."""
        with self.session() as session:
            return self.crm.config.get(session)

    @cached_property
    def waiting(self) -> Mapping[str, int]:
        """Return how much waits behind the entries of the menu, by their paths."""
        return waiting(self)

    @cached_property
    def said(self) -> Mapping[str, str] | None:
        """Return what the page before had to tell, as its level and its text; it is told once."""
        return _read(self.request.cookies.get(self.cookie(SAID_COOKIE)))

    def may(self, right: str) -> bool:
        """Say whether the caller has a right (``resource.action``) on any record at all."""
        resource, _dot, action = right.rpartition(".")
        return self.rights.scope(resource, action) != "none"

    def require(self, right: str) -> None:
        """Raise NotFound where the caller lacks a right: a page for others is no page."""
        if not self.may(right):
            raise NotFound(_("There is no such page."))

    def value(self, name: str, default: str = "") -> str:
        """Return a field of the form, or a parameter of the address, as text without spaces around it."""
        found = (self.form.get(name) if self.form is not None else None) or self.query.get(name)
        return found.strip() if isinstance(found, str) else default

    def values(self, name: str) -> list[str]:
        """Return all values that a field of the form, or a parameter of the address, was given, without empty ones."""
        given = self.form.getlist(name) if self.form is not None else self.request.query_params.getlist(name)
        return [item.strip() for item in given if isinstance(item, str) and item.strip()]

    # --- answers ------------------------------------------------------------------------------------------------

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Return a page. What htmx asks for as the main part comes without the frame around it."""
        return self.told(HTMLResponse(self.pages.render(self, template, context), status))

    def told(self, response: Response) -> Response:
        """Return the answer with a page that has shown what the page before had to tell: it is told once."""
        if self.said is not None:
            response.delete_cookie(self.cookie(SAID_COOKIE), path=self.prefix or "/", secure=self.secure)
        return response

    def part(self, template: str, block: str, *, status: int = 200, **context: object) -> Response:
        """Return one block of a template, for htmx to put in its place."""
        return HTMLResponse(self.pages.render(self, template, context, block=block), status)

    def redirect(self, path: str, *, said: str | None = None, level: str = "success", **values: object) -> Response:
        """Return the way to another page of ours, which then shows what was ``said``. ``path`` is below the mount and
        may have a query. htmx goes there as a whole page."""
        # A header has no letters but Latin ones.
        target = quote(f"{self.prefix}{path}", safe=_SAFE)
        if self.by_htmx:
            response = Response(status_code=200, headers={"HX-Redirect": target})
        else:
            response = Response(status_code=303, headers={"Location": target})
        if said is not None:
            text = self.text(said, **values) if isinstance(said, Text) or values else said
            response.set_cookie(
                self.cookie(SAID_COOKIE),
                _written(level, text),
                max_age=60,
                path=self.prefix or "/",
                secure=self.secure,
                httponly=True,
                samesite="lax",
            )
        return response

    def failed(self, error: Exception) -> Response:
        """Return the page for an error: a way to sign in for who has not, a step-up for who has to, else what is
        wrong, with its code and what would be right."""
        if isinstance(error, Unauthenticated) and self.doors.options.actor is None:
            return self._to_sign_in()
        if isinstance(error, StepUpNeeded):
            return self._to_step_up()
        status = status_of(error)
        if status >= 500:
            log_failure(error, self.request_id)
        shown = error if isinstance(error, CrmkitError) and status != 500 else None
        context = {"error": shown, "status": status, "problems": shown.problems if shown is not None else ()}
        block = "problem" if self.by_htmx else None
        body = self.pages.render(self, "error.html", context, block=block)
        headers = headers_of(error, status)
        headers.pop("WWW-Authenticate", None)
        return HTMLResponse(body, status, headers=headers)

    def tell(self, problem: Problem) -> str:
        """Return what a problem says, with its column in an expression and with what would be right, in the caller's
        language."""
        text = self.text(problem.message, value=problem.value, **problem.values)
        column, meant = getattr(problem, "column", None), getattr(problem, "suggestion", None)
        if column is not None:
            text = f"{self.text(_('Column {column}'), column=column)}: {text}"
        if problem.hint:
            return f"{text} {self.text(problem.hint, **problem.values)}"
        return f"{text} {self.text(_('Did you mean {suggestion}?'), suggestion=meant)}" if meant else text

    def _to_sign_in(self) -> Response:
        here = self._here()
        target = self.url("/sign-in", next=here if here != "/" else None)
        if self.by_htmx:
            return Response(status_code=401, headers={"HX-Redirect": target})
        return RedirectResponse(target, 303)

    def _to_step_up(self) -> Response:
        from crmkit.web.pages.asking import form_of, step_up_page

        again = form_of(self)
        if again is not None and not self.by_htmx:
            return step_up_page(self, next=self._here(), again=again)
        target = self.url("/step-up", next=self._here())
        if self.by_htmx:
            return Response(status_code=200, headers={"HX-Redirect": target})
        return RedirectResponse(target, 303)

    def _here(self) -> str:
        """Return the page that somebody is on, below the mount: of a form the page that it was on."""
        request = self.request
        if request.method == "GET" and not self.by_htmx:
            query = request.url.query
            path = request.scope["path"].removeprefix(self.prefix) or "/"
            return f"{path}?{query}" if query else path
        return local_path(request.headers.get("hx-current-url") or request.headers.get("referer"), self) or "/"


def local_path(address: str | None, call: Call) -> str | None:
    """Return the path below the mount that an address of ours names, None for one of others: what comes from outside
    must not lead away."""
    from urllib.parse import urlsplit

    if not address or any(char in address for char in "\\\r\n\t") or len(address) > 2000:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.netloc and parts.netloc.lower() != call.request.headers.get("host", "").lower():
        return None
    if parts.scheme and not parts.netloc:
        return None
    path = parts.path
    if parts.netloc:
        if call.prefix and not path.startswith(f"{call.prefix}/"):
            return None
        path = path.removeprefix(call.prefix)
    if not path.startswith("/") or path.startswith("//"):
        return None
    return f"{path}?{parts.query}" if parts.query else path


def _written(level: str, text: str) -> str:
    body = json.dumps([level, text[:SAID_LENGTH]]).encode()
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def _read(text: str | None) -> Mapping[str, str] | None:
    if not text or len(text) > 4000:
        return None
    try:
        level, said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        return None
    if level not in ("success", "info", "warning", "danger") or not isinstance(said, str):
        return None
    return {"level": level, "text": said}
