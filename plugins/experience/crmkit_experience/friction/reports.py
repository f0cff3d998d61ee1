"""The report on friction: the steps as they were counted last night."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Moment, Note, Report, Table, texts
from crmkit_experience.friction.models import FrictionStep
from crmkit_experience.friction.sources import titles_of
from crmkit_experience.friction.weighing import PARTS
from crmkit_experience.friction.words import PARTS as TITLES

_ = texts("crmkit_experience")


def friction_rows(session: CrmSession, parameters: object, moment: Moment) -> Table:
    """Return the steps, what is certain and most at stake first, with the shares behind them."""
    found = session.scalars(select(FrictionStep).order_by(FrictionStep.place, FrictionStep.step)).all()
    titles = titles_of(session, [each.step for each in found])
    rows: list[dict[str, Any]] = []
    for each in found:
        row: dict[str, Any] = {
            "key": each.step,
            "title": titles[each.step][0],
            "where": titles[each.step][1],
            "customers": each.customers,
            "leading": TITLES.get(each.leading or "", "–"),
            "certain": _("Yes") if each.certain else _("No"),
            "excess": float(each.excess),
            "excess_low": float(each.excess_low),
            "excess_high": float(each.excess_high),
            "affected": float(each.affected),
            "stake": each.stake_minor,
            "effort": None if each.effort_mean is None else float(each.effort_mean),
            "score": None if each.score_mean is None else float(each.score_mean),
        }
        for part in PARTS:
            known = each.parts.get(part, {})
            row |= {f"{part}_hit": known.get("hit", 0), f"{part}_known": known.get("known", 0), f"{part}_rate": None}
        rows.append(row)
    notes: list[Note] = []
    if found:
        text = _("Contacts of {first} to {last}.")
        notes.append(Note(text=text, values={"first": found[0].first_on, "last": found[0].last_on}))
        if found[0].worth_by is not None:
            notes.append(Note(text=_("Customers are worth what {fact} says."), values={"fact": found[0].worth_by}))
    return Table(rows=rows, notes=notes)


def _share(part: str, title: str) -> tuple[Column, ...]:
    return (
        Column(name=f"{part}_hit", title=title, kind="integer", hidden=True),
        Column(name=f"{part}_known", title=title, kind="integer", hidden=True),
        Column(name=f"{part}_rate", title=title, kind="rate", successes=f"{part}_hit", trials=f"{part}_known"),
    )


REPORTS = [
    Report(
        name="experience.friction",
        title=_("Where it is hard for customers"),
        rows=friction_rows,
        permission="experience.friction.read",
        columns=[
            Column(name="key", title=_("Step"), hidden=True),
            Column(name="title", title=_("Step")),
            Column(name="where", title=_("Where")),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="leading", title=_("What is hard")),
            Column(
                name="certain",
                title=_("More than chance"),
                doc=_("Whether even the lower end of the interval is above the other steps."),
            ),
            Column(
                name="excess",
                title=_("More than elsewhere"),
                kind="share",
                doc=_("The share of customers who are hit here, less that at the other steps of the source."),
            ),
            Column(name="excess_low", title=_("At least"), kind="share"),
            Column(name="excess_high", title=_("At most"), kind="share"),
            Column(name="affected", title=_("Customers beyond the usual"), kind="number"),
            Column(
                name="stake",
                title=_("Value at stake"),
                kind="money",
                doc=_("What the customers of the step are worth, times how many more of them are hit than elsewhere."),
            ),
            *_share("drop", _("Share that does not go on")),
            *_share("effort", _("Share with much effort")),
            *_share("score", _("Share that is unhappy")),
            Column(name="effort", title=_("Mean effort"), kind="number"),
            Column(name="score", title=_("Mean score"), kind="number"),
        ],
        charts=[Chart.bars("title", "affected"), Chart.intervals("title", "drop_rate")],
        temporal=False,
        doc=_("Steps at which customers drop out, have much effort or are unhappy, by what is at stake."),
    )
]
