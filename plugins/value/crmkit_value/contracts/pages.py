"""The page of contracts: how long they last, and what the margin of a period is worth by both conventions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import frozen
from crmkit_analytics.api import ModelRun, adopted, runs_of
from sqlalchemy import select

from crmkit import CrmSession, Page, moment_of, texts
from crmkit_value.contracts.kinds import SBG
from crmkit_value.contracts.models import ContractCohort
from crmkit_value.insight.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, kept_lines
from crmkit_value.policy.operations import policy_of
from crmkit_value.probability import shifted_beta

_ = texts("crmkit_value")

HOME = "/modules/value/contracts"
SHOWN = 50
USUAL_MARGIN = Decimal(100)


@frozen(kw_only=True)
class Worth:
    """What a customer who has renewed so often is worth: the chance to renew next, and the value of ``margin`` a period
    by both conventions."""

    renewals: int
    retention: float
    end: float
    now: float


def contracts_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the adopted model with what follows from it, and the cohorts that were recorded."""
    run, policy = adopted(session, SBG), policy_of(session)
    rights = session.guarding.rights
    margin = _margin(query.get("margin", ""))
    months = 12 if run is None else int(run.figures["period_months"])
    rate = (1 + float(policy.annual_rate) / 100) ** (months / 12) - 1
    constant = None
    if run is not None:
        constant = Decimal(repr(run.baseline["retention"]))
    cohorts = select(ContractCohort).order_by(ContractCohort.started_on.desc(), ContractCohort.name).limit(SHOWN)
    return {
        "run": run,
        "last": next((each for each in runs_of(session) if each.model == SBG), None),
        "months": months,
        "margin": margin,
        "rate": rate,
        "policy": policy,
        "worths": [] if run is None else worths(run, float(margin), rate),
        "formula": None
        if constant is None
        else {
            name: shifted_beta.contract_value(margin, constant, Decimal(repr(rate)), name) for name in ("end", "now")
        },
        "drawn": None if run is None else kept_lines(run.figures["curve"]),
        "currency": moment_of(session).base_currency,
        "cohorts": [] if rights.scope("value.cohort", "read") == "none" else list(session.scalars(cohorts)),
        "size": (WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM),
        "may_manage": rights.scope("value.policy", "manage") != "none",
        "may_fit": rights.scope("analytics.model_run", "request") != "none",
        "home": HOME,
    }


def worths(run: ModelRun, margin: float, rate: float) -> Sequence[Worth]:
    """Return what customers are worth by how often they have renewed, as far as the data goes; in units of margin."""
    parameters = tuple(run.parameters[name] for name in shifted_beta.NAMES)
    most = min(12, int(run.figures["curve"][-1]["period"]))
    return [
        Worth(
            renewals=number,
            retention=float(shifted_beta.retention(parameters, number + 1)),
            end=margin * float(shifted_beta.value_of(parameters, number, rate, "end")),
            now=margin * float(shifted_beta.value_of(parameters, number, rate, "now")),
        )
        for number in range(most + 1)
    ]


def _margin(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return USUAL_MARGIN
    return found if found.is_finite() and 0 < found < Decimal(10) ** 9 else USUAL_MARGIN


PAGES = [
    Page(
        name="value.contracts",
        title=_("Contracts"),
        path="/contracts",
        template="value/contracts/contracts.html",
        context=contracts_page,
        permission="value.score.read",
        icon="history",
        order=63,
    )
]
