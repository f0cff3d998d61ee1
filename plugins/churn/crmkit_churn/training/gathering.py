"""Examples out of the database: customers as they stood at cut-offs, with what became of them, split in time.

The newest cut-off whose outcome is known judges; older ones, whose outcomes were known by then, teach. Where nothing
has dates, customers are split by a hash of what they are called elsewhere, always the same. Must not know models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from attrs import field, frozen
from crmkit_value.api import p_alive
from sqlalchemy import select

from crmkit import CrmSession, CustomerIdentifier, Moment, frame, moment_of, texts
from crmkit_churn.defining.features import (
    ALIVE,
    Batch,
    Cut,
    Feature,
    features_of,
    guard,
    own_fields,
    read,
    usual_features,
)
from crmkit_churn.defining.outcomes import is_timeless, outcome_facts, outcomes, present
from crmkit_churn.defining.values import Definition
from crmkit_churn.defining.words import RECENCY
from crmkit_churn.errors import CannotLearn
from crmkit_churn.learning.encoding import Kind, Value
from crmkit_churn.learning.fitting import Examples

_ = texts("crmkit_churn")

TEST_PERCENT = 20
MOST_ROWS = 200_000
"""Of more customers so many are taken, by a hash of their ids."""
Tell = Callable[[float, str], None]


@frozen(kw_only=True)
class Split:
    """How examples were parted: "time" with the days of the cut-offs, or "hash" with how that was done in words."""

    way: str
    train_rows: int
    train_left: int
    test_rows: int
    test_left: int
    train_cuts: tuple[str, ...] = field(default=(), converter=tuple)
    test_cut: str = ""
    horizon_days: int = 0
    how: str = ""


@frozen(kw_only=True, eq=False)
class Gathered:
    """What is learnt from and judged by, the features' kinds, and the one that says how recently somebody was there."""

    train: Examples
    test: Examples
    kinds: dict[str, Kind]
    recency: str | None
    split: Split


def gather(
    session: CrmSession, definition: Definition, as_of: datetime, *, cuts: int = 3, split_by: str = "", tell: Tell
) -> Gathered:
    """Return examples of a definition by what had become of customers until an instant (UTC).

    Raises LeakingFeature for features that know what is to be predicted, CannotLearn where nothing is left to learn
    from, and what expressions raise.
    """
    if is_timeless(session, definition):
        return _by_hash(session, definition, split_by, tell)
    return _by_time(session, definition, as_of, cuts, tell)


def wanted_features(session: CrmSession, definition: Definition, *, timeless: bool) -> list[Feature]:
    """Return the features of a definition; where it names none, the usual ones, and where nothing has dates the
    customers' own fields besides. Those that read the outcome are left out of these. Raises ExpressionError."""
    told = outcome_facts(session, definition)
    texts_ = list(definition.features)
    if definition.kind == "alive" and not texts_:
        texts_ = usual_features(session)
    if not texts_:
        usual = own_fields(session, told) if timeless else usual_features(session)
        return [each for each in features_of(session, usual) if not (timeless and told & set(each.facts))]
    return features_of(session, texts_)


def _by_time(session: CrmSession, definition: Definition, as_of: datetime, cuts: int, tell: Tell) -> Gathered:
    horizon = timedelta(days=definition.horizon_days)
    features = wanted_features(session, definition, timeless=False)
    if not features:
        raise CannotLearn(_("There are no features."), fix=_("Name some: --features purchase.count …"))
    test_at = as_of - horizon
    # The one that teaches last had ended when the one that judges began.
    moments = [moment_of(session, test_at - horizon * place, test_at - horizon * place) for place in range(cuts + 1)]
    told = outcome_facts(session, definition)
    parts: list[Examples] = []
    for place, moment in enumerate(moments):
        tell(0.05 + 0.4 * place / len(moments), _("Reading customers as they stood"))
        cut = Cut(moment=moment, delays=definition.delays)
        if place == 0:
            guard(session, features, cut, outcome=told, undated=definition.undated)
        known = outcomes(session, definition, _for_outcomes(session, moment), definition.horizon_days)
        parts.append(_examples(session, definition, features, cut, known) if known else _nobody(features))
    test, *older = parts
    train = _together(older, features)
    kept = [moment.today.isoformat() for moment, part in zip(moments[1:], older, strict=True) if len(part)]
    split = Split(
        way="time",
        train_rows=len(train),
        train_left=sum(train.outcomes),
        test_rows=len(test),
        test_left=sum(test.outcomes),
        train_cuts=kept,
        test_cut=moments[0].today.isoformat(),
        horizon_days=definition.horizon_days,
    )
    names = [each.text for each in features]
    recency = next((text for text in RECENCY if text in names), None)
    return Gathered(train=train, test=test, kinds={e.text: e.kind for e in features}, recency=recency, split=split)


def _for_outcomes(session: CrmSession, moment: Moment) -> Moment:
    """Return the same instant by everything that is known now: who could leave is no secret of the future."""
    return moment_of(session, moment.as_of)


def _by_hash(session: CrmSession, definition: Definition, split_by: str, tell: Tell) -> Gathered:
    features = wanted_features(session, definition, timeless=True)
    moment = moment_of(session)
    cut = Cut(moment=moment, timeless=True)
    guard(session, features, cut, outcome=outcome_facts(session, definition), undated=True)
    tell(0.1, _("Reading customers as they stand"))
    known = set(present(session, definition, moment))
    left = {row[0] for row in frame(session, [], where=definition.outcome, moment=moment).rows()}
    keys = _keys(session, split_by, moment)
    columns: dict[str, list[Value]] = {each.text: [] for each in features}
    truth: list[bool] = []
    judging: list[bool] = []
    for batch in read(session, features, cut, among=definition.among or "true"):
        for name, values in batch.columns.items():
            columns[name].extend(values)
        truth.extend(identity in left for identity in batch.ids)
        judging.extend(is_judging(keys.get(identity) or str(identity)) for identity in batch.ids)
    whole = Examples(columns=columns, outcomes=truth)
    if not known or not features:
        raise CannotLearn(_("There is nobody, or no feature, to learn from."))
    train = whole.take([row for row, held in enumerate(judging) if not held])
    test = whole.take([row for row, held in enumerate(judging) if held])
    split = Split(
        way="hash",
        train_rows=len(train),
        train_left=sum(train.outcomes),
        test_rows=len(test),
        test_left=sum(test.outcomes),
        how=f"sha256({split_by or 'external id, else name, else id'})[:8] % 100 < {TEST_PERCENT}",
    )
    return Gathered(train=train, test=test, kinds={e.text: e.kind for e in features}, recency=None, split=split)


def is_judging(key: str) -> bool:
    """Say whether a customer is among those who judge: the first 8 hexadecimal digits of SHA-256 of the key, modulo
    100, are below 20. It depends on the key alone, so a customer is always on the same side."""
    return int(sha256(key.encode()).hexdigest()[:8], 16) % 100 < TEST_PERCENT


def _keys(session: CrmSession, split_by: str, moment: Moment) -> dict[UUID, str]:
    """Return by what each customer is told apart: a fact, or the id of another system, else the name."""
    if split_by:
        return {row[0]: str(row[1]) for row in frame(session, [split_by], moment=moment).rows() if row[1] is not None}
    found: dict[UUID, str] = {
        row[0]: row[1] for row in frame(session, ["customer.name"], moment=moment).rows() if row[1]
    }
    query = select(CustomerIdentifier.customer_id, CustomerIdentifier.external_id)
    ordered = query.order_by(CustomerIdentifier.source.desc(), CustomerIdentifier.external_id.desc())
    found.update({row[0]: row[1] for row in session.execute(ordered)})
    return found


def _examples(
    session: CrmSession, definition: Definition, features: Sequence[Feature], cut: Cut, known: dict[UUID, Any]
) -> Examples:
    columns: dict[str, list[Value]] = {each.text: [] for each in features}
    truth: list[bool] = []
    days: list[float] = []
    share = min(1.0, MOST_ROWS / len(known))
    for batch in read(session, features, cut):
        if ALIVE in columns:
            # What is kept of it begins when a model was adopted: it is told anew, by a model of that time.
            at = cut.moment
            alive = p_alive(session, batch.ids, at.as_of, at.known_at, fitted_before=True)
            if not alive:
                raise CannotLearn(
                    _("No model of buying had been fitted by {day}, so P(alive) was not known then."),
                    fix=_("Fit one on data until that day, and adopt it: crmkit value fit bg-nbd --until {day}."),
                    day=at.today.isoformat(),
                )
            batch = Batch(ids=batch.ids, columns={**batch.columns, ALIVE: [alive.get(each) for each in batch.ids]})
        for row, identity in enumerate(batch.ids):
            outcome = known.get(identity)
            if outcome is None or (share < 1 and (identity.int >> 16) % 10_000 >= share * 10_000):
                continue
            truth.append(outcome.left)
            days.append(outcome.days)
            for name, values in batch.columns.items():
                columns[name].append(values[row])
    return Examples(columns=columns, outcomes=truth, days=days)


def _nobody(features: Sequence[Feature]) -> Examples:
    return Examples(columns={each.text: [] for each in features}, outcomes=[], days=[])


def _together(parts: Sequence[Examples], features: Sequence[Feature]) -> Examples:
    return Examples(
        columns={each.text: [value for part in parts for value in part.columns[each.text]] for each in features},
        outcomes=[value for part in parts for value in part.outcomes],
        days=[value for part in parts for value in part.days],
    )
