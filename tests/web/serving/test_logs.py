"""Lines of the log, as JSON and for people, and spans: none of them tells what somebody typed."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from crmkit.core.operations.failures import show_tracebacks
from crmkit.web.http.problems import log_failure
from crmkit.web.serving import logs
from crmkit.web.serving.telemetry import Tracing


@pytest.fixture(autouse=True)
def usual_loggers() -> Iterator[None]:
    """Give the loggers back as they were."""
    kept = {
        name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level, logging.getLogger(name).propagate)
        for name in logs.LOGGERS
    }
    yield
    for name, (handlers, level, propagate) in kept.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)
    show_tracebacks(False)


def test_a_line_is_one_json_object_with_chinese_as_it_is() -> None:
    out = io.StringIO()
    logs.set_up("json", stream=out)
    logging.getLogger("crmkit.worker").info("%s 完成", "作业")
    line = json.loads(out.getvalue())
    assert ("作业 完成", "crmkit.worker", "info") == (line["event"], line["logger"], line["level"])
    assert line["timestamp"].endswith("Z")
    assert "完成" in out.getvalue()


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_error_is_told_by_its_place(form: logs.Form) -> None:
    """The type and the line, never the text: it may hold what somebody typed."""
    out = io.StringIO()
    logs.set_up(form, stream=out)
    try:
        raise ValueError("ada@example.com")
    except ValueError:
        logging.getLogger("crmkit.web").exception("it failed")
        logs.access_logger().error("it failed", exc_info=True)
    assert 2 == out.getvalue().count("ValueError (")
    assert "ada@example.com" not in out.getvalue()


@pytest.mark.parametrize("wanted", [False, True])
def test_a_traceback_is_for_whoever_writes_a_plugin_alone(wanted: bool) -> None:
    """Where it is asked for, an error that nobody foresaw is printed as it is; anywhere else its place is."""
    out = io.StringIO()
    logs.set_up("text", stream=out, tracebacks=wanted)
    try:
        raise ValueError("ada@example.com")
    except ValueError as error:
        log_failure(error, "r1")
    assert "request r1 failed: ValueError (" in out.getvalue()
    assert ("Traceback" in out.getvalue(), "ada@example.com" in out.getvalue()) == (wanted, wanted)


def test_a_person_gets_lines_and_a_machine_json() -> None:
    """By what is at the other end, unless it is said."""

    class Terminal(io.StringIO):
        """A terminal."""

        def isatty(self) -> bool:
            return True

    assert ["text", "json", "json"] == [
        logs.form_for("auto", Terminal()),
        logs.form_for("auto", io.StringIO()),
        logs.form_for("json", Terminal()),
    ]


def test_spans_have_the_route_and_the_statement_below() -> None:
    """A span for the request, one for each statement in it with its kind alone; one that fails says how."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider.get_tracer("test"), SpanKind)
    engine = create_engine("sqlite://")
    tracing.watch(engine)
    with tracing.request("GET") as span:
        with engine.connect() as connection:
            connection.execute(text("select :name"), {"name": "ada@example.com"})
            with pytest.raises(DBAPIError):
                connection.execute(text("select nothing_like_that"))
        tracing.ended(span, "GET", "/customers/{id}", 200)
    statement, failed, request = exporter.get_finished_spans()
    assert ("SELECT", "SELECT", "GET /customers/{id}") == (statement.name, failed.name, request.name)
    assert request.context is not None
    assert statement.parent is not None
    assert request.context.span_id == statement.parent.span_id
    assert {"db.system.name": "sqlite", "db.operation.name": "SELECT"} == dict(statement.attributes or {})
    assert "OperationalError" == (failed.attributes or {})["error.type"]
    assert "ada@example.com" not in "".join(each.to_json() for each in exporter.get_finished_spans())
    engine.dispose()


def test_serving_imports_no_telemetry_unasked() -> None:
    """Who asks for no spans pays nothing for them."""
    import subprocess
    import sys

    code = (
        "import sys, crmkit.web.serving.application, crmkit.web.serving.server;"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
