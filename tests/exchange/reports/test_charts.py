"""Charts are drawings that anybody can read, with nothing in them that could act."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.facts.moments import Moment
from crmkit.engines.reports.values import Cell, ReportRun, Row
from crmkit.engines.statistics.intervals import wilson
from crmkit.exchange.reports.charts import draw, ticks
from crmkit.hooks.contributions import Chart, Column

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COLUMNS = (
    Column(name="label", title="Label"),
    Column(name="one", title="One & <one>", kind="integer"),
    Column(name="two", title="二", kind="money"),
    Column(name="share", title="Share", kind="rate", successes="one", trials="two"),
)


def made(rows: list[tuple[str, Any, Any]]) -> ReportRun:
    """Return a run report with rows of a label and two numbers."""
    return ReportRun(
        name="test.chart",
        title="Chart",
        doc="",
        columns=COLUMNS,
        rows=[
            Row(key=label, cells=[Cell(value=label), Cell(value=one), Cell(value=two), rate(one)])
            for label, one, two in rows
        ],
        totals=None,
        notes=(),
        charts=(),
        parameters=(),
        moment=Moment(as_of=NOW, known_at=NOW, zone="UTC", base_currency="CNY"),
        made_at=NOW,
        actor_id="system",
        actor="system",
        scope="all",
        smallest=None,
        drills=False,
    )


def rate(one: Any) -> Cell:
    """Return a rate with its interval."""
    found = wilson(min(abs(int(one or 0)), 10), 10)
    return Cell(value=found.value, interval=found)


CHARTS = (
    Chart.bars("label", "one", "two"),
    Chart.lines("label", "one", "two"),
    Chart.stack("label", "one", "two"),
    Chart.histogram("label", "one"),
    Chart.intervals("label", "share"),
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_a_chart_has_a_title_and_says_its_figures_in_words(chart: Chart) -> None:
    """Who cannot see it hears the same; the ids tell charts of a page apart."""
    drawing = ElementTree.fromstring(draw(made([("老客户", 3, 250), ("new", 7, 100)]), chart, "zh", 4))
    title, desc = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert "老客户" in (desc.text or "")
    assert drawing.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}" == "ck-t4 ck-d4"
    assert drawing.get("role") == "img"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_nothing_in_a_chart_can_act(chart: Chart) -> None:
    """A label with tags in it is a label; there is no script, no style and no address."""
    label = '</title><script>alert(1)</script>" onload="x'
    drawing = ElementTree.fromstring(draw(made([(label, 3, 250), ("b", None, 1)]), chart, "en"))
    tags = {element.tag.removeprefix(SVG) for element in drawing.iter()}
    names = {name for element in drawing.iter() for name in element.attrib}
    assert tags <= {"svg", "title", "desc", "g", "rect", "line", "text", "circle", "polyline"}
    assert not {name for name in names if name.startswith("on") or "href" in name or name == "style"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.integers(-(10**9), 10**9) | st.none(), st.integers(0, 10**12)), max_size=40
    ),
    st.sampled_from(CHARTS),
)
def test_every_chart_stays_within_its_frame(rows: list[tuple[str, Any, Any]], chart: Chart) -> None:
    """Whatever is drawn, nothing or much, is within the drawing and is well-formed."""
    clean = [("".join(char for char in label if char.isprintable()), one, two) for label, one, two in rows]
    drawing = ElementTree.fromstring(draw(made(clean), chart, "en"))
    width, height = (float(value) for value in (drawing.get("viewBox") or "").split()[2:])
    for element in drawing.iter(f"{SVG}rect"):
        x, y, w, h = (float(element.get(name, "nan")) for name in ("x", "y", "width", "height"))
        assert x >= -0.1
        assert y >= -0.1
        assert x + w <= width + 0.1
        assert y + h <= height + 0.1


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(0.001, 1e9))
def test_ticks_enclose_what_is_drawn(low: float, span: float) -> None:
    """They are few, evenly spaced, and reach from below the lowest to above the highest value."""
    found = ticks(low, low + span)
    assert 2 <= len(found) <= 12
    assert found[0] <= low + span * 0.01
    assert found[-1] >= low + span * 0.99


@pytest.mark.parametrize("chart", CHARTS[:4], ids=lambda chart: chart.kind)
def test_pieces_are_counted_in_whole_numbers(chart: Chart) -> None:
    """An axis of few pieces has no marks between them; one with many has round ones."""

    def marks(*values: int) -> list[str]:
        drawing = ElementTree.fromstring(draw(made([("a", value, 0) for value in values]), chart, "en"))
        labels = [element for element in drawing.iter(f"{SVG}text") if element.get("text-anchor") == "end"]
        return [label.text or "" for label in labels]

    assert marks(1) == ["0", "1"]
    assert marks(0) == ["0", "1"]
    assert marks(3, 1)[:4] == ["0", "1", "2", "3"]
    assert marks(100) == ["0", "20", "40", "60", "80", "100"]


def test_shares_are_not_counted_in_whole_numbers() -> None:
    """Their marks stand as close as they have to."""
    drawing = draw(made([("a", 1, 0)]), Chart.bars("label", "share"), "en")
    assert ">40.0%</text>" in drawing
