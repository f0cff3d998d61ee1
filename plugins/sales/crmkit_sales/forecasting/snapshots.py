"""Keeping what was forecast: snapshots of every week and on demand, and what managers say instead of a figure.

A snapshot is taken by a job in system scope, so that it holds everything whoever asked for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from attrs import asdict
from crmkit_work.api import main_team

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_sales.forecasting.board import Board, board_of, whole_team, with_adjusted
from crmkit_sales.forecasting.inputs import BasisName, MeasureName, OwnerId, PeriodText, base_currency, period_of
from crmkit_sales.forecasting.models import ForecastAdjustment, ForecastFigure, ForecastSnapshot
from crmkit_sales.forecasting.periods import following, month_of, name_of, quarter_of
from crmkit_sales.forecasting.reading import ALL, Chosen

_ = texts("crmkit_sales")

TAKE = "sales.take_snapshot"


@operation("sales.forecast.snapshot", title=_("Keep the forecast as it stands"), permission="sales.forecast.snapshot")
def ask_for_snapshot(session: CrmSession, *, period: PeriodText = "quarter", basis: BasisName = "close") -> None:
    """Have the forecast of a period kept as it stands, of all deals; a job does so within moments.

    Raises InvalidInput for no period, NoBaseCurrency where there is no currency to keep it in.
    """
    base_currency(session)
    session.defer(TAKE, period=name_of(period_of(session, period)), basis=basis)


def take_snapshot(session: CrmSession, period: str, basis: str) -> None:
    """Keep the forecast of one period; the job behind the operation."""
    session.run("sales.forecast.keep", {"period": period, "basis": basis})


def take_weekly(session: CrmSession, tick: datetime) -> None:
    """Keep the forecasts of this month and quarter and of the next ones. Without a base currency there is nothing."""
    config = session.crm.config.get(session)
    if config.base_currency is None:
        return
    month, quarter = month_of(session.today()), quarter_of(session.today(), config.fiscal_year_start)
    for period in (month, following(month), quarter, following(quarter)):
        session.run("sales.forecast.keep", {"period": name_of(period)})


@operation(
    "sales.forecast.keep",
    title=_("Keep a forecast"),
    permission="sales.forecast.snapshot",
    effect="create",
    hidden=True,
)
def keep(session: CrmSession, *, period: PeriodText, basis: BasisName = "close") -> ForecastSnapshot:
    """Keep the forecast of a period as the session sees it, with the figures of each owner."""
    wanted = period_of(session, period)
    found = board_of(session, wanted, basis=basis)
    snapshot = ForecastSnapshot(
        taken_at=session.gate.clock.business_now(),
        first=wanted.first,
        last=wanted.last,
        basis=basis,
        currency=found.currency,
        unconverted=[asdict(each) for each in found.unconverted],
    )
    session.add(snapshot)
    session.flush()
    session.add_all(_figures(snapshot, found))
    return snapshot


def _figures(snapshot: ForecastSnapshot, found: Board) -> list[ForecastFigure]:
    names = ("closed", "commit", "best_case", "pipeline", "weighted", "open_count", "won_count")
    return [
        ForecastFigure(
            snapshot_id=snapshot.id,
            owner_id=each.owner_id,
            team_id=each.team_id,
            adjusted=with_adjusted(each),
            **{name: getattr(each.figures, name) for name in names},
        )
        for each in found.owners
    ]


@operation("sales.forecast.adjust", title=_("Adjust a forecast"), permission="sales.forecast.adjust")
def adjust(
    session: CrmSession,
    *,
    measure: MeasureName,
    amount_minor: Annotated[
        int | None,
        Input(title=_("Amount in minor units"), minimum=0, classified="internal", help=_("Empty: take back.")),
    ] = None,
    currency: Annotated[str | None, Input(title=_("Currency"), max_length=3, classified="internal")] = None,
    reason: Annotated[str, Input(title=_("Reason"), max_length=500, multiline=True, classified="internal")],
    owner_id: OwnerId | None = None,
    period: PeriodText = "quarter",
    basis: BasisName = "close",
) -> ForecastAdjustment:
    """Say what a figure of somebody's forecast really is, or without an owner that of all; what the deals come to is
    kept beside it. Without an amount the last adjustment is taken back.

    Raises InvalidInput for no period, no reason or another currency than the base one.
    """
    base = base_currency(session)
    if currency not in (None, base):
        message = _("A forecast is adjusted in the base currency.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="currency", value=currency)])
    if not reason.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say why."), field="reason")])
    wanted = period_of(session, period)
    found = board_of(session, wanted, basis=basis, chosen=ALL if owner_id is None else Chosen(owner_id=owner_id))
    whose = found.whole if owner_id is None else next(iter(found.owners), found.whole)
    author = session.actor
    adjustment = ForecastAdjustment(
        made_at=session.gate.clock.now(),
        author_id=session.guarding.rights.user_id,
        author=author.name,
        first=wanted.first,
        last=wanted.last,
        basis=basis,
        owner_id=owner_id,
        team_id=whole_team(session) if owner_id is None else whose.team_id or main_team(session, owner_id),
        measure=measure,
        original_minor=whose.figures.figure(measure),
        amount_minor=amount_minor,
        currency=base,
        reason=reason.strip(),
    )
    session.add(adjustment)
    return adjustment


OPERATIONS = [ask_for_snapshot, keep, adjust]
