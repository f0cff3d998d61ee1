"""Spans for OpenTelemetry: one for each request, and one for each statement below it.

Nothing is imported, and nothing is listened to, unless it is asked for. A span says what kind of statement it was and
never its text or parameters. Must not know the server.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Any

from sqlalchemy import Engine, event

from crmkit import __version__
from crmkit.errors import MissingExtra
from crmkit.i18n import texts

_ = texts("crmkit")
_SPAN = "crmkit.span"


class Tracing:
    """Makes spans by a tracer of OpenTelemetry."""

    def __init__(self, tracer: Any, kinds: Any) -> None:
        self._tracer = tracer
        self._kinds = kinds

    @contextmanager
    def request(self, method: str) -> Generator[Any]:
        """Give the span of a request; `ended` completes it once the route is known."""
        with self._tracer.start_as_current_span(
            method, kind=self._kinds.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def ended(self, span: Any, method: str, route: str, status: int) -> None:
        """Say what the request of a span was, and how it was answered."""
        span.update_name(f"{method} {route}")
        span.set_attribute("http.request.method", method)
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)

    def watch(self, engine: Engine) -> None:
        """Make a span for each statement of an engine."""

        def before(
            connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
        ) -> None:
            word = statement.lstrip("( \n\t").partition(" ")[0][:20].upper()
            span = self._tracer.start_span(word or "STATEMENT", kind=self._kinds.CLIENT)
            span.set_attribute("db.system.name", engine.dialect.name)
            span.set_attribute("db.operation.name", word)
            connection.info.setdefault(_SPAN, []).append(span)

        def after(
            connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
        ) -> None:
            spans = connection.info.get(_SPAN)
            if spans:
                spans.pop().end()

        def failed(context: Any) -> None:
            spans = context.connection.info.get(_SPAN) if context.connection is not None else None
            if spans:
                span = spans.pop()
                span.set_attribute("error.type", type(context.original_exception).__name__)
                span.end()

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        event.listen(engine, "handle_error", failed)


def tracing() -> Tracing:
    """Return what makes spans, by the tracer provider of the process; where none was set, by the library's own with the
    exporter that ``OTEL_TRACES_EXPORTER`` names (``otlp`` by default).

    Raises MissingExtra where OpenTelemetry, or that exporter, is not installed.
    """
    try:
        from opentelemetry import trace
    except ImportError as error:
        raise MissingExtra(_("Spans need {library}."), extra="telemetry", library="opentelemetry-api") from error
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        trace.set_tracer_provider(_provider())
    return Tracing(trace.get_tracer("crmkit", __version__), trace.SpanKind)


def _provider() -> Any:
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "otlp")
    names = {"otlp": "otlp_proto_http"}
    found = [
        each
        for each in entry_points(group="opentelemetry_traces_exporter")
        if each.name in (wanted, names.get(wanted, wanted))
    ]
    try:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtra(_("Spans need {library}."), extra="telemetry", library="opentelemetry-sdk") from error
    if not found and wanted != "none":
        raise MissingExtra(_("Spans need {library}."), extra="telemetry", library=f"opentelemetry-exporter-{wanted}")
    made = TracerProvider()
    if wanted != "none":
        made.add_span_processor(BatchSpanProcessor(found[0].load()()))
    return made
