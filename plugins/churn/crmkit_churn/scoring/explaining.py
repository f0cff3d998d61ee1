"""Why a customer may leave, in the reader's language: features by what they say, values as people read them.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Customer, Panel, catalogue_of, texts
from crmkit_churn.defining.features import Feature, features_of
from crmkit_churn.scoring.models import ChurnScore

_ = texts("crmkit_churn")


@frozen(kw_only=True, eq=False)
class Told:
    """A reason as people read it: ``feature`` says in any language what is looked at (None where the fact is gone),
    ``title`` is its short name, ``window`` the days of what was added; ``log_odds`` above 0 speaks for leaving."""

    name: str
    feature: Feature | None
    title: str
    window: int
    value: Any
    log_odds: float

    def words(self, language: str) -> str:
        """Return what is looked at, in a language."""
        return self.name if self.feature is None else self.feature.expression.words(language)

    @property
    def shown(self) -> str:
        """Return the value, rounded for people; a dash for what is not known."""
        if self.value is None:
            return "–"
        if isinstance(self.value, str):
            return self.value
        return f"{self.value:,.0f}" if abs(self.value) >= 100 or self.value == int(self.value) else f"{self.value:,.2f}"


def told(session: CrmSession, reasons: Any) -> list[Told]:
    """Return reasons as people read them; a fact that the reader may not see in full is left out."""
    found: list[Told] = []
    if not isinstance(reasons, list):
        # They hold what is known of the customer, and are masked for this reader.
        return found
    for each in reasons:
        feature = _feature(session, each["feature"])
        if feature is not None and not _may_read(session, feature):
            continue
        title = each["feature"]
        if feature is not None:
            symbols = list(feature.expression.symbols.values())
            title = symbols[0].title or title if symbols else title
        found.append(
            Told(
                name=each["feature"],
                feature=feature,
                title=title,
                window=0 if feature is None else feature.window,
                value=each["value"],
                log_odds=each["log_odds"],
            )
        )
    return found


def latest_of(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, ChurnScore]:
    """Return what was said last of each customer whom the session's actor may see."""
    newest = (
        select(ChurnScore.customer_id, func.max(ChurnScore.as_of).label("at"))
        .where(ChurnScore.customer_id.in_(customer_ids))
        .group_by(ChurnScore.customer_id)
        .subquery()
    )
    query = select(ChurnScore).join(
        newest, (newest.c.customer_id == ChurnScore.customer_id) & (newest.c.at == ChurnScore.as_of)
    )
    return {each.customer_id: each for each in session.scalars(query.order_by(ChurnScore.recorded_at))}


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the risk of each customer of whom something was said, with the three greatest reasons."""
    found: list[Panel] = []
    for customer_id, score in latest_of(session, customer_ids).items():
        rows: list[tuple[str, str]] = [(_("Probability of leaving"), f"{score.probability:.0%}")]
        rows += [
            (each.title, f"{each.shown} {'▲' if each.log_odds > 0 else '▼'}")
            for each in told(session, score.reasons)[:3]
        ]
        path = f"/modules/churn/customer?id={customer_id}"
        found.append(Panel(customer_id=customer_id, title=_("Churn"), rows=rows, path=path, link=_("Why")))
    return found


def _feature(session: CrmSession, text: str) -> Feature | None:
    try:
        return features_of(session, [text])[0]
    except CrmkitError:
        return None


def _may_read(session: CrmSession, feature: Feature) -> bool:
    catalogue = catalogue_of(session)
    classes = {catalogue.known(name).fact.classified for name in feature.facts}
    return all(each in ("public", "internal") or session.level(Customer, each) == "full" for each in classes)
