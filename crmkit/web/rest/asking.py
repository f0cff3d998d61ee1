"""What several endpoints ask for in the same way: moments, customers, names that were given once. Must not know
endpoints."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from crmkit.core.customers.models import Customer
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.i18n import texts, translate
from crmkit.web.rest.declaring import Answer, Endpoint, Parameter

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.web.rest.calls import RestCall

_ = texts("crmkit")

AS_OF = Parameter(
    name="as_of",
    title=_("As things stood at the end of a day in the company's time zone (2026-03-31), or at an instant."),
    max_length=40,
    example="2026-03-31",
)
KNOWN_AT = Parameter(
    name="known_at", title=_("By what had been recorded at the end of a day, or at an instant."), max_length=40
)
OBJECT: Mapping[str, Any] = {"type": "object"}
"""The schema of an answer of which nothing more is promised."""
BLOCK = 1 << 16
"""Bytes that are sent at once of a file that is made while it is sent."""


def listing(of: Any = None) -> dict[str, Any]:
    """Return the schema of a list of values."""
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": of or dict(OBJECT)}},
        "required": ["data"],
    }


def instant(text: str | None, field: str) -> date | datetime | None:
    """Return the day or the instant that a text says. Raises InvalidInput for another one, and for an instant without
    a time zone."""
    if not text:
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = _("This must be a day such as 2026-03-31, or an instant such as 2026-03-31T14:05:00+08:00.")
    raise InvalidInput([Problem("CK500", message, field=field, value=text)])


def moment(session: CrmSession, given: Mapping[str, Any]) -> Moment:
    """Return the moment that a call asks for by ``as_of`` and ``known_at``. Raises InvalidInput."""
    as_of, known_at = (instant(given.get(name), name) for name in ("as_of", "known_at"))
    try:
        return moment_of(session, as_of, known_at)
    except (InvalidInput, OverflowError) as error:
        problems = error.problems if isinstance(error, InvalidInput) else ()
        message = problems[0].message if problems else _("This is no time that can be asked about.")
        values = problems[0].values if problems else {}
        field = "as_of" if as_of is not None else "known_at"
        raise InvalidInput([Problem("CK500", message, field=field, **values)]) from None


def seen_customer(session: CrmSession, id: UUID) -> UUID:
    """Return the id of a customer whom the caller may see, whether deleted or not. Raises NotFound."""
    if session.get(Customer, id) is None:
        raise NotFound(_("There is no such record: {id}."), id=id)
    return id


def said(call: RestCall, text: Any) -> Any:
    """Return a text in the caller's language; what is no text as it is."""
    return translate(text, call.language) if isinstance(text, str) else text


def attachment(name: str, media: str) -> dict[str, str]:
    """Return the headers of an answer that is a file: nothing that a browser would show or run."""
    return {
        "Content-Type": media,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }


def file(content: bytes, name: str, media: str) -> Response:
    """Return an answer that is a file."""
    return Response(content, headers=attachment(name, media))


def written(write: Callable[[io.BytesIO], Iterable[object]], headers: Mapping[str, str]) -> StreamingResponse:
    """Return an answer that is sent while it is made: ``write`` writes to a stream and gives way after each row.

    What fails before the first block is sent is still answered as a problem.
    """
    stream = io.BytesIO()

    def blocks() -> Iterator[bytes]:
        steps = iter(write(stream))
        try:
            for _step in steps:
                if stream.tell() >= BLOCK:
                    yield stream.getvalue()
                    stream.seek(0)
                    stream.truncate()
            yield stream.getvalue()
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()

    made = blocks()
    first = next(made, b"")

    def whole() -> Iterator[bytes]:
        try:
            yield first
            yield from made
        finally:
            made.close()

    return StreamingResponse(whole(), headers=dict(headers), media_type=headers.get("Content-Type"))


def reads(
    path: str, name: str, title: str, group: str, serve: Any, answer: str, *parameters: Parameter, **more: Any
) -> Endpoint:
    """Return an endpoint that reads something which is neither a resource nor a file."""
    body = more.pop("body", None) or dict(OBJECT)
    return Endpoint(
        method="GET", path=path, name=name, title=title, group=group, serve=serve, parameters=parameters,
        answers=[Answer(title=answer, body=body)], **more,
    )  # fmt: skip


def works(
    path: str, name: str, title: str, group: str, serve: Any, answer: str, body: Any, example: Any, **more: Any
) -> Endpoint:
    """Return an endpoint that works something out from what it is sent, and changes nothing."""
    return Endpoint(
        method="POST", path=path, name=name, title=title, group=group, serve=serve, body=body, example=example,
        answers=[Answer(title=answer, body=dict(OBJECT))], **more,
    )  # fmt: skip
