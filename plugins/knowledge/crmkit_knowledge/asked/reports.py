"""The report on searches: how many find nothing, end with a click, or are asked anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Period, Report, Table, texts
from crmkit_knowledge.asked.counting import courses
from crmkit_knowledge.asked.words import DOORS

_ = texts("crmkit_knowledge")

BY = {"week": _("Week"), "door": _("Where")}
KEY = Column(name="key", title=_("Key"), hidden=True)
NAMES = ("searches", "without_hits", "clickable", "clicked", "reformulated")


@frozen(kw_only=True)
class SearchParameters:
    """The days of which the report speaks, and by what searches are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[Literal["week", "door"], Input(title=_("By"), choices=BY, classified="internal")] = "week"


def search_rows(session: CrmSession, parameters: SearchParameters, moment: Moment) -> Table:
    """Return how many searches there were by week (named by its Monday) or by where people searched, and what became
    of them. Clicks are counted of searches with hits, where they are seen."""
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in courses(session, first, last):
        monday = each.day - timedelta(days=each.day.weekday())
        group = counts[each.door if parameters.by == "door" else monday.isoformat()]
        group["searches"] += 1
        group["without_hits"] += not each.hits
        group["clickable"] += each.clickable and each.hits > 0
        group["clicked"] += each.clickable and each.clicked
        group["reformulated"] += each.reformulated
    titles: Mapping[str, str] = DOORS if parameters.by == "door" else {}
    order = [*(key for key in titles if key in counts), *sorted(set(counts) - set(titles))]
    rows = [{"key": key, "group": titles.get(key, key), **{name: counts[key][name] for name in NAMES}} for key in order]
    return Table(rows=rows)


REPORTS = [
    Report(
        name="knowledge.searches",
        title=_("Searches"),
        rows=search_rows,
        parameters=SearchParameters,
        defaults={"period": "last 3 months"},
        permission="knowledge.search.read",
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="searches", title=_("Searches"), kind="integer", total=True),
            Column(name="without_hits", title=_("Without hits"), kind="integer", total=True),
            Column(
                name="none_rate",
                title=_("Share without hits"),
                kind="rate",
                successes="without_hits",
                trials="searches",
            ),
            Column(name="clickable", title=_("Hits where clicks are seen"), kind="integer", total=True),
            Column(name="clicked", title=_("With a click"), kind="integer", total=True),
            Column(
                name="click_rate",
                title=_("Share with a click"),
                kind="rate",
                successes="clicked",
                trials="clickable",
                doc=_("Of the searches with hits of colleagues and in the help centre."),
            ),
            Column(name="reformulated", title=_("Asked anew"), kind="integer", total=True),
            Column(
                name="reformulated_rate",
                title=_("Share asked anew"),
                kind="rate",
                successes="reformulated",
                trials="searches",
                doc=_("The same visit asked something else within two minutes, without a click between."),
            ),
        ],
        charts=[Chart.bars("group", "searches", "without_hits")],
        temporal=False,
        doc=_("How many searches find nothing, end with a click, or are asked anew, by week or door."),
    )
]
