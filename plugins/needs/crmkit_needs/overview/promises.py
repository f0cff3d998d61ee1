"""Promises: what was to be there by a day, and whether it was. Must not know how anybody is told.

A need is promised to all who ask for it, evidence to one customer. A promise is kept where it was delivered on that day
or before; one that was moved to a later day counts by that one alone, as days before are not kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Report, Table, texts
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.catalogue.words import OPEN
from crmkit_needs.overview.reports import PeriodField
from crmkit_needs.overview.stories import NONE, Story, day_of, stories, titles_of

_ = texts("crmkit_needs")

OUTCOMES = {
    "kept": _("Kept"),
    "late": _("Delivered too late"),
    "declined": _("Declined"),
    "overdue": _("Open and overdue"),
    "ahead": _("Still to come"),
}
SETTLED = ("kept", "late", "declined", "overdue")
"""What is known of a promise by now."""
TO = {"all": _("To all who ask"), "one": _("To one customer")}
BY = {
    "to": _("To whom"),
    "month": _("Month"),
    "kind": _("Kind"),
    "area": _("Product area"),
    "urgency": _("Urgency"),
}


@frozen(kw_only=True)
class Promise:
    """A promise: the need, the day, the customer (None for all who ask), and what became of it by now."""

    story: Story
    day: date
    customer_id: UUID | None
    outcome: str


@frozen(kw_only=True)
class PromiseParameters:
    """For which days was promised, and by what promises are told apart."""

    period: PeriodField
    by: Annotated[
        Literal["to", "month", "kind", "area", "urgency"], Input(title=_("By"), choices=BY, classified="internal")
    ] = "to"


def promises(session: CrmSession, moment: Moment) -> list[Promise]:
    """Return every promise, those to customers as far as the reader sees them, by their days."""
    known = {each.need_id: each for each in stories(session, moment)}
    found = [
        Promise(story=each, day=each.promised_on, customer_id=None, outcome=_outcome(each, each.promised_on, moment))
        for each in known.values()
        if each.promised_on is not None
    ]
    query = (
        select(Need.root_id, Evidence.customer_id, Evidence.promised_on)
        .join(Need, Need.id == Evidence.need_id)
        .where(Evidence.promised_on.is_not(None))
        .distinct()
    )
    for root, customer, day in session.execute(query):
        story = known.get(root)
        if story is not None:
            found.append(Promise(story=story, day=day, customer_id=customer, outcome=_outcome(story, day, moment)))
    return sorted(found, key=lambda each: (each.day, each.story.number, str(each.customer_id or "")))


def _outcome(story: Story, day: date, moment: Moment) -> str:
    if story.state in OPEN:
        return "overdue" if day < moment.today else "ahead"
    if story.state == "declined":
        return "declined"
    at = story.since("delivered") or story.opened_at
    return "kept" if day_of(at, moment.zone) <= day else "late"


def promise_rows(session: CrmSession, parameters: PromiseParameters, moment: Moment) -> Table:
    """Return what became of the promises for the days of a period, by group."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for each in promises(session, moment):
        if parameters.period.first <= each.day <= parameters.period.last:
            groups[_key(each, parameters.by)][each.outcome] += 1
    titles = _titles(session, parameters.by, sorted(groups))
    return Table(
        rows=[
            {
                "key": key,
                "group": title,
                "promised": sum(groups[key].values()),
                **{name: groups[key][name] for name in OUTCOMES},
                "settled": sum(groups[key][name] for name in SETTLED),
                "rate": None,
            }
            for key, title in titles.items()
            if key in groups
        ]
    )


def _key(promise: Promise, by: str) -> str:
    if by == "to":
        return "all" if promise.customer_id is None else "one"
    return f"{promise.day:%Y-%m}" if by == "month" else promise.story.key(by)


def _titles(session: CrmSession, by: str, keys: Sequence[str]) -> Mapping[str, Any]:
    if by == "to":
        return TO
    if by == "month":
        return {key: key for key in keys}
    titles = titles_of(session, by)
    return {**{key: key for key in keys if key not in titles and key != NONE}, **titles}


REPORTS = [
    Report(
        name="needs.promises",
        title=_("Promises"),
        rows=promise_rows,
        parameters=PromiseParameters,
        defaults={"period": "last 12 months"},
        permission="needs.evidence.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="group", title=_("Group")),
            Column(name="promised", title=_("Promised"), kind="integer", total=True),
            *(Column(name=name, title=title, kind="integer", total=True) for name, title in OUTCOMES.items()),
            Column(name="settled", title=_("Known by now"), kind="integer", total=True, hidden=True),
            Column(
                name="rate",
                title=_("Share kept"),
                kind="rate",
                successes="kept",
                trials="settled",
                doc=_("Of the promises whose day is over or that were settled: those delivered by their day."),
            ),
        ],
        charts=[Chart.stack("group", *OUTCOMES)],
        temporal=False,
        doc=_("Whether what was promised for a day was there by then."),
    )
]
