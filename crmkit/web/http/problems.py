"""What a call that fails is answered with: a status and a problem document (RFC 9457), the same for every door.

Must not know any endpoint or page.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from attrs import frozen
from msgspec import UNSET, UnsetType, json, to_builtins
from starlette.responses import Response

from crmkit import errors
from crmkit.errors import CrmkitError, Problem
from crmkit.i18n import texts, translate

_ = texts("crmkit")
_log = logging.getLogger("crmkit.web")

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/v1/docs"
"""Where the codes are described, below the address that everything is mounted at."""

# The first class that an error is an instance of decides.
_BY_CLASS: tuple[tuple[type[CrmkitError], int], ...] = (
    (errors.MalformedRequest, 400),
    (errors.Unauthenticated, 401),
    (errors.InvalidCredentials, 401),
    (errors.TooManyAttempts, 429),
    (errors.MethodNotAllowed, 405),
    (errors.NotAcceptable, 406),
    (errors.PayloadTooLarge, 413),
    (errors.UnsupportedMediaType, 415),
    (errors.PreconditionRequired, 428),
    (errors.KeyReused, 422),
    (errors.UnknownPlugin, 404),
    (errors.LifecycleError, 409),
    (errors.PluginError, 500),
    (errors.MissingExtra, 501),
    (errors.ConfigurationError, 500),
    (errors.FileRejected, 422),
    (errors.DatabaseBusy, 503),
    (errors.StoreError, 500),
    (errors.Erased, 404),
    (errors.KeyInUse, 409),
    (errors.VaultError, 500),
    (errors.InvalidInput, 422),
    (errors.RateMissing, 422),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Refused, 403),
    (errors.ImportConflict, 409),
    (errors.ImportFailed, 422),
    (errors.LeaseLost, 409),
    (errors.JobError, 422),
    (errors.UsageError, 400),
    (errors.InternalError, 500),
    (errors.GuardRefused, 500),
    (errors.WriteOutsideOperation, 500),
    (errors.NestingTooDeep, 500),
)


def status_of(error: Exception) -> int:
    """Return the HTTP status for an error; 500 for one that is none of crmkit's own."""
    if not isinstance(error, CrmkitError):
        return 500
    stated = getattr(error, "status", None)
    if isinstance(stated, int):
        return stated
    return next((status for cls, status in _BY_CLASS if isinstance(error, cls)), 400)


@frozen(kw_only=True)
class FieldProblem:
    """One thing that is wrong with an input, as a problem document has it. ``field`` is a dotted path; ``line``,
    ``column`` and ``suggestion`` are those of an expression."""

    code: str
    message: str
    field: str | None = None
    hint: str | None = None
    value: Any = UNSET
    line: int | UnsetType = UNSET
    column: int | UnsetType = UNSET
    suggestion: str | UnsetType = UNSET


@frozen(kw_only=True)
class Candidate:
    """A customer who somebody new seems to be: the id, a score from 0 to 1, and why."""

    id: UUID
    score: float
    reason: str


@frozen(kw_only=True)
class ProblemDocument:
    """The body of an answer that says what went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    request_id: str = ""
    errors: tuple[FieldProblem, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def problem_of(
    error: Exception,
    *,
    language: str = "en",
    request_id: str = "",
    status: int | None = None,
    mount: str = "",
    shown: bool = False,
) -> ProblemDocument:
    """Return the problem document for an error, in a language.

    ``status`` replaces the usual one; ``mount`` is the path that everything is mounted at. Values that were given come
    back with their problems only where ``shown``: where they cannot be those of a sensitive field. Of an error that is
    none of crmkit's own, and of every one of the status 500, nothing is told but that it happened.
    """
    known = error if isinstance(error, CrmkitError) else None
    number = status if status is not None else status_of(error)
    title = HTTPStatus(number).phrase
    if known is None or number == 500:
        return ProblemDocument(
            type=f"{mount}{DOCS}#ck999",
            title=title,
            status=number,
            code=errors.InternalError.code,
            detail=translate(_("Something unexpected went wrong."), language),
            hint=translate(_("Tell the administrator the id of the request."), language),
            request_id=request_id,
        )
    problems = known.problems
    # Such as an input, or a step that several conditions are in the way of.
    many = type(known).problems is not errors.CrmkitError.problems
    return ProblemDocument(
        type=f"{mount}{DOCS}#{known.code.lower()}",
        title=title,
        status=number,
        code=known.code,
        detail=translate(known.summary, language) if many else translate(known.message, language, **known.values),
        hint=translate(known.fix, language, **known.values) if known.fix else None,
        request_id=request_id,
        errors=tuple(_field(problem, language, shown) for problem in problems) if many else (),
        candidates=_candidates(known, language),
    )


def _candidates(error: errors.CrmkitError, language: str) -> tuple[Candidate, ...]:
    if not isinstance(error, errors.PossibleDuplicate):
        return ()
    return tuple(
        Candidate(id=identity, score=round(score, 4), reason=translate(reason, language))
        for identity, score, reason in error.candidates
    )


def problem_response(
    error: Exception,
    *,
    language: str = "en",
    request_id: str = "",
    status: int | None = None,
    mount: str = "",
    shown: bool = False,
    head: bool = False,
) -> Response:
    """Return the answer for an error: the problem document with the headers that belong to its status. ``head`` leaves
    the body out. An error that is none of crmkit's own, or one of a status of 500, is logged with the request's id."""
    document = problem_of(error, language=language, request_id=request_id, status=status, mount=mount, shown=shown)
    if document.status >= 500:
        log_failure(error, request_id)
    headers = headers_of(error, document.status)
    headers["Content-Language"] = language.replace("_", "-")
    body = b"" if head else json.encode(_plain(document))
    return Response(body, document.status, headers=headers, media_type=MEDIA_TYPE)


def headers_of(error: Exception, status: int) -> dict[str, str]:
    """Return the headers that belong to the answer for an error."""
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="crmkit"'
    elif isinstance(error, errors.TooManyAttempts):
        headers["Retry-After"] = str(max(error.seconds, 1))
    elif isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    elif status == 503:
        headers["Retry-After"] = "1"
    return headers


def log_failure(error: Exception, request_id: str) -> None:
    """Log an error that is nobody's who called, by its place alone: a message may hold what somebody typed."""
    from crmkit.core.operations.failures import describe, show_traceback

    _log.error("request %s failed: %s", request_id, describe(error))
    show_traceback(error)


def as_named(error: Exception) -> Exception:
    """Return the error of crmkit's own tree for one of the database, any other as it is."""
    if not isinstance(error, CrmkitError) and "sqlalchemy" in sys.modules:
        from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

        if isinstance(error, (DBAPIError, PoolTimeout)):
            from crmkit.core.operations.translate import database_error

            return database_error(error).with_traceback(error.__traceback__)
    return error


def _plain(document: ProblemDocument) -> dict[str, Any]:
    found = cast("dict[str, Any]", to_builtins(document))
    if found["errors"]:
        found["errors"] = [
            {name: value for name, value in each.items() if value is not None} for each in found["errors"]
        ]
    return {name: value for name, value in found.items() if value not in (None, [], ())}


def _field(problem: Problem, language: str, shown: bool) -> FieldProblem:
    values: Mapping[str, Any] = {"value": problem.value, **problem.values}
    place: dict[str, Any] = {
        name: found for name in ("line", "column", "suggestion") if (found := getattr(problem, name, None)) is not None
    }
    return FieldProblem(
        code=problem.code,
        message=translate(problem.message, language, **values),
        field=problem.field,
        hint=translate(problem.hint, language, **values) if problem.hint else None,
        value=_value(problem.value) if shown else UNSET,
        **place,
    )


def _value(value: object) -> Any:
    """Return a value that was given, to be shown to who gave it; UNSET for none, and for one that tells nothing."""
    if isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= 200):
        return value
    return UNSET
