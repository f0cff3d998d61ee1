"""Who is served: which share of each group of customers asks for something, and which share of that was delivered.

Reads facts alone, so that any dimension, segment or fact tells customers apart, as of any day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from attrs import define, frozen

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

_ = texts("crmkit_needs")

PERMISSION = "needs.evidence.read"
USUAL = ("label.value_grade", "value.grade", "label.value", "customer.kind")
"""By what customers are told apart unless said otherwise: the first that there is."""
LEAST = 5
"""From how many customers on a group has figures."""
MOST = 100
"""With more groups than this it is no grouping."""
NONE = "-"


@frozen(kw_only=True)
class CoverageParameters:
    """By what customers are told apart, and from how many on a group has figures."""

    by: Annotated[
        str,
        Input(
            title=_("By"),
            help=_("label.<dimension>, segment.<name> or another fact of customers; empty for what they are worth."),
            max_length=80,
            classified="internal",
        ),
    ] = ""
    least: Annotated[
        int, Input(title=_("Customers needed for a figure"), minimum=1, maximum=1000, classified="internal")
    ] = LEAST


@define
class Covered:
    """A group of customers: how many, how many of them ask, and what became of what they ask for; who asks for the same
    as another counts beside them."""

    key: str
    customers: int = 0
    asking: int = 0
    open: int = 0
    delivered: int = 0
    declined: int = 0

    @property
    def asked(self) -> int:
        """Return for how many needs they ask, each customer's added up."""
        return self.open + self.delivered + self.declined


def usual(session: CrmSession) -> str:
    """Return by what customers are told apart unless said otherwise; "" where the reader may read none of it."""
    known = set(catalogue_of(session).names())
    return next((name for name in USUAL if name in known), "")


def covered(session: CrmSession, by: str, moment: Moment | None = None) -> list[Covered]:
    """Return how each group of the customers whom the reader sees is served, the largest first. Raises UnknownFact."""
    groups: dict[str, Covered] = {}
    names = ["needs.open", "needs.delivered", "needs.declined", *([by] if by else [])]
    for row in frame(session, names, moment=moment).rows():
        _customer, is_open, delivered, declined, *rest = row
        key = _plain(rest[0]) if rest else ""
        group = groups.setdefault(key, Covered(key))
        group.customers += 1
        group.open += is_open or 0
        group.delivered += delivered or 0
        group.declined += declined or 0
        group.asking += bool(is_open or delivered or declined)
    return sorted(groups.values(), key=lambda each: (-each.customers, each.key))


def coverage_rows(session: CrmSession, parameters: CoverageParameters, moment: Moment) -> Table:
    """Return how groups of customers are served; of those with too few customers nothing is told."""
    by = parameters.by.strip() or usual(session)
    found = covered(session, by, moment)
    shown, small = told(found, parameters.least)
    rows = [
        {
            "key": each.key or NONE,
            "group": each.key or _("None"),
            "customers": each.customers,
            "asking": each.asking,
            "asks": None,
            "open": each.open,
            "delivered": each.delivered,
            "declined": each.declined,
            "asked": each.asked,
            "served": None,
        }
        for each in shown
    ]
    notes = [Note(text=_("By {what}."), values={"what": by})] if by else []
    if small:
        text = _("{count} groups have fewer than {least} customers and are not shown.")
        notes.append(Note(text=text, values={"count": small, "least": parameters.least}))
    if len(found) > MOST:
        notes.append(Note(text=_("The {count} largest groups are shown."), values={"count": MOST}))
    notes.append(Note(text=_("Who asks most often is heard most: that nobody asks does not say that nobody needs it.")))
    return Table(rows=rows, notes=notes)


def told(found: Sequence[Covered], least: int) -> tuple[list[Covered], int]:
    """Return the groups of which figures are told, and how many have too few customers for it."""
    shown = [each for each in found if each.customers >= least]
    return shown[:MOST], len(found) - len(shown)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


REPORTS = [
    Report(
        name="needs.coverage",
        title=_("Who is served"),
        rows=coverage_rows,
        parameters=CoverageParameters,
        permission=PERMISSION,
        aggregates=True,
        counts="customers",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="group", title=_("Group")),
            Column(name="customers", title=_("Customers"), kind="integer", total=True),
            Column(name="asking", title=_("Who ask"), kind="integer", total=True),
            Column(
                name="asks",
                title=_("Share that asks"),
                kind="rate",
                successes="asking",
                trials="customers",
                doc=_("Of the customers of the group, those of whom there is evidence."),
            ),
            Column(name="open", title=_("Open"), kind="integer", total=True),
            Column(name="delivered", title=_("Delivered"), kind="integer", total=True),
            Column(name="declined", title=_("Declined"), kind="integer", total=True),
            Column(name="asked", title=_("Asked for"), kind="integer", total=True, hidden=True),
            Column(
                name="served",
                title=_("Share delivered"),
                kind="rate",
                successes="delivered",
                trials="asked",
                doc=_("Of what they ask for, each customer's needs added up, that which was delivered."),
            ),
        ],
        charts=[Chart.intervals("group", "asks", "served")],
        doc=_(
            "Which customers ask for something, and how much of it they got, by what they are worth or anything else."
        ),
    )
]
