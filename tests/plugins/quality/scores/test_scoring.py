"""The arithmetic of scores."""

from __future__ import annotations

import pytest
from crmkit_quality.rules.models import ASPECTS
from crmkit_quality.scores.fields import ASPECT_WEIGHTS, Weighing, weighing_of
from crmkit_quality.scores.scoring import Tally, decay, kept_by, mean, score_of
from crmkit_quality.settings import QualitySettings
from hypothesis import HealthCheck, given, settings, strategies as st

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNIT = st.floats(0, 1)
WEIGHT = st.one_of(st.just(0.0), st.floats(0.01, 100))
CELLS = st.dictionaries(
    st.sampled_from(["name", "email", "phone", "city", "custom.x"]),
    st.dictionaries(st.sampled_from(list(ASPECTS)), UNIT, min_size=1),
)
WEIGHINGS = st.builds(
    lambda fields, aspects: Weighing(fields=fields, aspects={**dict.fromkeys(ASPECTS, 0.0), **aspects}, half_lives={}),
    st.dictionaries(st.sampled_from(["name", "email", "phone", "city"]), WEIGHT),
    st.dictionaries(st.sampled_from(list(ASPECTS)), WEIGHT),
)


@QUICK
@given(CELLS, WEIGHINGS)
def test_scores_lie_between_their_parts(cells: dict[str, dict[str, float]], weighing: Weighing) -> None:
    """A score is in the unit interval, and no better than the best and no worse than the worst of what counts."""
    found = score_of(cells, weighing)
    for aspect, value in found.aspects.items():
        parts = [own[aspect] for name, own in cells.items() if aspect in own and weighing.of_field(name) > 0]
        assert (value is None) == (sum(weighing.of_field(n) for n, own in cells.items() if aspect in own) <= 0)
        if value is not None:
            assert 0 <= value <= 1
            assert min(parts) - 1e-9 <= value <= max(parts) + 1e-9
    if found.total is not None:
        assert 0 <= found.total <= 1


@QUICK
@given(st.lists(st.tuples(UNIT, st.floats(0.01, 100)), min_size=1), st.floats(0.01, 100))
def test_only_the_relation_of_weights_counts(values: list[tuple[float, float]], factor: float) -> None:
    """All weights times a number give the same mean."""
    assert mean(values) == pytest.approx(mean([(value, weight * factor) for value, weight in values]))


def test_weights_weigh() -> None:
    """Three parts of one and one part of nothing are three quarters, in fields as in aspects."""
    weighing = Weighing(
        fields={"name": 3.0, "city": 1.0},
        aspects={**dict.fromkeys(ASPECTS, 0.0), "completeness": 1.0, "validity": 3.0},
        half_lives={},
    )
    found = score_of({"name": {"completeness": 1.0}, "city": {"completeness": 0.0, "validity": 1.0}}, weighing)
    assert (found.aspects["completeness"], found.total) == (0.75, pytest.approx((0.75 + 3.0) / 4))


@QUICK
@given(st.floats(0, 10_000), st.floats(0, 10_000), st.floats(1, 5000))
def test_what_is_known_decays(first: float, second: float, half_life: float) -> None:
    """Older is never fresher; a half-life later half is left."""
    low, high = sorted((first, second))
    assert 0 <= decay(high, half_life) <= decay(low, half_life) <= 1
    assert decay(half_life, half_life) == 0.5
    assert decay(first, 0) == 1.0


def test_the_gravest_violation_counts_alone() -> None:
    """Two warnings are no error."""
    assert [kept_by(each) for each in ([], ["info"], ["warning", "warning"], ["info", "error"])] == [1.0, 1.0, 0.5, 0.0]


@QUICK
@given(st.lists(st.tuples(st.booleans(), CELLS), max_size=12))
def test_groups_add_up(customers: list[tuple[bool, dict[str, dict[str, float]]]]) -> None:
    """The mean of all is that of two groups by their sizes."""
    weighing = weighing_of(QualitySettings())
    every, parts = Tally(), {True: Tally(), False: Tally()}
    for which, cells in customers:
        score = score_of(cells, weighing)
        for tally in (every, parts[which]):
            tally.add(score, cells)
    measured = {which: tally.measured("score") for which, tally in parts.items()}
    if every.mean("score") is not None:
        together = sum((tally.mean("score") or 0.0) * measured[which] for which, tally in parts.items())
        assert every.mean("score") == pytest.approx(together / sum(measured.values()))
    assert every.customers == sum(tally.customers for tally in parts.values())


def test_settings_have_the_last_word() -> None:
    """They stand in place of the usual weights and half-lives, one by one."""
    found = weighing_of(QualitySettings(weights={"name": 0}, aspect_weights={"validity": 9}, half_life={"email": 10}))
    assert (found.of_field("name"), found.of_field("email"), found.of_field("custom.x")) == (0, 3, 1.0)
    assert found.aspects == {**ASPECT_WEIGHTS, "validity": 9}
    assert found.half_lives["email"] == 10


@pytest.mark.parametrize("values", [{"name": -1}, {"name": "much"}, {"name": True}])
def test_weights_that_are_none_are_refused(values: dict[str, object]) -> None:
    """A weight is a number from nothing on."""
    with pytest.raises(ValueError, match=r"weights\.name"):
        QualitySettings(weights=values)  # type: ignore[arg-type]
