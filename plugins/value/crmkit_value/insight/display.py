"""What value adds where a customer is shown: grade, segment, P(alive) and lifetime value, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Money, Panel, format_money, texts
from crmkit.i18n import translate
from crmkit_value.grades.models import Grade
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.rfm.models import RfmScore
from crmkit_value.scoring.reading import latest

_ = texts("crmkit_value")


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return what is said of each customer's value; of whom nothing is said there is no panel."""
    if session.guarding.rights.scope("value.score", "read") == "none":
        return []
    language = session.actor.language or session.business().language
    rows: dict[UUID, list[tuple[str, str]]] = {}
    grade, rfm, lifetime = (latest(session, kind) for kind in ("grade", "rfm", "lifetime"))
    if grade is not None:
        query = select(Grade).where(Grade.scoring_id == grade.id, Grade.customer_id.in_(customer_ids))
        for one in session.scalars(query):
            rows.setdefault(one.customer_id, []).append((_("Grade"), one.grade))
    if rfm is not None:
        titles = {each["name"]: each["title"] for each in rfm.rules["segments"]}
        scores = select(RfmScore).where(RfmScore.scoring_id == rfm.id, RfmScore.customer_id.in_(customer_ids))
        for each in session.scalars(scores):
            title = translate(titles.get(each.segment, each.segment), language)
            said = f"{title} ({each.recency}-{each.frequency_score}-{each.monetary})"
            rows.setdefault(each.customer_id, []).append((_("RFM segment"), said))
    if lifetime is not None:
        wanted = select(LifetimeScore).where(
            LifetimeScore.scoring_id == lifetime.id, LifetimeScore.customer_id.in_(customer_ids)
        )
        for score in session.scalars(wanted):
            own = rows.setdefault(score.customer_id, [])
            own.append((_("P(alive)"), _with_bounds(score.p_alive, score.p_alive_low, score.p_alive_high)))
            own.append((_("Lifetime value"), _money(score, lifetime.currency, language)))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Customer value"),
            rows=own,
            path=f"/modules/value/customer?id={customer_id}",
            link=_("Why"),
        )
        for customer_id, own in rows.items()
    ]


def _with_bounds(value: float, low: float | None, high: float | None) -> str:
    said = f"{value * 100:.0f} %"
    return said if low is None or high is None else f"{said} ({low * 100:.0f} – {high * 100:.0f} %)"


def _money(score: LifetimeScore, currency: str | None, language: str) -> str:
    if currency is None:
        return "–"
    said = format_money(Money(score.clv_minor, currency), language)
    if score.clv_low is None or score.clv_high is None:
        return said
    low, high = (format_money(Money(each, currency), language) for each in (score.clv_low, score.clv_high))
    return f"{said} ({low} – {high})"
