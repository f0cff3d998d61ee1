"""What offers add where a customer is shown: the next product with its day, and what to offer, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Panel, texts
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.offers.reading import expected_of, offers_of
from crmkit_value.scoring.reading import latest

_ = texts("crmkit_value")

HOME = "/modules/value/offers"


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return what each customer is expected to buy next, and what to offer them."""
    if session.guarding.rights.scope("value.score", "read") == "none":
        return []
    language = session.actor.language or session.business().language
    rows: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    days = next_days(session, customer_ids)
    for customer_id, each in expected_of(session, customer_ids).items():
        on = days.get(customer_id)
        said = each.product.title if on is None else f"{each.product.title} ({_written(on, language)})"
        rows[customer_id].append((_("Expected next"), said))
    for offer in offers_of(session, customer_ids):
        rows[offer.customer_id].append((offer.product.title, offer.why(language)))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Next best offers"),
            rows=own,
            path=f"{HOME}?customer={customer_id}",
            link=_("Why"),
        )
        for customer_id, own in rows.items()
    ]


def next_days(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Return the day by which each customer's next purchase is as likely as not; of who has probably left none."""
    scoring = latest(session, "lifetime")
    if scoring is None:
        return {}
    query = select(LifetimeScore.customer_id, LifetimeScore.next_on).where(
        LifetimeScore.scoring_id == scoring.id, LifetimeScore.customer_id.in_(customer_ids)
    )
    return {row[0]: row[1] for row in session.execute(query) if row[1] is not None}


def _written(day: date, language: str) -> str:
    from babel.dates import format_date

    return format_date(day, "medium", locale=language)
