"""The reports of value: segments, grades and their moves, concentration, contribution, growth room."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Input,
    Moment,
    Note,
    Report,
    Table,
    catalogue_of,
    frame,
    texts,
)
from crmkit.errors import UnknownFact
from crmkit_value.grades.grading import GRADES, gini, top_share
from crmkit_value.insight.reading import grades_of, moves_of, names_of, segments_of, worths_of
from crmkit_value.policy.models import TIES
from crmkit_value.scoring.reading import latest

_ = texts("crmkit_value")

NONE_YET = Note(text=_("Nothing was computed yet as of this day."))
SHOWN = 200
SERVICE_COST = "service.cost"
"""The fact of another plugin that says what cases of service have cost."""
FEWEST_PEERS = 8


def rfm_rows(session: CrmSession, parameters: object, moment: Moment) -> Table:
    """Return the segments of the last RFM scoring, with the boundaries that it went by."""
    scoring = latest(session, "rfm", moment.as_of, moment.known_at)
    if scoring is None:
        return Table(rows=[], notes=[NONE_YET])
    found = segments_of(session, scoring)
    whole = sum(each.worth_minor for each in found)
    rows = [
        {
            "key": each.name,
            "segment": each.title,
            "customers": each.customers,
            "purchases": each.purchases,
            "worth": each.worth_minor,
            "mean": round(each.worth_minor / each.customers),
            "share": each.worth_minor / whole if whole > 0 else None,
        }
        for each in found
    ]
    edges = scoring.rules["boundaries"]
    shift = 10 ** _places(scoring.currency)
    words = _("As of {day}. Boundaries of recency (days) {recency}; of frequency {frequency}; of value {monetary}.")
    values = {
        "day": scoring.day.isoformat(),
        "recency": _listed(edges["recency"]),
        "frequency": _listed(edges["frequency"]),
        "monetary": _listed([each / shift for each in edges["monetary"]]),
    }
    return Table(rows=rows, notes=[Note(text=words, values=values), Note(text=TIES[scoring.rules["ties"]])])


def grade_rows(session: CrmSession, parameters: object, moment: Moment) -> Table:
    """Return the grades as they were made last, what each is worth, and what is expected of it next."""
    scoring = latest(session, "grade", moment.as_of, moment.known_at)
    if scoring is None:
        return Table(rows=[], notes=[NONE_YET])
    found = grades_of(session, scoring)
    whole = sum(max(0, each.worth_minor) for each in found)
    moves = moves_of(scoring)
    rows = [
        {
            "grade": each.grade,
            "customers": each.customers,
            "worth": each.worth_minor,
            "share": max(0, each.worth_minor) / whole if whole else None,
            "mean": each.mean_minor,
            "next": each.next_minor,
            "came": sum(n for (start, to), n in moves.items() if to == each.grade and start not in ("", each.grade)),
            "left": sum(n for (start, to), n in moves.items() if start == each.grade and to != each.grade),
        }
        for each in found
    ]
    worths = worths_of(session, scoring)
    values = {
        "day": scoring.day.isoformat(),
        "gini": _said(gini(worths)),
        "top": _percent(top_share(worths, 0.2)),
        "one": _percent(top_share(worths, 0.01)),
    }
    words = _("As of {day}. Gini {gini}; the best fifth have {top} of the whole, the best hundredth {one}.")
    return Table(rows=rows, notes=[Note(text=words, values=values)])


def move_rows(session: CrmSession, parameters: object, moment: Moment) -> Table:
    """Return how many customers went from which grade to which since the scoring before."""
    scoring = latest(session, "grade", moment.as_of, moment.known_at)
    if scoring is None or not moves_of(scoring):
        return Table(rows=[], notes=[NONE_YET])
    moves = moves_of(scoring)
    rows: list[dict[str, Any]] = []
    for start in GRADES:
        whole = sum(count for (one, _to), count in moves.items() if one == start)
        rows.extend(
            {
                "key": f"{start}:{to or 'none'}",
                "start": start,
                "to": to or "–",
                "customers": moves.get((start, to), 0),
                "of": whole,
                "rate": None,
            }
            for to in (*GRADES, "")
            if whole
        )
    words = _("From {since} to {day}.")
    note = Note(text=words, values={"since": scoring.figures.get("since") or "–", "day": scoring.day.isoformat()})
    return Table(rows=rows, notes=[note])


@frozen(kw_only=True)
class GrowthParameters:
    """Whom customers are compared with: those who are alike in a fact."""

    peers: Annotated[str, Input(title=_("Alike in"), max_length=120, help=_("A fact, such as customer.industry."))] = (
        "customer.industry"
    )


def growth_rows(session: CrmSession, parameters: GrowthParameters, moment: Moment) -> Table:
    """Return the customers who bought less in 365 days than three quarters of those who are like them: what they would
    bring beyond if they came to the upper quarter."""
    shift = 10 ** _places(moment.base_currency)
    own: dict[UUID, tuple[str, int]] = {}
    groups: dict[str, list[int]] = defaultdict(list)
    table = frame(session, [parameters.peers, "value.revenue_365"], where="purchase.count > 0", moment=moment)
    for customer_id, peer, amount in table.rows():
        worth = round((amount or 0) * shift)
        name = "–" if peer is None else str(peer)
        own[customer_id] = (name, worth)
        groups[name].append(worth)
    upper = {name: _upper(values) for name, values in groups.items() if len(values) >= FEWEST_PEERS}
    room = [
        (upper[name] - worth, customer_id, name, worth)
        for customer_id, (name, worth) in own.items()
        if name in upper and upper[name] > worth
    ]
    room.sort(key=lambda each: (-each[0], str(each[1])))
    chosen = room[:SHOWN]
    names = names_of(session, [each[1] for each in chosen])
    rows = [
        {
            "key": str(customer_id),
            "customer": names.get(customer_id, "–"),
            "peers": name,
            "alike": len(groups[name]),
            "worth": worth,
            "upper": upper[name],
            "room": gap,
        }
        for gap, customer_id, name, worth in chosen
    ]
    words = _("Three quarters of at least {fewest} customers who are alike bought for less than the upper quarter.")
    return Table(rows=rows, notes=[Note(text=words, values={"fewest": FEWEST_PEERS})])


def contribution_rows(session: CrmSession, parameters: object, moment: Moment) -> Table:
    """Return what customers bring and cost in all, those who contribute least first: cases of service cost, too, where
    that plugin knows."""
    names = ["value.revenue_total", "value.margin_total", "value.cost_to_serve_total"]
    try:
        catalogue_of(session).ref(SERVICE_COST)
        names.append(SERVICE_COST)
    except UnknownFact:
        pass
    shift = 10 ** _places(moment.base_currency)
    table = frame(session, names, where="purchase.count > 0", moment=moment)
    found: list[tuple[int, UUID, list[int]]] = []
    for customer_id, *values in table.rows():
        own = [round((each or 0) * shift) for each in values]
        own += [0] * (4 - len(own))
        found.append((own[1] - own[2] - own[3], customer_id, own))
    found.sort(key=lambda each: (each[0], str(each[1])))
    shown = found[:SHOWN]
    known = names_of(session, [each[1] for each in shown])
    rows = [
        {
            "key": str(customer_id),
            "customer": known.get(customer_id, "–"),
            "revenue": own[0],
            "margin": own[1],
            "contacts": own[2],
            "service": own[3] if len(names) > 3 else None,
            "contribution": left,
        }
        for left, customer_id, own in shown
    ]
    words = _("{count} of {whole} customers cost more than they bring; in all customers contribute {share} of revenue.")
    revenue, left = sum(each[2][0] for each in found), sum(each[0] for each in found)
    values = {
        "count": sum(each[0] < 0 for each in found),
        "whole": len(found),
        "share": _percent(left / revenue if revenue > 0 else None),
    }
    return Table(rows=rows, notes=[Note(text=words, values=values)])


def _upper(values: list[int]) -> int:
    from crmkit_value.rfm.scores import quantile

    return round(quantile(sorted(values), 0.75))


def _listed(values: list[float]) -> str:
    return " | ".join(f"{each:.6g}" for each in values)


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def _places(currency: str | None) -> int:
    from babel.numbers import get_currency_precision

    return 0 if currency is None else get_currency_precision(currency)


_KEY = Column(name="key", title=_("Key"), hidden=True)
_CUSTOMERS = Column(name="customers", title=_("Customers"), kind="integer", total=True)
REPORTS = [
    Report(
        name="value.rfm",
        title=_("RFM segments"),
        rows=rfm_rows,
        columns=[
            _KEY,
            Column(name="segment", title=_("Segment")),
            _CUSTOMERS,
            Column(name="purchases", title=_("Purchases"), kind="integer", total=True),
            Column(name="worth", title=_("Value"), kind="money", total=True),
            Column(name="mean", title=_("Each on average"), kind="money"),
            Column(name="share", title=_("Share of the whole"), kind="share"),
        ],
        charts=[Chart.bars("segment", "customers")],
        permission="value.score.read",
        aggregates=True,
        counts="customers",
        doc=_("How lately, how often and for how much customers bought, by segment, with the boundaries."),
    ),
    Report(
        name="value.grades",
        title=_("Grades and concentration"),
        rows=grade_rows,
        columns=[
            Column(name="grade", title=_("Grade")),
            _CUSTOMERS,
            Column(name="worth", title=_("Worth"), kind="money", total=True),
            Column(name="share", title=_("Share of the whole"), kind="share"),
            Column(name="mean", title=_("Each on average"), kind="money"),
            Column(
                name="next",
                title=_("Expected next"),
                kind="money",
                doc=_("What one is expected to be worth next time, by the moves since the time before."),
            ),
            Column(name="came", title=_("Came"), kind="integer", doc=_("From another grade since the time before.")),
            Column(name="left", title=_("Left"), kind="integer", doc=_("To another grade or none.")),
        ],
        charts=[Chart.bars("grade", "worth")],
        permission="value.score.read",
        aggregates=True,
        counts="customers",
        doc=_("What customers of each grade are worth, how unevenly, and what is expected of them next."),
    ),
    Report(
        name="value.migration",
        title=_("Moves between grades"),
        rows=move_rows,
        columns=[
            _KEY,
            Column(name="start", title=_("From")),
            Column(name="to", title=_("To")),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="of", title=_("Of"), kind="integer"),
            Column(name="rate", title=_("Share"), kind="rate", successes="customers", trials="of"),
        ],
        permission="value.score.read",
        aggregates=True,
        counts="customers",
        doc=_("How many customers went from which grade to which, with intervals."),
    ),
    Report(
        name="value.contribution",
        title=_("Contribution of customers"),
        rows=contribution_rows,
        columns=[
            _KEY,
            Column(name="customer", title=_("Customer")),
            Column(name="revenue", title=_("Revenue"), kind="money", total=True),
            Column(name="margin", title=_("Margin"), kind="money", total=True),
            Column(
                name="contacts",
                title=_("Contacts"),
                kind="money",
                total=True,
                doc=_("Contacts and their hours, by what each kind costs."),
            ),
            Column(
                name="service",
                title=_("Service"),
                kind="money",
                total=True,
                doc=_("Time spent on cases, where the plugin service knows it."),
            ),
            Column(name="contribution", title=_("Contribution"), kind="money", total=True),
        ],
        permission="value.score.read",
        doc=_("Margin less what contacts and cases cost, of customers who contribute least."),
    ),
    Report(
        name="value.growth_room",
        title=_("Room to grow"),
        rows=growth_rows,
        parameters=GrowthParameters,
        columns=[
            _KEY,
            Column(name="customer", title=_("Customer")),
            Column(name="peers", title=_("Alike")),
            Column(name="alike", title=_("How many"), kind="integer"),
            Column(name="worth", title=_("Bought in 365 days"), kind="money"),
            Column(name="upper", title=_("Upper quarter"), kind="money"),
            Column(name="room", title=_("Room"), kind="money", total=True),
        ],
        permission="value.score.read",
        doc=_("Customers who buy less than the upper quarter of those who are like them."),
    ),
]
