"""Who has left by a definition, and since when; who can leave; and what becomes of them within the horizon.

What had become of somebody is looked up by everything that is known today: outcomes may know what came after, features
may not. Must not know models.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_analytics.api import purchases
from crmkit_value.api import p_alive

from crmkit import CrmSession, InvalidInput, Moment, Problem, catalogue_of, frame, moment_of, texts
from crmkit_churn.defining.features import OWN, Cut, features_of, read
from crmkit_churn.defining.values import Definition

_ = texts("crmkit_churn")

FEWEST_GAPS = 3
"""With fewer gaps of their own, a customer's are judged by those of all."""


@frozen(kw_only=True)
class Gone:
    """That a customer has left, and the day (in the company's zone) from which that holds."""

    since: date


def outcome_facts(session: CrmSession, definition: Definition) -> set[str]:
    """Return the names of the facts that say who has left, with those that they follow from."""
    catalogue, found = catalogue_of(session), set[str]()
    for text in (definition.outcome, definition.cancelled):
        if text.strip():
            expression = catalogue.checked(text, None)
            found.update(ref.name for ref in catalogue.closure(expression.facts))
    return found


def check_definition(session: CrmSession, definition: Definition) -> None:
    """Refuse a definition that cannot be used. Raises ExpressionError, InvalidInput, UnknownFact."""
    catalogue = catalogue_of(session)
    catalogue.checked(definition.among or "true")
    features_of(session, definition.features)
    if definition.cancelled:
        catalogue.checked(definition.cancelled)
    if definition.kind == "expression":
        catalogue.checked(definition.outcome)
    elif definition.kind in ("contractual", "partial"):
        kind = catalogue.checked(definition.outcome, None).type.kind
        wanted = ("date", "instant") if definition.kind == "contractual" else ("integer", "decimal", "number", "money")
        if kind not in wanted:
            message = (
                _("The outcome has to be the day on which a contract ends.")
                if definition.kind == "contractual"
                else _("The outcome has to be a figure that can fall.")
            )
            raise InvalidInput([Problem(InvalidInput.code, message, field="outcome", value=definition.outcome)])
    elif definition.kind == "alive" and "value.p_alive" not in catalogue.names():
        message = _("P(alive) is not known: a model of value has to be adopted first.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="kind")])


def is_timeless(session: CrmSession, definition: Definition) -> bool:
    """Say whether the outcome has no dates: a condition over customers' own fields, or over facts without history."""
    if definition.kind != "expression":
        return False
    catalogue = catalogue_of(session)
    sets = [catalogue.known(name).set for name in outcome_facts(session, definition)]
    return bool(sets) and all(each.name in OWN or not each.temporal for each in sets)


def gone_at(session: CrmSession, definition: Definition, moment: Moment) -> dict[UUID, Gone]:
    """Return who has left as of a moment, and since when. Of "partial" see `outcomes`: it compares two windows."""
    if definition.kind == "gap":
        return _silent(session, definition, moment)
    if definition.kind == "alive":
        found = p_alive(session, present(session, definition, moment), moment.as_of, moment.known_at)
        least = definition.least_alive / 100
        return {who: Gone(since=moment.today) for who, alive in found.items() if alive < least}
    if definition.kind == "contractual":
        return _ended(session, definition, moment)
    if definition.kind == "partial":
        return _fallen(session, definition, moment)
    return {
        row[0]: Gone(since=moment.today) for row in frame(session, [], where=definition.outcome, moment=moment).rows()
    }


@frozen(kw_only=True)
class Outcome:
    """What became of a customer who could leave: whether within the horizon, and after how many days; those who stayed
    were watched for so many."""

    left: bool
    days: float


def outcomes(session: CrmSession, definition: Definition, cut: Moment, horizon: int) -> dict[UUID, Outcome]:
    """Return what became within ``horizon`` days of everybody who was there at the cut-off and had not left."""
    before = gone_at(session, definition, cut)
    later = moment_of(session, cut.as_of + timedelta(days=horizon))
    after = gone_at(session, definition, later)
    staying = present(session, definition, cut)
    found: dict[UUID, Outcome] = {}
    for identity in staying:
        if identity in before:
            continue
        gone = after.get(identity)
        days = horizon if gone is None else max(1, min(horizon, (gone.since - cut.today).days))
        found[identity] = Outcome(left=gone is not None, days=float(days))
    return found


def present(session: CrmSession, definition: Definition, moment: Moment) -> list[UUID]:
    """Return the customers whom the definition is about as of a moment: those who meet its condition, and who have
    bought where it is about purchases."""
    among = definition.among or "true"
    if definition.kind in ("gap", "alive"):
        among = f"({among}) and purchase.count > 0"
    return [row[0] for row in frame(session, [], where=among, moment=moment).rows()]


# --- who has left ----------------------------------------------------------------------------------------------------


def _silent(session: CrmSession, definition: Definition, moment: Moment) -> dict[UUID, Gone]:
    days: dict[UUID, list[date]] = defaultdict(list)
    for each in purchases(session, moment.as_of, moment.known_at):
        if each.purchases:
            days[each.customer_id].append(each.day)
    share = definition.gap_percent / 100
    gaps = {who: sorted((b - a).days for a, b in pairwise(own)) for who, own in days.items()}
    # Each customer counts once: who buys every day would otherwise speak for all.
    usual = quantile(sorted(quantile(own, share) for own in gaps.values() if own), 0.5) if any(gaps.values()) else 0
    found: dict[UUID, Gone] = {}
    for who, own in gaps.items():
        limit = quantile(own, share) if len(own) >= FEWEST_GAPS else usual
        limit = max(limit, definition.least_gap_days)
        since = days[who][-1] + timedelta(days=limit + 1)
        if since <= moment.today:
            found[who] = Gone(since=since)
    return found


def quantile(ordered: Sequence[int], share: float) -> int:
    """Return the smallest of some ascending whole numbers that at least a share of them does not exceed."""
    return ordered[max(math.ceil(share * len(ordered) - 1e-9), 1) - 1] if ordered else 0


def _ended(session: CrmSession, definition: Definition, moment: Moment) -> dict[UUID, Gone]:
    ends = f"days_since({definition.outcome}) > {definition.grace_days}"
    where = f"({definition.cancelled}) or {ends}" if definition.cancelled else ends
    since = _column(session, definition.outcome, where, moment)
    found: dict[UUID, Gone] = {}
    for identity, past in since.items():
        day = moment.today if past is None else moment.today - timedelta(days=max(int(past) - definition.grace_days, 0))
        found[identity] = Gone(since=min(day, moment.today))
    return found


def _fallen(session: CrmSession, definition: Definition, moment: Moment) -> dict[UUID, Gone]:
    """Return those whose figure fell by so much: what was added in the last window against the window before it."""
    window = definition.observation_days
    before = moment_of(session, moment.as_of - timedelta(days=window), moment.known_at)
    now = _column(session, f"{definition.outcome}@{window}d", "true", moment)
    then = _column(session, f"{definition.outcome}@{window}d", "true", before)
    keep = 1 - definition.drop_percent / 100
    return {
        who: Gone(since=moment.today)
        for who, old in then.items()
        if old is not None and old > 0 and (now.get(who) or 0.0) <= keep * old
    }


def _column(session: CrmSession, text: str, where: str, moment: Moment) -> dict[UUID, float | None]:
    (feature,) = features_of(session, [text])
    cut = Cut(moment=moment, timeless=True)
    found: dict[UUID, float | None] = {}
    for batch in read(session, [feature], cut, among=where):
        found.update(zip(batch.ids, (_number(each) for each in batch.columns[feature.text]), strict=True))
    return found


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, float | int) else None
