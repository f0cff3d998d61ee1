"""Serving the API: which endpoint is meant, who calls, what came with the call, and the answer, problems included.

Only the body is read asynchronously; everything else happens in the thread pool. Must not know any endpoint.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from crmkit.core.operations.inputs import structure
from crmkit.errors import InvalidInput, NotAcceptable, Unauthenticated, UnsupportedMediaType
from crmkit.i18n import texts
from crmkit.web.http.call import Doors, open_call
from crmkit.web.http.languages import negotiated
from crmkit.web.http.moved import moved
from crmkit.web.http.problems import as_named, log_failure, problem_response
from crmkit.web.http.requests import read_body
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import JSON, NDJSON, Endpoint
from crmkit.web.rest.encoding import Created, Lines, encode
from crmkit.web.rest.parameters import headers_of, query_of
from crmkit.web.rest.strict import read_json, wrong_types
from crmkit.web.rest.table import Table, hooks, table_of

_ = texts("crmkit")

_CHUNK = 100
"""Lines that are written at once."""
_VARY = "Authorization, Cookie, Accept, Accept-Language"


class Api:
    """The ASGI application of the API, to be routed to below its address."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._before, self._after = hooks("before"), hooks("after")

    @property
    def table(self) -> Table:
        """Return the endpoints that there are at present."""
        return table_of(self._doors.crm)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = str(scope.get("path_params", {}).get("path", ""))
        try:
            response = await self._answer(request, path)
        except ClientDisconnect:
            return
        if request.method == "HEAD":
            response = _head(response)
        await response(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> Response:
        try:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": ", ".join(self.table.allowed(path))})
            endpoint, values = self.table.find(request.method, path)
            body = b""
            if endpoint.body is not None:
                body = await read_body(request, self._doors.options.body_limit + (endpoint.limit or 0))
        except ClientDisconnect:
            raise
        except Exception as error:
            return self._problem(request, error)
        return await run_in_threadpool(self._serve, request, endpoint, values, body)

    def _serve(self, request: Request, endpoint: Endpoint, path: dict[str, Any], raw: bytes) -> Response:
        language: str | None = None
        rest: RestCall | None = None
        try:
            call = open_call(request, self._doors, "rest", body=raw)
            language = call.language
            rest = RestCall(call=call, path=path, query={}, headers={}, raw=raw)
            # Whoever is refused for being nobody is counted, too.
            for before in self._before:
                before(rest, endpoint)
            if call.actor.kind == "public" and not endpoint.public:
                raise Unauthenticated(fix=_("Send an API token as Authorization: Bearer …, or sign in."))
            rest.accepted = _negotiate(request, endpoint)
            rest.query = query_of(endpoint, request.scope.get("query_string", b""))
            rest.headers = headers_of(endpoint, request.headers)
            rest.body = _body(request, endpoint, raw)
            response = _response(rest, endpoint, endpoint.serve(rest))
        except Exception as error:
            elsewhere = None if rest is None else moved(rest, request, error, path)
            return self._problem(request, error, language) if elsewhere is None else elsewhere
        for after in self._after:
            after(rest, endpoint, response)
        return response

    def _problem(self, request: Request, error: Exception, language: str | None = None) -> Response:
        usual = self._doors.crm.settings.language
        scope = request.scope
        response = problem_response(
            as_named(error),
            language=language or negotiated(request.headers.get("accept-language"), usual),
            request_id=str(scope.get("state", {}).get("request_id", "")),
            status=412 if getattr(error, "by_etag", False) else None,
            mount=str(scope.get("root_path", "")).rstrip("/"),
            shown=request.method in ("GET", "HEAD"),
        )
        response.headers["Vary"] = _VARY
        return response


# --- what comes in ---------------------------------------------------------------------------------------------------


def _negotiate(request: Request, endpoint: Endpoint) -> str:
    """Return which of the media types of an endpoint's answers is wanted most. Raises NotAcceptable."""
    offered = [media for answer in endpoint.answers if answer.status < 300 for media in answer.media] or [JSON]
    header = request.headers.get("accept", "")
    if not header or header == "*/*":
        return offered[0]
    best: tuple[float, int, str] | None = None
    for part in header[:1000].split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        for place, each in enumerate(offered):
            if quality > 0 and _covers(media, each) and (best is None or (-quality, place) < best[:2]):
                best = (-quality, place, each)
    if best is None:
        raise NotAcceptable(_("This address answers with {media}."), media=", ".join(offered))
    return best[2]


def _quality(parameters: list[str]) -> float:
    for each in parameters:
        name, _equals, value = each.partition("=")
        if name.strip() == "q":
            try:
                found = float(value)
            except ValueError:
                return 0.0
            return found if 0 <= found <= 1 else 0.0
    return 1.0


def _covers(wanted: str, media: str) -> bool:
    if wanted in ("*/*", media):
        return True
    return wanted.endswith("/*") and media.startswith(wanted[:-1])


def _body(request: Request, endpoint: Endpoint, raw: bytes) -> Any:
    """Return the body as the endpoint declares it. Raises UnsupportedMediaType, MalformedRequest, InvalidInput."""
    shape = endpoint.body
    if shape is None:
        return None
    if not raw and shape is not bytes:
        value: Any = {}
    else:
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in endpoint.media and "*/*" not in endpoint.media:
            raise UnsupportedMediaType(_("This address reads {media}."), media=", ".join(endpoint.media))
        if shape is bytes:
            return raw
        value = read_json(raw)
    if not isinstance(value, dict):
        raise InvalidInput(_("The body must be a JSON object."))
    if shape is dict:
        return value
    problems = wrong_types(shape, value)
    if problems:
        raise InvalidInput(problems)
    return structure(shape, value)


# --- what goes out ---------------------------------------------------------------------------------------------------


def _response(call: RestCall, endpoint: Endpoint, value: Any) -> Response:
    """Return the answer for what an endpoint's function gave."""
    if isinstance(value, Response):
        response = value
    elif isinstance(value, Lines):
        response = _stream(call, value)
    elif value is None:
        response = Response(status_code=204)
    elif isinstance(value, Created):
        headers = {**value.headers, **({"Location": value.location} if value.location else {})}
        response = Response(encode(value.value, call.language), 201, headers=headers, media_type=JSON)
    else:
        status = endpoint.answers[0].status if endpoint.answers else 200
        response = Response(encode(value, call.language), status, media_type=JSON)
    response.headers.setdefault("Vary", _VARY)
    return response


def _stream(call: RestCall, lines: Lines) -> Response:
    """Return an answer that is written line by line; what is wrong with the call shows at the first of them."""
    chunks = _chunks(lines.values, call.language)
    first = next(chunks, b"")
    if call.request.method == "HEAD":
        chunks.close()
        return Response(media_type=NDJSON)

    async def writing() -> AsyncIterator[bytes]:
        try:
            yield first
            while chunk := await run_in_threadpool(next, chunks, b""):
                yield chunk
        except Exception as error:
            log_failure(error, call.request_id)
            # The connection is broken off, so that nobody takes a part for the whole.
            raise
        finally:
            await run_in_threadpool(chunks.close)

    return StreamingResponse(writing(), media_type=NDJSON)


def _chunks(values: Iterator[Any], language: str) -> Any:
    try:
        while block := list(islice(values, _CHUNK)):
            yield b"".join(encode(value, language) + b"\n" for value in block)
    finally:
        close = getattr(values, "close", None)
        if close is not None:
            close()


def _head(response: Response) -> Response:
    """Return an answer without its body."""
    bare = Response(status_code=response.status_code)
    bare.raw_headers = [(name, value) for name, value in response.raw_headers]
    return bare
