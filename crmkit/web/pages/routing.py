"""How a page is declared, and what happens around it: who calls, whether the change was meant, how errors are shown.

A page is a function under `get` or `post` that takes the `Call` and the parameters of its path.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem, Unauthenticated
from crmkit.i18n import texts
from crmkit.security.limiting.rates import Budget
from crmkit.web.http.call import TOKEN_COOKIE, open_call
from crmkit.web.http.limits import limits_of
from crmkit.web.http.moved import moved
from crmkit.web.http.problems import as_named, log_failure, status_of
from crmkit.web.http.requests import read_body

if TYPE_CHECKING:
    from crmkit.web.pages.call import PageCall
    from crmkit.web.pages.rendering import Pages

_ = texts("crmkit")
_log = logging.getLogger("crmkit.web")

Handler = Callable[..., Response]
UPLOAD = 64 << 20
"""Bytes of a form with files."""
FIELDS = 2000
"""Fields of a form."""


@frozen(kw_only=True)
class PageRoute:
    """A page: its path with parameters in braces, the methods that it answers, and what makes it.

    ``right`` is the right (``resource.action``) without which there is no such page; ``public`` says that nobody needs
    to have signed in; ``upload`` that it takes files; ``budget`` in which budget it is counted beside the usual
    one, as it costs more. Parameters are converted to the types that the function states.
    """

    path: str
    methods: tuple[str, ...]
    function: Handler
    right: str | None = None
    public: bool = False
    upload: bool = False
    budget: Budget | None = None

    def __call__(self, *args: Any, **values: Any) -> Response:
        """Call the page's function itself."""
        return self.function(*args, **values)


def get(
    path: str, *, right: str | None = None, public: bool = False, budget: Budget | None = None
) -> Callable[[Handler], PageRoute]:
    """Make a function a page that is read."""

    def decorate(function: Handler) -> PageRoute:
        return PageRoute(path=path, methods=("GET",), function=function, right=right, public=public, budget=budget)

    return decorate


def post(
    path: str,
    *,
    right: str | None = None,
    public: bool = False,
    upload: bool = False,
    budget: Budget | None = None,
) -> Callable[[Handler], PageRoute]:
    """Make a function what a form is sent to."""

    def decorate(function: Handler) -> PageRoute:
        return PageRoute(
            path=path,
            methods=("POST",),
            function=function,
            right=right,
            public=public,
            upload=upload,
            budget=budget,
        )

    return decorate


def routes_of(pages: Pages, declared: list[PageRoute]) -> list[Route]:
    """Return the routes for pages; those of one path are one route, so that another method is answered by 405."""
    by_path: dict[str, dict[str, PageRoute]] = {}
    for route in declared:
        methods = by_path.setdefault(route.path, {})
        for method in route.methods:
            if method in methods:
                raise ValueError(f"two pages answer {method} {route.path}")
            methods[method] = route
    return [
        Route(path, _endpoint(pages, methods), methods=sorted(methods), name=path) for path, methods in by_path.items()
    ]


def _endpoint(pages: Pages, methods: dict[str, PageRoute]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        route = methods["GET" if request.method == "HEAD" else request.method]
        form: FormData | None = None
        try:
            if request.method == "POST":
                form = await _form(request, UPLOAD if route.upload else pages.doors.options.body_limit)
        except CrmkitError as error:
            return await run_in_threadpool(_failed, pages, request, error)
        try:
            return await run_in_threadpool(_answer, pages, route, request, form)
        finally:
            if form is not None:
                await form.close()

    return endpoint


async def _form(request: Request, limit: int) -> FormData:
    """Return what a form sent. Raises PayloadTooLarge, and InvalidInput for what is no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, limit)

    async def stream() -> Any:
        yield body
        yield b""

    if kind == "multipart/form-data":
        try:
            return await MultiPartParser(request.headers, stream(), max_files=20, max_fields=FIELDS).parse()
        except (MultiPartException, ValueError, KeyError) as error:
            raise InvalidInput(_("This form cannot be read: {reason}"), reason=str(error)) from error
    if kind in ("application/x-www-form-urlencoded", ""):
        try:
            return await FormParser(request.headers, stream(), max_fields=FIELDS).parse()
        except (MultiPartException, ValueError) as error:
            raise InvalidInput(_("This form cannot be read: {reason}"), reason=str(error)) from error
    raise InvalidInput(_("This form cannot be read: {reason}"), reason=kind)


def _answer(pages: Pages, route: PageRoute, request: Request, form: FormData | None) -> Response:
    call: PageCall | None = None
    try:
        call = pages.call(open_call(request, pages.doors, "web", form=form))
        limits_of(call.crm).check(request.scope, call.actor, call.address, also=route.budget)
        if not call.signed_in and not route.public:
            raise Unauthenticated()
        if route.right is not None:
            call.require(route.right)
        response = route.function(call, **_parameters(route, request))
    except Exception as error:
        named = as_named(error)
        if call is not None:
            elsewhere = moved(call, request, named, request.path_params)
            return _with_token(call, call.failed(named) if elsewhere is None else elsewhere)
        return _failed(pages, request, named)
    return _with_token(call, response)


def _parameters(route: PageRoute, request: Request) -> dict[str, Any]:
    """Return the parameters of a path in the types that the function states; what is none is no page."""
    stated = _stated(route.function)
    found: dict[str, Any] = {}
    for name, value in request.path_params.items():
        wanted = stated.get(name, str)
        try:
            found[name] = wanted(value) if wanted in (UUID, int) else value
        except ValueError:
            raise NotFound(_("There is no such page.")) from None
    return found


@lru_cache(maxsize=2000)
def _stated(function: Handler) -> Mapping[str, Any]:
    """Return the types that a page's function states for its parameters."""
    parameters = inspect.signature(function, eval_str=True).parameters
    return {name: parameter.annotation for name, parameter in parameters.items()}


def _with_token(call: PageCall, response: Response) -> Response:
    """Hand the token of the forms to a browser that has none yet."""
    if call.fresh_csrf and "text/html" in response.headers.get("content-type", ""):
        response.set_cookie(
            call.cookie(TOKEN_COOKIE),
            call.csrf,
            path=call.prefix or "/",
            secure=call.secure,
            httponly=True,
            samesite="strict",
        )
    return response


def _failed(pages: Pages, request: Request, error: Exception) -> Response:
    """Return the page for an error that came before it was known who calls."""
    status = status_of(error)
    if status >= 500:
        log_failure(error, str(request.scope.get("state", {}).get("request_id", "")))
    return pages.bare_error(request, error, status)


def problems_by_field(error: CrmkitError) -> dict[str, list[Problem]]:
    """Return the problems of an error by the field that each is about; under the empty name those about none."""
    found: dict[str, list[Problem]] = {}
    for problem in error.problems:
        found.setdefault(problem.field or "", []).append(problem)
    return found
