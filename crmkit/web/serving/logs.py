"""Logs of a serving process: one line an event, as JSON for machines or in colours for people.

Nothing personal goes into them: of a request the route's template, never its path, query or body; of an error its type
and place, never its text, which may hold what somebody typed. Must not know requests.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

from crmkit.core.operations.failures import TRACEBACKS, describe, show_tracebacks

Form = Literal["json", "text"]
LOGGERS = ("crmkit", "granian", "_granian")


def form_for(wanted: str, stream: TextIO | None = None) -> Form:
    """Return the form of the lines: the one that is wanted, else by whether a person is at the other end."""
    if wanted in ("json", "text"):
        return "json" if wanted == "json" else "text"
    return "text" if (stream or sys.stderr).isatty() else "json"


def set_up(form: Form, *, level: int = logging.INFO, stream: TextIO | None = None, tracebacks: bool = False) -> None:
    """Send what crmkit and its server log to a stream, by default standard error. Other loggers are left alone.

    ``tracebacks`` of errors that nobody foresaw are for whoever writes a plugin: their text may hold personal data.
    """
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place_of_error,
    ]
    if form == "json":
        last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        last = structlog.dev.ConsoleRenderer(colors=out.isatty())
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        # Formatters of the standard library write an error's text themselves, where they see one.
        pass_foreign_args=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    whole = logging.getLogger(TRACEBACKS)
    whole.handlers, whole.propagate = [logging.StreamHandler(out)], False
    show_tracebacks(tracebacks)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def access_logger() -> Any:
    """Return the logger of requests."""
    return structlog.stdlib.get_logger("crmkit.access")


def _place_of_error(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the type and the place of an error in place of the error itself."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    return event
