"""The pages of forecasting: the forecast of a period and the deals behind it, its movement, win probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, InvalidInput, Page, Period, Team, User, texts
from crmkit.errors import MissingExtra
from crmkit_sales.forecasting.attaining import quotas_within, speed, standings
from crmkit_sales.forecasting.board import Board, board_of
from crmkit_sales.forecasting.calibration import evaluation_of
from crmkit_sales.forecasting.deals import Deal, within
from crmkit_sales.forecasting.drawing import HEIGHT, LEFT, RIGHT, WIDTH, fan, waterfall
from crmkit_sales.forecasting.explaining import explained
from crmkit_sales.forecasting.histories import slips
from crmkit_sales.forecasting.inputs import period_of
from crmkit_sales.forecasting.measures import CATEGORIES, MEASURES
from crmkit_sales.forecasting.models import METHODS, MODEL_STATES, WinModel
from crmkit_sales.forecasting.movement import LINES, OUTGOING
from crmkit_sales.forecasting.moving import moved
from crmkit_sales.forecasting.past import FEATURES
from crmkit_sales.forecasting.periods import before, following, month_of, name_of, quarter_of
from crmkit_sales.forecasting.rates import BASES, Basis
from crmkit_sales.forecasting.reading import Chosen, rates_of, titles_of
from crmkit_sales.forecasting.simulation import Outlook, outlook
from crmkit_sales.pipelines.pipeline_models import Pipeline, PipelineVersion, Stage

_ = texts("crmkit_sales")

PLACE = "/modules/sales"
SHOWN = 500
YEAR = timedelta(days=365)
RUNS = 4000
KINDS = {"open": _("Open"), "won": _("Won"), "lost": _("Lost")}


def forecast_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the forecast of a period by owner, with its outlook and how far quotas are reached."""
    asked, wrong = _asked(session, query)
    board = board_of(session, asked["period"], basis=asked["basis"], chosen=asked["chosen"])
    quotas = [each for each in quotas_within(session, board.period) if each.owner_id is None]
    rates = rates_of(session, board.basis)
    whole = board.whole
    found, missing = _outlook(session, board)
    return {
        **asked,
        "wrong": wrong,
        "board": board,
        "whole": whole,
        "names": names_of(session, [each.owner_id for each in board.owners]),
        "categories": CATEGORIES,
        "measures": MEASURES,
        "speed": speed(board.deals, board.today - YEAR, board.today),
        "outlook": found,
        "missing_words": missing,
        "fan": None if found is None else fan(found, whole.quota_minor),
        "standings": standings(session, quotas, board.deals, rates),
        "teams": _team_names(session, [each.team_id for each in quotas]),
        "size": (WIDTH, HEIGHT, LEFT, RIGHT),
        "periods": _periods(session),
        "here": _here(asked),
        "may_adjust": _may(session, "sales.forecast", "adjust"),
        "may_snapshot": _may(session, "sales.forecast", "snapshot"),
        "may_quota": _may(session, "sales.quota", "create"),
    }


def deals_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the deals behind a figure of a forecast."""
    asked, wrong = _asked(session, query)
    board = board_of(session, asked["period"], basis=asked["basis"], chosen=asked["chosen"])
    measure = query.get("measure", "pipeline")
    measure = measure if measure in MEASURES else "pipeline"
    found = [each for each in board.deals if within(each, board.period) and _counts(each, measure)]
    if query.get("owner") == "none":
        found = [each for each in found if each.owner_id is None]
    found.sort(key=lambda each: (-each.counted, each.id))
    return {
        **asked,
        "wrong": wrong,
        "board": board,
        "measure": measure,
        "measures": MEASURES,
        "total": sum(each.weighted if measure == "weighted" and each.is_open else each.counted for each in found),
        **_listed(session, found),
    }


def movement_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what became of a pipeline between two days, and the deals behind one of its lines."""
    asked, wrong = _asked(session, query)
    today = session.today()
    since, until = _day(query.get("since")) or today - timedelta(days=7), _day(query.get("until"))
    until = until if until is not None and until < today else None
    since = min(since, (until or today) - timedelta(days=1))
    measure = "weighted" if query.get("measure") == "weighted" else "amount"
    found = moved(
        session,
        since,
        until,
        period=None if query.get("period") == "all" else asked["period"],
        basis=asked["basis"],
        measure=measure,
        chosen=asked["chosen"],
    )
    line = query.get("line", "")
    parts = found.movement.of(line) if line in LINES else []
    return {
        **asked,
        "wrong": wrong,
        "moved": found,
        "every": found.period is None,
        "measure": measure,
        "lines": LINES,
        "outgoing": OUTGOING,
        "line": line,
        "parts": parts[:SHOWN],
        "titles": titles_of(session, [each.deal_id for each in parts[:SHOWN]]),
        "counts": {name: len(found.movement.of(name)) for name in LINES},
        "waterfall": waterfall(found.movement),
        "size": (WIDTH, HEIGHT, LEFT, RIGHT),
        "periods": _periods(session),
        "here": _here(asked),
    }


def models_page(session: CrmSession) -> Mapping[str, Any]:
    """Return what was learnt about winning, and how good each model was."""
    models = session.scalars(select(WinModel).order_by(WinModel.number.desc()).limit(12)).all()
    return {
        "models": [(each, evaluation_of(each.evaluation) if each.evaluation else None) for each in models],
        "pipelines": session.scalars(select(Pipeline).where(Pipeline.active).order_by(Pipeline.name)).all(),
        "states": MODEL_STATES,
        "methods": METHODS,
        "stages": _stage_titles(session),
        "may_manage": _may(session, "sales.win_model", "manage"),
    }


def probability_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return why an opportunity has its probability."""
    identity = _identity(query.get("id"))
    return {
        "found": None if identity is None else explained(session, identity),
        "features": FEATURES,
        "stages": _stage_titles(session),
    }


# --- what is asked for -----------------------------------------------------------------------------------------------


def _asked(session: CrmSession, query: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Return the period, the rates and whose deals are asked for, and what is wrong with that, in words."""
    wrong = ""
    text = query.get("period", "")
    try:
        period = period_of(session, "" if text == "all" else text)
    except InvalidInput as error:
        period, wrong = period_of(session, ""), error.problems[0].message
    basis: Basis = "deal" if query.get("basis") == "deal" else "budget" if query.get("basis") == "budget" else "close"
    owner, pipeline = _identity(query.get("owner")), _identity(query.get("pipeline"))
    return {
        "period": period,
        "basis": basis,
        "bases": BASES,
        "owner": owner,
        "pipeline": pipeline,
        "pipelines": session.scalars(select(Pipeline).where(Pipeline.active).order_by(Pipeline.name)).all(),
        "chosen": Chosen(owner_id=owner, pipeline_id=pipeline),
        "owner_name": names_of(session, [owner]).get(owner, "") if owner else "",
    }, wrong


def _here(asked: Mapping[str, Any]) -> dict[str, str]:
    """Return what is asked for as the parameters of an address."""
    values = {
        "period": name_of(asked["period"]),
        "basis": asked["basis"],
        "owner": asked["owner"],
        "pipeline": asked["pipeline"],
    }
    return {name: str(value) for name, value in values.items() if value}


def _periods(session: CrmSession) -> list[tuple[str, Period]]:
    today, start = session.today(), session.crm.config.get(session).fiscal_year_start
    month, quarter = month_of(today), quarter_of(today, start)
    return [
        (_("This month"), month),
        (_("Next month"), following(month)),
        (_("Last quarter"), before(quarter)),
        (_("This quarter"), quarter),
        (_("Next quarter"), following(quarter)),
    ]


def _outlook(session: CrmSession, board: Board) -> tuple[Outlook | None, str]:
    """Return what the period may bring, or in words why that cannot be said."""
    if board.currency is None or board.period.last < board.today:
        return None, ""
    try:
        quota = board.whole.quota_minor
        learnt = slips(session)
        return outlook(board.deals, board.period, today=board.today, slips=learnt, quota=quota, runs=RUNS), ""
    except MissingExtra:
        return None, _("The outlook needs crmkit[sales].")
    except CrmkitError as error:
        return None, error.message


def _counts(deal: Deal, measure: str) -> bool:
    if deal.kind == "won":
        return True
    if not deal.is_open or deal.category == "omitted" or measure == "closed":
        return False
    if measure == "commit":
        return deal.category not in ("best_case", "pipeline")
    return measure != "best_case" or deal.category != "pipeline"


def _listed(session: CrmSession, deals: Sequence[Deal]) -> dict[str, Any]:
    shown = deals[:SHOWN]
    return {
        "deals": shown,
        "count": len(deals),
        "titles": titles_of(session, [each.id for each in shown]),
        "names": names_of(session, [each.owner_id for each in shown]),
        "stages": {each.id: each.title for each in session.scalars(select(Stage))},
        "categories": {**CATEGORIES, "omitted": _("Omitted")},
    }


def _stage_titles(session: CrmSession) -> dict[str, str]:
    """Return the titles of stages by their names among all pipelines, as models know them."""
    query = (
        select(Stage.name, Stage.title, Pipeline.name.label("pipeline"), Pipeline.title.label("of"))
        .join(PipelineVersion, PipelineVersion.id == Stage.version_id)
        .join(Pipeline, Pipeline.id == PipelineVersion.pipeline_id)
        .order_by(PipelineVersion.number)
    )
    rows = list(session.execute(query))
    several = len({row.pipeline for row in rows}) > 1
    return {f"{row.pipeline}/{row.name}": f"{row.of}: {row.title}" if several else row.title for row in rows}


def names_of(session: CrmSession, ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """Return the names of users by id."""
    wanted = {each for each in ids if each is not None}
    return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(wanted)))} if wanted else {}


def _team_names(session: CrmSession, ids: Sequence[UUID | None]) -> dict[UUID, str]:
    wanted = {each for each in ids if each is not None}
    return {each.id: each.name for each in session.scalars(select(Team).where(Team.id.in_(wanted)))} if wanted else {}


def _identity(text: str | None) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="sales.forecast",
        title=_("Forecast"),
        path="/forecast",
        template="sales/forecasting/forecast.html",
        context=forecast_page,
        permission="sales.forecast.read",
        icon="trending-up",
        order=34,
    ),
    Page(
        name="sales.forecast_deals",
        title=_("Deals behind a forecast"),
        path="/forecast/deals",
        template="sales/forecasting/deals.html",
        context=deals_page,
        permission="sales.forecast.read",
        menu=False,
    ),
    Page(
        name="sales.movement",
        title=_("Movement of the pipeline"),
        path="/movement",
        template="sales/forecasting/movement.html",
        context=movement_page,
        permission="sales.forecast.read",
        icon="arrows-sort",
        order=35,
    ),
    Page(
        name="sales.win_models",
        title=_("Win probability"),
        path="/win-models",
        template="sales/forecasting/models.html",
        context=models_page,
        permission="sales.forecast.read",
        icon="bulb",
        order=36,
    ),
    Page(
        name="sales.probability",
        title=_("Probability of winning"),
        path="/probability",
        template="sales/forecasting/probability.html",
        context=probability_page,
        permission="sales.opportunity.read",
        menu=False,
    ),
]
