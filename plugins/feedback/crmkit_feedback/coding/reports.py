"""The report on how far two people agree what feedback is about."""

from __future__ import annotations

from typing import Any

from crmkit import Chart, Column, CrmSession, Moment, Note, Report, Table, texts
from crmkit_feedback.coding.agreeing import Kappa
from crmkit_feedback.coding.reading import Agreement, agreement_of

_ = texts("crmkit_feedback")


def agreement_rows(session: CrmSession, parameters: None, moment: Moment) -> Table:
    """Return Cohen's kappa of each theme, and of whole sets of themes, with 95% intervals."""
    found = agreement_of(session)
    if found is None:
        return Table(rows=[], notes=[Note(text=_("No two people have coded the same feedback yet."))])
    said = {"first": found.first, "second": found.second, "count": found.count}
    return Table(
        rows=rows_of(found), notes=[Note(text=_("Coded by {first} and {second}: {count} texts."), values=said)]
    )


def rows_of(found: Agreement) -> list[dict[str, Any]]:
    """Return a row for each theme, and one for the sets of themes as they are."""
    rows: list[dict[str, Any]] = [
        {
            "key": each.name,
            "theme": each.title,
            "both": each.both,
            "first_only": each.first_only,
            "second_only": each.second_only,
            "neither": each.neither,
            **_figures(each.kappa),
        }
        for each in found.themes
    ]
    return [*rows, {"key": "*", "theme": _("The very same themes"), **_figures(found.whole)}]


def _figures(found: Kappa | None) -> dict[str, float | None]:
    if found is None:
        return {"kappa": None, "low": None, "high": None}
    return {"kappa": round(found.value, 3), "low": round(found.low, 3), "high": round(found.high, 3)}


REPORTS = [
    Report(
        name="feedback.coding",
        title=_("How far two people agree"),
        rows=agreement_rows,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="theme", title=_("Theme")),
            Column(name="both", title=_("Both"), kind="integer"),
            Column(name="first_only", title=_("The first alone"), kind="integer"),
            Column(name="second_only", title=_("The second alone"), kind="integer"),
            Column(name="neither", title=_("Neither"), kind="integer"),
            Column(name="kappa", title=_("Cohen's kappa"), kind="number"),
            Column(name="low", title=_("From"), kind="number", doc=_("The lower end of the 95% interval.")),
            Column(name="high", title=_("To"), kind="number", doc=_("The upper end of the 95% interval.")),
        ],
        charts=[Chart.bars("theme", "kappa")],
        permission="feedback.coding.draw",
        temporal=False,
        doc=_("How far two people agree beyond chance on what feedback is about, each without the other's word."),
    )
]
