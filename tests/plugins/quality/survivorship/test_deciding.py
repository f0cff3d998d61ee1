"""Deciding by rules: pure, for any two values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_quality.survivorship.deciding import Candidate, Standing, decide, first_survives
from crmkit_quality.survivorship.trust import Rule, TrustBook
from crmkit_quality.survivorship.words import FIELD_STRATEGIES, RECORD_STRATEGIES
from hypothesis import given, strategies as st

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = TrustBook(trusts={"erp": 90, "vendor": 30, "shop": 90}, titles={"erp": "ERP", "vendor": "Vendor"})

candidates = st.builds(
    Candidate,
    size=st.integers(1, 5),
    since=st.integers(0, 5).map(lambda days: EARLY + timedelta(days=days)),
    source=st.sampled_from([None, "erp", "vendor", "shop", "fair"]),
    filled=st.integers(1, 4),
)
rules = st.builds(
    Rule,
    strategy=st.sampled_from(sorted(FIELD_STRATEGIES)),
    sources=st.sampled_from([(), ("vendor",), ("vendor", "erp")]),
)


def candidate(source: str | None = None, *, size: int = 3, day: int = 0, filled: int = 1) -> Candidate:
    """Return a value that has stood since a day."""
    return Candidate(size=size, since=EARLY + timedelta(days=day), source=source, filled=filled)


@given(rule=rules, one=candidates, other=candidates)
def test_the_same_value_wins_from_either_side(rule: Rule, one: Candidate, other: Candidate) -> None:
    """Which of the two records survives changes nothing, unless the rule is about that, or nothing tells them apart."""
    here, there = decide(rule, one, other, BOOK), decide(rule, other, one, BOOK)
    if rule.strategy == "manual":
        assert (here.take, there.take) == (None, None)
    elif rule.strategy == "survivor":
        assert (here.take, there.take) == ("survivor", "survivor")
    else:
        assert (here.take, there.take) in (
            ("survivor", "absorbed"),
            ("absorbed", "survivor"),
            *([("survivor", "survivor")] if one.since == other.since else []),
        )


@given(rule=rules, one=candidates, other=candidates)
def test_every_decision_says_why(rule: Rule, one: Candidate, other: Candidate) -> None:
    """The reason is a whole sentence, with all of its fields filled."""
    decision = decide(rule, one, other, BOOK)
    assert rule.strategy == decision.strategy
    assert str(decision.because).endswith(".")
    assert "{" not in str(decision.because)


@pytest.mark.parametrize(
    ("rule", "survivor", "absorbed", "taken"),
    [
        (Rule(strategy="trusted_source"), candidate("vendor", day=9), candidate("erp"), "absorbed"),
        (Rule(strategy="trusted_source"), candidate(None), candidate("fair", day=9), "survivor"),
        (Rule(strategy="trusted_source", sources=("vendor",)), candidate("erp"), candidate("vendor"), "absorbed"),
        (Rule(strategy="trusted_source"), candidate("erp"), candidate("shop", day=1), "absorbed"),
        (Rule(strategy="most_recent"), candidate("erp"), candidate("vendor", day=1), "absorbed"),
        (Rule(strategy="most_complete"), candidate(filled=5), candidate(filled=9), "absorbed"),
        (Rule(strategy="longest"), candidate(size=5), candidate(size=4, day=3), "survivor"),
        (Rule(strategy="longest"), candidate(size=4), candidate(size=4), "survivor"),
    ],
)
def test_rules_decide(rule: Rule, survivor: Candidate, absorbed: Candidate, taken: str) -> None:
    """Trust, order, time, completeness and length each decide; what they leave open the more recent value wins."""
    assert taken == decide(rule, survivor, absorbed, BOOK).take


@given(
    strategy=st.sampled_from(sorted(RECORD_STRATEGIES)),
    first=st.builds(
        Standing,
        history=st.integers(0, 3),
        created_at=st.integers(0, 3).map(lambda days: EARLY + timedelta(days=days)),
        filled=st.integers(0, 3),
        trust=st.floats(0, 100),
    ),
    second=st.builds(
        Standing,
        history=st.integers(0, 3),
        created_at=st.integers(0, 3).map(lambda days: EARLY + timedelta(days=days)),
        filled=st.integers(0, 3),
        trust=st.floats(0, 100),
    ),
)
def test_the_same_record_survives_from_either_side(strategy: str, first: Standing, second: Standing) -> None:
    """In which order two records are named decides only where nothing speaks for either."""
    here, because = first_survives(strategy, first, second)
    there, _why = first_survives(strategy, second, first)
    assert str(because).endswith(".")
    assert here != there or (first.history, first.created_at) == (second.history, second.created_at)
