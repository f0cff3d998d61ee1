"""A run report in names and values alone: what its JSON form is, and what templates get to see.

Every value is there twice: plain, and as people of a language write it. Must not know sessions, nor any form of output.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crmkit.core.business.money import Money
from crmkit.engines.facts.moments import Moment
from crmkit.engines.reports.values import ReportRun, Row
from crmkit.engines.reports.wording import interval_words, words
from crmkit.hooks.contributions import Column
from crmkit.i18n import normalise_language, texts, translate

_ = texts("crmkit")

NUMERIC = ("integer", "number", "money", "share", "rate")
WORDS = {
    "as_of": _("As of"),
    "known_at": _("Known at"),
    "made_at": _("Made at"),
    "by": _("Made by"),
    "scope": _("Covers"),
    "total": _("Total"),
    "definitions": _("What the figures mean"),
    "notes": _("Notes"),
    "nothing": _("There is nothing to show."),
    "withheld": _("withheld"),
    "interval": _("95% interval"),
    "behind": _("Rows behind it"),
    "parameters": _("Parameters"),
}
"""The words that every form of a report needs; templates get them as ``words``."""
SCOPES = {"all": _("everything"), "visible": _("what you may see")}
WITHHELD = _("Figures about fewer than {smallest} customers are withheld.")


def document(run: ReportRun, language: str = "en") -> dict[str, Any]:
    """Return a run report as plain names and values, worded in a language.

    Instants are RFC 3339 in UTC, days ISO 8601, money ``{"amount", "currency"}`` in major units, decimals texts.
    """
    moment = run.moment
    notes = [translate(note.text, language, **note.values) for note in run.notes]
    if run.smallest is not None:
        notes.append(translate(WITHHELD, language, smallest=run.smallest))
    return {
        "report": run.name,
        "title": translate(run.title, language),
        "doc": translate(run.doc, language),
        "language": normalise_language(language).replace("_", "-"),
        "columns": [_column(column, run, language) for column in run.shown],
        "rows": [_row(run, row, language) for row in run.rows],
        "totals": None if run.totals is None else _row(run, run.totals, language),
        "notes": notes,
        "parameters": [
            {"name": item.name, "title": translate(item.title, language), "text": translate(item.text, language)}
            for item in run.parameters
        ],
        "as_of": plain(moment.as_of, None, moment),
        "known_at": plain(moment.known_at, None, moment),
        "made_at": plain(run.made_at, None, moment),
        "times": {name: local(value, moment) for name, value in _times(run).items()},
        "zone": moment.zone,
        "by": run.actor,
        "scope": run.scope,
        "scope_text": translate(SCOPES[run.scope], language),
        "smallest": run.smallest,
        "drills": run.drills,
        "words": {name: translate(text, language) for name, text in WORDS.items()},
    }


def _times(run: ReportRun) -> dict[str, datetime]:
    return {"as_of": run.moment.as_of, "known_at": run.moment.known_at, "made_at": run.made_at}


def local(value: datetime, moment: Moment) -> str:
    """Return an instant in the company's zone, to the minute."""
    return value.astimezone(ZoneInfo(moment.zone)).strftime("%Y-%m-%d %H:%M")


def _column(column: Column, run: ReportRun, language: str) -> dict[str, Any]:
    return {
        "name": column.name,
        "title": translate(column.title, language),
        "definition": translate(column.doc, language),
        "kind": column.kind,
        "unit": translate(column.unit, language),
        "numeric": column.kind in NUMERIC,
        "drills": column.drills and run.drills,
    }


def _row(run: ReportRun, row: Row, language: str) -> dict[str, Any]:
    pairs = [(column, cell) for column, cell in zip(run.columns, row.cells, strict=True) if not column.hidden]
    mark = translate(WORDS["withheld"], language)
    return {
        "key": row.key,
        "values": {column.name: plain(cell.value, column, run.moment) for column, cell in pairs},
        "texts": {
            column.name: mark if cell.withheld else words(cell.value, column, run.moment, language)
            for column, cell in pairs
        },
        "intervals": {
            column.name: {
                "low": cell.interval.low,
                "high": cell.interval.high,
                "n": cell.interval.n,
                "confidence": cell.interval.confidence,
                "text": interval_words(cell.interval, language),
            }
            for column, cell in pairs
            if cell.interval is not None
        },
        "withheld": [column.name for column, cell in pairs if cell.withheld],
    }


def plain(value: Any, column: Column | None, moment: Moment) -> Any:
    """Return the JSON form of a value of a column."""
    if column is not None and column.kind == "money" and isinstance(value, int) and moment.base_currency:
        return {"amount": str(Money(value, moment.base_currency).value), "currency": moment.base_currency}
    match value:
        case None | bool() | int() | float():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case tuple() | list():
            return [plain(item, None, moment) for item in value]
        case Decimal():
            return str(value)
        case _:
            return str(value)
