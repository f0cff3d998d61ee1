"""What a figure means: its definition as a value that plugins hand over. Must not know the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import evolve, field, frozen

from crmkit import Report

Unit = Literal["count", "share", "money", "days", "number"]


@frozen(kw_only=True)
class Metric:
    """The definition of a figure.

    ``name`` is ``<plugin>.<noun>``; ``formula`` says in words how it is computed; ``grain`` of what there is one figure
    each (a customer, a month …); ``filters`` what is left out; ``unit`` what it counts; ``owner`` the plugin that
    answers for it, or a login. ``version`` goes up when the definition changes, ``since`` is the day of that version.
    ``shown`` names where it is shown, so that a cell of a report finds its definition.
    """

    name: str
    title: str
    formula: str
    grain: str
    unit: Unit = "count"
    filters: str = ""
    owner: str = ""
    version: int = 1
    since: str = ""
    doc: str = ""
    shown: tuple[tuple[str, str], ...] = field(default=(), converter=tuple)
    """Pairs of a report's name and a column of it."""


PAGE = "/modules/analytics/figures"


def explained(reports: Sequence[Report], metrics: Sequence[Metric]) -> list[Report]:
    """Return reports whose columns lead to what their figures mean, as definitions name the columns."""
    paths = {place: f"{PAGE}#{each.name.replace('.', '-')}" for each in metrics for place in each.shown}
    return [
        evolve(
            report,
            columns=[
                evolve(column, about=column.about or paths.get((report.name, column.name), ""))
                for column in report.columns
            ],
        )
        for report in reports
    ]
