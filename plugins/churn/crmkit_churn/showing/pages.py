"""The pages of churn: the board, why one customer may leave, warnings, the model, and what was kept by retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from crmkit_analytics.api import adopted, runs_of
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, User, moment_of, texts
from crmkit_churn.defining.models import ChurnDefinition
from crmkit_churn.defining.words import KINDS
from crmkit_churn.health.models import CAUSES as HEALTH_CAUSES, HealthScore
from crmkit_churn.learning.drift import ACT, WATCH, standing
from crmkit_churn.retention.models import ARMS, Playbook, Treatment
from crmkit_churn.retention.reading import effect_of
from crmkit_churn.scoring.explaining import latest_of, told
from crmkit_churn.scoring.models import ChurnPass, ChurnScore, Departure
from crmkit_churn.scoring.running import RISK
from crmkit_churn.scoring.words import REASONS, RISK_TONES, RISKS, STANDING_TONES, STANDINGS
from crmkit_churn.showing.drawing import HEIGHT, LEFT, RIGHT, WIDTH, bars, curve, dots
from crmkit_churn.showing.leaving import board_of, facts_of
from crmkit_churn.showing.quality import quality_of_warnings
from crmkit_churn.training.models import METHODS
from crmkit_churn.watching.models import ChurnWarning, WarningRule
from crmkit_churn.watching.words import CAUSES, MOVES, OPEN, STATES, TONES

_ = texts("crmkit_churn")

SHOWN = 50
SIZE = (WIDTH, HEIGHT, LEFT, RIGHT)
MONTH = timedelta(days=30)


def board_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return how customers lie, who may leave, what that is worth, and what became of it lately."""
    last = _last_pass(session)
    board = board_of(session, SHOWN)
    since = session.today() - timedelta(days=90)
    return {
        "last": last,
        "bars": bars(last.counts) if last is not None and last.counts else None,
        "rows": [(each.score, each.customer, each.facts, each.reasons[:2], each.risked) for each in board.rows],
        "by_value": board.by_value,
        "compared": board.compared,
        "at_risk": board.at_risk,
        "left": session.scalar(select(func.count()).select_from(Departure).where(Departure.since >= since)) or 0,
        "returned": session.scalar(select(func.count()).select_from(Departure).where(Departure.returned_on >= since))
        or 0,
        "open": session.scalar(select(func.count()).select_from(ChurnWarning).where(ChurnWarning.state.in_(OPEN))) or 0,
        "model": adopted(session, RISK),
        "definitions": session.scalars(select(ChurnDefinition).order_by(ChurnDefinition.name)).all(),
        "kinds": KINDS,
        "standings": STANDINGS,
        "standing_tones": STANDING_TONES,
        "risks": RISKS,
        "tones": RISK_TONES,
        "currency": moment_of(session).base_currency,
        "size": SIZE,
        "may_run": may(session, "churn.score", "run"),
        "may_define": may(session, "churn.definition", "manage"),
        "may_models": may(session, "analytics.model_run", "read"),
    }


def customer_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return why one customer may leave, how that went, and what was done about it."""
    identity = identity_of(query.get("id"))
    customer = None if identity is None else session.get(Customer, identity)
    if identity is None or customer is None or customer.deleted_at is not None:
        return {"customer": None}
    score = latest_of(session, [identity]).get(identity)
    history = session.scalars(
        select(ChurnScore).where(ChurnScore.customer_id == identity).order_by(ChurnScore.as_of.desc()).limit(12)
    ).all()
    health = session.scalars(
        select(HealthScore).where(HealthScore.customer_id == identity).order_by(HealthScore.as_of.desc()).limit(1)
    ).first()
    treatments = session.execute(
        select(Treatment, Playbook)
        .join(Playbook, Playbook.id == Treatment.playbook_id)
        .where(Treatment.customer_id == identity)
        .order_by(Treatment.started_at.desc())
    ).all()
    reasons = [] if score is None else told(session, score.reasons)
    most = max((abs(each.log_odds) for each in reasons), default=1.0) or 1.0
    return {
        "customer": customer,
        "score": score,
        "reasons": [(each, round(abs(each.log_odds) / most * 100)) for each in reasons],
        "history": history,
        "health": health,
        "health_causes": HEALTH_CAUSES,
        "facts": facts_of(
            session, [identity], ("value.clv", "value.clv_low", "value.clv_high", "value.p_alive", "label.churn_risk")
        ).get(identity, {}),
        "departures": session.scalars(
            select(Departure).where(Departure.customer_id == identity).order_by(Departure.since.desc())
        ).all(),
        "exit_reasons": REASONS,
        "warnings": _warnings(session, select(ChurnWarning.id).where(ChurnWarning.customer_id == identity)),
        "treatments": treatments,
        "arms": ARMS,
        "states": STATES,
        "state_tones": TONES,
        "causes": CAUSES,
        "risks": RISKS,
        "tones": RISK_TONES,
        "currency": moment_of(session).base_currency,
        "may_work": may(session, "churn.warning", "update"),
        "may_say": may(session, "churn.departure", "update"),
        "may_start": may(session, "churn.playbook", "start"),
        "may_override": may(session, "churn.health", "override"),
    }


def warnings_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the open warnings, or those of one state or customer, and how right warnings were."""
    state, customer = query.get("state", "open"), identity_of(query.get("customer"))
    wanted = select(ChurnWarning.id)
    if customer is not None:
        wanted = wanted.where(ChurnWarning.customer_id == customer)
    elif state in STATES:
        wanted = wanted.where(ChurnWarning.state == state)
    else:
        wanted = wanted.where(ChurnWarning.state.in_(OPEN))
    if query.get("mine") and session.guarding.rights.user_id is not None:
        wanted = wanted.where(ChurnWarning.owner_id == session.guarding.rights.user_id)
    found = _warnings(session, wanted)
    by_state = select(ChurnWarning.state, func.count()).group_by(ChurnWarning.state)
    return {
        "warnings": found,
        "reasons": {each.id: told(session, each.reasons)[:2] for each, *_rest in found},
        "counts": {row[0]: row[1] for row in session.execute(by_state)},
        "state": state,
        "customer": customer,
        "states": STATES,
        "state_tones": TONES,
        "moves": MOVES,
        "causes": CAUSES,
        "quality": quality_of_warnings(session),
        "rules": session.scalars(select(WarningRule).order_by(WarningRule.priority.desc(), WarningRule.name)).all(),
        "currency": moment_of(session).base_currency,
        "may_work": may(session, "churn.warning", "update"),
        "may_rules": may(session, "churn.warning_rule", "manage"),
        "may_start": may(session, "churn.playbook", "start"),
    }


def model_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what was learnt, how good it was beside the base line, and whether customers are still like those."""
    runs = runs_of(session, RISK, 10)
    chosen = identity_of(query.get("run"))
    counting = adopted(session, RISK)
    run = next((each for each in runs if each.id == chosen), counting or next(iter(runs), None))
    passes: Sequence[ChurnPass] = []
    if run is not None:
        passes = session.scalars(
            select(ChurnPass).where(ChurnPass.run_id == run.id).order_by(ChurnPass.as_of.desc()).limit(12)
        ).all()
    figures = (run.figures or {}) if run is not None else {}
    last = next(iter(passes), None)
    drift = sorted((last.drift if last is not None else {}).items(), key=lambda pair: -pair[1])
    top = figures.get("features", [])[:12]
    names = told(session, [{"feature": each["feature"], "value": None, "log_odds": 0.0} for each in top])
    weights = {each["feature"]: each["weight"] for each in top}
    drift_names = told(session, [{"feature": n, "value": None, "log_odds": 0.0} for n, _value in drift if n])
    return {
        "runs": runs,
        "run": run,
        "adopted": counting,
        "figures": figures,
        "base": (run.baseline or {}) if run is not None else {},
        "split": figures.get("split", {}),
        "dots": dots(figures["bands"]) if figures.get("bands") else None,
        "features": [(each, weights[each.name]) for each in names],
        "most": max(weights.values(), default=1.0) or 1.0,
        "passes": passes,
        "drift": [(name, value, standing(value)) for name, value in drift],
        "drift_names": {each.name: each for each in drift_names},
        "limits": (WATCH, ACT),
        "standings": STANDINGS,
        "standing_tones": STANDING_TONES,
        "methods": METHODS,
        "size": SIZE,
        "may_request": may(session, "analytics.model_run", "request"),
        "may_adopt": may(session, "analytics.model_run", "adopt"),
    }


def effect_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what playbooks changed against those who were held out, and what that was worth."""
    books = session.scalars(select(Playbook).order_by(Playbook.name)).all()
    chosen = next((each for each in books if each.name == query.get("playbook")), None)
    found = effect_of(session, playbook_id=None if chosen is None else chosen.id)
    waiting = select(Treatment.arm, func.count()).where(Treatment.left.is_(None)).group_by(Treatment.arm)
    return {
        "books": books,
        "chosen": chosen,
        "effect": found,
        "effects": [(each, effect_of(session, playbook_id=each.id)) for each in books],
        "waiting": {row[0]: row[1] for row in session.execute(waiting)},
        "curve": None if found.qini is None or len(found.qini.points) < 3 else curve(found.qini.points),
        "causes": CAUSES,
        "currency": moment_of(session).base_currency,
        "size": SIZE,
        "may_manage": may(session, "churn.playbook", "manage"),
        "may_start": may(session, "churn.playbook", "start"),
    }


# --- what pages share ------------------------------------------------------------------------------------------------


def _warnings(session: CrmSession, wanted: Any) -> list[Any]:
    query = (
        select(ChurnWarning, Customer, WarningRule, User)
        .join(Customer, Customer.id == ChurnWarning.customer_id)
        .join(WarningRule, WarningRule.id == ChurnWarning.rule_id)
        .outerjoin(User, User.id == ChurnWarning.owner_id)
        .where(ChurnWarning.id.in_(wanted))
        .order_by(ChurnWarning.opened_at.desc(), ChurnWarning.id)
        .limit(SHOWN)
    )
    return [tuple(row) for row in session.execute(query)]


def _last_pass(session: CrmSession) -> ChurnPass | None:
    return session.scalars(select(ChurnPass).order_by(ChurnPass.as_of.desc()).limit(1)).first()


def identity_of(text: str | None) -> UUID | None:
    """Return the id that a text is, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def may(session: CrmSession, resource: str, action: str) -> bool:
    """Say whether the session's actor may do something with a resource at all."""
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="churn.board",
        title=_("Churn board"),
        path="/board",
        template="churn/showing/board.html",
        context=board_page,
        permission="churn.score.read",
        icon="activity",
        order=60,
    ),
    Page(
        name="churn.warnings",
        title=_("Warnings"),
        path="/warnings",
        template="churn/showing/warnings.html",
        context=warnings_page,
        permission="churn.warning.read",
        icon="alert-triangle",
        order=61,
    ),
    Page(
        name="churn.effect",
        title=_("Retention effect"),
        path="/effect",
        template="churn/showing/effect.html",
        context=effect_page,
        permission="churn.playbook.read",
        icon="adjustments",
        order=62,
    ),
    Page(
        name="churn.model",
        title=_("Model of leaving"),
        path="/model",
        template="churn/showing/model.html",
        context=model_page,
        permission="analytics.model_run.read",
        icon="bulb",
        order=63,
    ),
    Page(
        name="churn.customer",
        title=_("Why they may leave"),
        path="/customer",
        template="churn/showing/customer.html",
        context=customer_page,
        permission="churn.score.read",
        menu=False,
    ),
]
