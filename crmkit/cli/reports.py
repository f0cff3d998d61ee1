"""Reports in the terminal: a table with intervals, charts of blocks and dots, what there is to say about them.

Must not know how figures are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit.cli.charts import bar, line
from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.engines.reports.documents import document
from crmkit.engines.reports.values import ReportRun
from crmkit.hooks.contributions import Chart
from crmkit.i18n import texts, translate

_ = texts("crmkit")

WIDTH = 40
"""Cells that the longest bar takes."""
SHADES = "█▓▒░▚▞▙▟"


def show_report(cli: Invocation, run: ReportRun) -> None:
    """Print a report for people, or its document with ``--json``."""
    found = document(run, cli.language)
    if cli.json:
        cli.output.document(found)
        return
    cli.output.heading(run.title)
    if run.doc:
        cli.output.say(run.doc)
    words = found["words"]
    cli.output.record(
        [
            *((item["title"], item["text"]) for item in found["parameters"]),
            (words["as_of"], f"{found['times']['as_of']} {found['zone']}"),
            (words["scope"], found["scope_text"]),
        ]
    )
    cli.output.say("")
    columns = found["columns"]
    rows = [_texts(row, columns) for row in found["rows"]]
    if found["totals"] is not None:
        rows.append(_texts(found["totals"], columns) | {columns[0]["name"]: words["total"]})
    shown = [
        Column(each["name"], each["title"], "right" if each["numeric"] else "left")
        for column in columns
        for each in (column, *([_interval_column(column, words)] if column["kind"] == "rate" else []))
    ]
    cli.output.table(shown, rows)
    for chart in run.charts if run.rows else ():
        _chart(cli, run, chart, found)
    for note in found["notes"]:
        cli.output.say("{note}", note=note)


def _interval_column(column: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    return {"name": f"{column['name']} interval", "title": words["interval"], "numeric": True}


def _texts(row: dict[str, Any], columns: Sequence[dict[str, Any]]) -> dict[str, str]:
    intervals = {
        f"{column['name']} interval": row["intervals"].get(column["name"], {}).get("text", "") for column in columns
    }
    return {**row["texts"], **intervals}


def _chart(cli: Invocation, run: ReportRun, chart: Chart, found: dict[str, Any]) -> None:
    places = {column.name: place for place, column in enumerate(run.columns)}
    labels = [row["texts"].get(chart.x, row["key"]) for row in found["rows"]]
    series = {
        translate(run.columns[places[name]].title, cli.language): [
            float(row.cells[places[name]].value or 0) for row in run.rows
        ]
        for name in chart.y
    }
    texts_of = [[row["texts"].get(name, "") for row in found["rows"]] for name in chart.y]
    cli.output.heading(chart.title or ", ".join(series))
    if chart.kind == "lines" or len(labels) > 30:
        rows = [
            {"name": name, "line": line(values), "from": said[0], "to": said[-1]}
            for (name, values), said in zip(series.items(), texts_of, strict=True)
        ]
        ends = (Column("from", labels[0], "right"), Column("to", labels[-1], "right"))
        cli.output.table((Column("name", ""), Column("line", ""), *ends), rows)
        return
    if chart.kind == "stack":
        _stack(cli, labels, series)
        return
    if chart.kind == "intervals":
        cells = [row.cells[places[chart.y[0]]] for row in run.rows]
        sides = [(cell.interval.low or 0, cell.interval.high or 0) if cell.interval else (0.0, 0.0) for cell in cells]
        high = max((side for _low, side in sides), default=0) or 1
        drawn = [
            whisker(low, value, top, high) for (low, top), value in zip(sides, next(iter(series.values())), strict=True)
        ]
        rows = [
            {"label": label, "bar": drawn_line, "text": text}
            for label, drawn_line, text in zip(labels, drawn, texts_of[0], strict=True)
        ]
    else:
        most = max((abs(value) for values in series.values() for value in values), default=0) or 1
        rows = [
            {"label": label if not number else "", "bar": bar(values[place], most, WIDTH), "text": said[place]}
            for place, label in enumerate(labels)
            for number, (values, said) in enumerate(zip(series.values(), texts_of, strict=True))
        ]
    cli.output.table((Column("label", ""), Column("bar", ""), Column("text", "", "right")), rows)


def _stack(cli: Invocation, labels: Sequence[str], series: dict[str, list[float]]) -> None:
    most = max((sum(column) for column in zip(*series.values(), strict=True)), default=0) or 1
    names = list(series)
    rows = []
    for place, label in enumerate(labels):
        parts, used, before = "", 0, 0.0
        for number, name in enumerate(names):
            before += series[name][place]
            end = round(before / most * WIDTH)
            parts += SHADES[number % len(SHADES)] * max(end - used, 0)
            used = max(end, used)
        rows.append({"label": label, "bar": parts})
    cli.output.table((Column("label", ""), Column("bar", "")), rows)
    cli.output.say("{legend}", legend="  ".join(f"{SHADES[n % len(SHADES)]} {name}" for n, name in enumerate(names)))


def whisker(low: float, value: float, high: float, most: float) -> str:
    """Return an interval as a line from its low to its high end with a dot at the value."""
    first, dot, last = (round(side / most * (WIDTH - 1)) for side in (low, value, high))
    cells = ["·"] * WIDTH
    cells[first : last + 1] = "─" * (last + 1 - first)
    cells[first], cells[last] = "├", "┤"
    cells[dot] = "●"
    return "".join(cells)
