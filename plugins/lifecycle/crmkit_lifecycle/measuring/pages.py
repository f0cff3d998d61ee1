"""The pages of measures: the board of stages with its funnel and matrix, and the chain with what is ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, Page, moment_of, texts
from crmkit_lifecycle.designing.choosing import in_use
from crmkit_lifecycle.measuring.chain import Chain, estimate, what_if
from crmkit_lifecycle.measuring.counting import ageing, cohorts, leaks, matrix, stage_figures
from crmkit_lifecycle.measuring.drawing import chances, funnel
from crmkit_lifecycle.measuring.reading import visits_of, ways_of
from crmkit_lifecycle.words import ENDS, GOOD, LEFT, OUTCOMES

_ = texts("crmkit_lifecycle")

SPANS = {"90": _("Begun in the last 90 days"), "365": _("Begun in the last year"), "all": _("All passages")}
SHOWN = 15
RESAMPLES = 200


def board_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return how many are and were in each stage of a model, where they go, how long they stay, what is lost."""
    models = [model for model, _version in in_use(session)]
    if not models:
        return {"models": [], "model": None}
    name = query.get("model", "")
    model = next((each for each in models if each.name == name), models[0])
    span = query.get("span", "all") if query.get("span") in SPANS else "all"
    since = None if span == "all" else session.today() - timedelta(days=int(span))
    ways = ways_of(session, model.name, since=since)
    waiting = ageing(ways, SHOWN)
    ids = [each.customer_id for each in waiting]
    cells = matrix(ways)
    gone = any(to is None for _from, to in cells)
    return {
        "models": models,
        "model": model,
        "ways": ways,
        "figures": stage_figures(ways),
        "funnel": funnel(stage_figures(ways)),
        "cells": cells,
        "targets": [*((each.key, each.title) for each in ways.stages), *([(None, OUTCOMES[LEFT])] if gone else [])],
        "sources": [each for each in ways.stages if each.kind not in ENDS],
        "leaks": leaks(ways),
        "waiting": waiting,
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))},
        "cohorts": cohorts(ways, goal=query.get("goal", ""))[-18:],
        "spans": SPANS,
        "span": span,
        "may_run": _may(session, "run"),
    }


def chain_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what is ahead from each stage: chances and times, and what another share would make of them."""
    models = [model for model, _version in in_use(session)]
    if not models:
        return {"models": [], "model": None, "chain": None}
    model = next((each for each in models if each.name == query.get("model")), models[0])
    ways = ways_of(session, model.name)
    titles = {each.name: each.title for each in ways.stages} | {LEFT: OUTCOMES[LEFT]}
    goal = query.get("goal", "")
    visits, states, ends = visits_of(ways, goal=goal)
    chain: Chain | None = None
    wrong = ""
    try:
        chain = estimate(visits, states, ends, resamples=RESAMPLES)
    except CrmkitError as error:
        wrong = error.render(session.actor.language or session.business().language)
    good = (
        goal
        if goal in ends
        else next((each.name for each in ways.stages if each.kind == GOOD), ends[0] if ends else "")
    )
    other, asked = _asked(chain, query) if chain is not None else (None, None)
    return {
        "models": models,
        "model": model,
        "chain": chain,
        "wrong": wrong,
        "titles": titles,
        "good": good,
        "goals": [each for each in ways.stages if each.kind != "entry"],
        "goal": goal,
        "drawn": chances([(titles[name], row.chances[good]) for name, row in chain.from_state.items()])
        if chain is not None and good in chain.ends
        else None,
        "other": other,
        "asked": asked,
        "moment": moment_of(session),
    }


def _asked(chain: Chain, query: Mapping[str, str]) -> tuple[Chain | None, Mapping[str, Any] | None]:
    """Return the chain as it would be, and what was asked."""
    state, to = query.get("state", ""), query.get("to", "")
    try:
        share = float(query.get("share", "")) / 100
    except ValueError:
        return None, None
    if state not in chain.states or to not in (*chain.states, *chain.ends) or not 0 <= share <= 1:
        return None, None
    try:
        return what_if(chain, state, to, share), {"state": state, "to": to, "share": share}
    except CrmkitError:
        return None, None


def _may(session: CrmSession, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope("lifecycle.passage", action) != "none")


PAGES = [
    Page(
        name="lifecycle.board",
        title=_("Lifecycle board"),
        path="",
        template="lifecycle/measuring/board.html",
        context=board_page,
        permission="lifecycle.passage.read",
        icon="filter",
        order=60,
    ),
    Page(
        name="lifecycle.chain",
        title=_("What is ahead"),
        path="/chain",
        template="lifecycle/measuring/chain.html",
        context=chain_page,
        permission="lifecycle.passage.read",
        icon="route",
        order=61,
    ),
]
