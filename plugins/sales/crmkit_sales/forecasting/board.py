"""The forecast of a period as it stands: by owner and altogether, what managers say, how far quotas are reached.

Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from attrs import field, frozen
from crmkit_work.api import main_team
from sqlalchemy import select

from crmkit import CrmSession, Period
from crmkit_sales.forecasting.attaining import combined, quotas_within
from crmkit_sales.forecasting.deals import Deal, Unconverted, unconverted, within
from crmkit_sales.forecasting.measures import MEASURES, Forecast, attainment, coverage, forecast
from crmkit_sales.forecasting.models import ForecastAdjustment, Quota
from crmkit_sales.forecasting.rates import Basis, Rates
from crmkit_sales.forecasting.reading import ALL, Chosen, deals_at, rates_of, sees_all


@frozen(kw_only=True)
class OwnerForecast:
    """What one person's deals will bring (None: those that belong to nobody, or all together), and what is said of it.

    ``adjusted`` has, by measure, what a manager says instead, in minor units of the base currency; ``shifted`` by how
    much what is said of its people changes the whole. ``quota_minor`` is None without a quota, or a rate for it.
    """

    owner_id: UUID | None
    team_id: UUID | None = None
    figures: Forecast
    quota_minor: int | None = None
    adjusted: Mapping[str, ForecastAdjustment] = field(factory=dict[str, ForecastAdjustment])
    shifted: Mapping[str, int] = field(factory=dict[str, int])

    def said(self, measure: str) -> int:
        """Return a figure, as adjusted where somebody did that, itself or of its people."""
        found = self.adjusted.get(measure)
        if found is not None and found.amount_minor is not None:
            return found.amount_minor
        return self.figures.figure(measure) + self.shifted.get(measure, 0)

    @property
    def attainment(self) -> float | None:
        """Return which part of the quota is closed."""
        return None if self.quota_minor is None else attainment(self.figures.closed, self.quota_minor)

    @property
    def coverage(self) -> float | None:
        """Return how many times what is open covers what is missing of the quota."""
        if self.quota_minor is None:
            return None
        return coverage(self.figures.open_minor, self.quota_minor, self.figures.closed)


@frozen(kw_only=True)
class Board:
    """The forecast of a period. ``currency`` is the base currency, None where none is set; ``deals`` are those that the
    figures are made of and all others that were read, ``undated`` the open ones that say no day."""

    period: Period
    basis: Basis
    currency: str | None
    today: date
    whole: OwnerForecast
    owners: tuple[OwnerForecast, ...] = field(converter=tuple)
    unconverted: tuple[Unconverted, ...] = field(converter=tuple)
    deals: tuple[Deal, ...] = field(converter=tuple, repr=False)

    @property
    def undated(self) -> int:
        """Return how many open deals say no day on which they should close."""
        return sum(1 for each in self.deals if each.is_open and each.category != "omitted" and each.close_on is None)


def board_of(
    session: CrmSession,
    period: Period,
    *,
    basis: Basis = "close",
    chosen: Chosen = ALL,
    as_of: date | datetime | None = None,
) -> Board:
    """Return the forecast of a period by the deals that the actor may see, as of an instant or the end of a day."""
    rates = rates_of(session, basis, as_of)
    deals = deals_at(session, basis=basis, as_of=as_of, chosen=chosen, rates=rates)
    by_owner: dict[UUID | None, list[Deal]] = defaultdict(list)
    for each in deals:
        if within(each, period) and each.kind in ("open", "won"):
            by_owner[each.owner_id].append(each)
    quotas = quotas_within(session, period)
    known = adjustments(session, period, basis) if chosen == ALL or chosen.owner_id else {}
    people = {each.owner_id for each in quotas if each.owner_id is not None} | set(by_owner)
    if chosen.owner_id is not None:
        people &= {chosen.owner_id}
    owners = [
        OwnerForecast(
            owner_id=owner,
            team_id=next((each.team_id for each in by_owner[owner] if each.team_id), None),
            figures=forecast(by_owner[owner], period),
            quota_minor=None if owner is None else combined((q for q in quotas if q.owner_id == owner), rates),
            adjusted={} if owner is None else known.get((owner, None), {}),
        )
        for owner in people
    ]
    return Board(
        period=period,
        basis=basis,
        currency=rates.base,
        today=rates.today,
        whole=_whole(
            forecast(deals, period),
            owners,
            known.get((None, whole_team(session)), {}),
            chosen,
            quotas=_company(quotas, rates),
        ),
        owners=sorted(owners, key=lambda each: (-each.figures.pipeline, str(each.owner_id))),
        unconverted=unconverted(each for each in deals if within(each, period) and each.kind in ("open", "won")),
        deals=deals,
    )


def adjustments(
    session: CrmSession, period: Period, basis: str, until: datetime | None = None
) -> dict[tuple[UUID | None, UUID | None], dict[str, ForecastAdjustment]]:
    """Return what was said last of each figure of a period, by whose it is and measure; what was taken back is not
    there. Of somebody's the team does not matter; what is of nobody is of a whole team, or of the company."""
    query = select(ForecastAdjustment).where(
        ForecastAdjustment.first == period.first,
        ForecastAdjustment.last == period.last,
        ForecastAdjustment.basis == basis,
    )
    if until is not None:
        query = query.where(ForecastAdjustment.made_at <= until)
    found: dict[tuple[UUID | None, UUID | None], dict[str, ForecastAdjustment]] = defaultdict(dict)
    for each in session.scalars(query.order_by(ForecastAdjustment.made_at, ForecastAdjustment.id)):
        whose = (each.owner_id, None if each.owner_id is not None else each.team_id)
        if each.amount_minor is None:
            found[whose].pop(each.measure, None)
        else:
            found[whose][each.measure] = each
    return dict(found)


def whole_team(session: CrmSession) -> UUID | None:
    """Return the team for whom the actor's whole forecast is, None where it is the company's."""
    user = session.guarding.rights.user_id
    return None if user is None or sees_all(session) else main_team(session, user)


def _company(quotas: Sequence[Quota], rates: Rates) -> int | None:
    return combined((q for q in quotas if not (q.owner_id or q.team_id or q.territory or q.category)), rates)


def _whole(
    figures: Forecast,
    owners: Sequence[OwnerForecast],
    adjusted: Mapping[str, ForecastAdjustment],
    chosen: Chosen,
    quotas: int | None,
) -> OwnerForecast:
    """Return what all bring together: the company's quota, else the sum of those of its people."""
    sums = [each.quota_minor for each in owners if each.quota_minor is not None]
    quota = quotas if quotas is not None and chosen == ALL else sum(sums) if sums else None
    return OwnerForecast(
        owner_id=None,
        figures=figures,
        quota_minor=quota,
        adjusted=adjusted if chosen == ALL else {},
        shifted={name: sum(each.said(name) - each.figures.figure(name) for each in owners) for name in MEASURES},
    )


def with_adjusted(found: OwnerForecast) -> dict[str, int]:
    """Return the adjusted figures of somebody by measure."""
    return {name: found.said(name) for name in MEASURES if name in found.adjusted}
