"""What a review comes to, by hand and by property; what is drawn; what a machine can tell."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from crmkit_experience.reviews.checking import Line, check, merged
from crmkit_experience.reviews.sampling import Candidate, allocate, assign, by_chance, by_risk, stratified
from crmkit_experience.reviews.scoring import Category, faults, iqs, result_of
from hypothesis import given, strategies as st

TONE = Category(key="tone", title="Tone", weight=25, low=0, high=4)
ANSWER = Category(key="answer", title="Answer", weight=75, low=1, high=5)
CRITICAL = Category(key="privacy", title="Privacy", weight=10, low=0, high=4, critical=True)


def test_the_score_is_the_weighted_mean_of_what_applies() -> None:
    # 25 * 3/4 + 75 * (4-1)/4 = 75
    assert result_of([TONE, ANSWER], {"tone": 3, "answer": 4}).score == pytest.approx(75)
    assert result_of([TONE, ANSWER], {"tone": 1, "answer": 5}).score == pytest.approx(81.25)
    assert result_of([TONE, ANSWER], {"tone": 1, "answer": None}).score == pytest.approx(25)
    assert result_of([TONE, ANSWER], {}).score is None


def test_below_half_of_something_critical_the_review_is_nothing() -> None:
    failed = result_of([TONE, CRITICAL], {"tone": 4, "privacy": 1})
    assert (failed.score, failed.failed) == (0.0, ("privacy",))
    assert result_of([TONE, CRITICAL], {"tone": 4, "privacy": 2}).score == pytest.approx((25 + 5) / 35 * 100)
    assert result_of([TONE, CRITICAL], {"tone": 4, "privacy": None}).score == 100


def test_the_quality_is_the_mean_of_reviews() -> None:
    assert iqs([100, 50, 0]) == 50
    assert iqs([]) is None


def test_what_is_not_on_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="tone"):
        result_of([TONE], {"tone": 5})


def test_scorecards_say_what_is_wrong_with_them() -> None:
    wrong = Category(key="A", title=" ", weight=101, low=3, high=3)
    assert [word for _field, word in faults([wrong])] == ["key", "title", "weight", "scale"]
    assert faults([TONE, TONE]) == [("categories.1.key", "twice")]
    assert faults([]) == [("categories", "none")]
    assert faults([TONE, ANSWER]) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 100)), min_size=1, max_size=8), st.data())
def test_a_better_category_never_lowers_the_score(given_: list[tuple[int, int]], data: st.DataObject) -> None:
    categories = [Category(key=f"k{n}", title="x", weight=weight) for n, (_score, weight) in enumerate(given_)]
    scores: dict[str, int | None] = {f"k{n}": score for n, (score, _weight) in enumerate(given_)}
    before = result_of(categories, scores).score
    assert before is not None
    assert 0 <= before <= 100 + 1e-9
    which = data.draw(st.integers(0, len(given_) - 1))
    better = scores | {f"k{which}": min(4, given_[which][0] + 1)}
    after = result_of(categories, better).score
    assert after is not None
    assert after >= before - 1e-9


def conversation(number: int, channel: str = "phone", owner: int = 0, risks: tuple[str, ...] = ()) -> Candidate:
    """Return a conversation."""
    space = UUID(int=1)
    return Candidate(
        ref=f"interaction:{number:03}",
        customer_id=uuid5(space, "customer"),
        owner_id=uuid5(space, f"user {owner}"),
        team_id=None,
        channel=channel,
        at=datetime(2027, 3, 1, tzinfo=UTC),
        risks=risks,
    )


def test_the_same_seed_draws_the_same_in_whatever_order() -> None:
    pool = [conversation(n) for n in range(40)]
    assert by_chance(pool, 5, 7) == by_chance(pool[::-1], 5, 7)
    assert by_chance(pool, 5, 7) != by_chance(pool, 5, 8)
    assert len(by_chance(pool, 99, 7)) == 40


def test_strata_are_drawn_in_proportion_and_none_is_left_out() -> None:
    pool = [conversation(n, "phone" if n < 30 else "chat" if n < 39 else "email") for n in range(40)]
    drawn = [each.channel for each in stratified(pool, 8, 1, lambda each: each.channel)]
    assert (drawn.count("phone"), drawn.count("chat"), drawn.count("email")) == (6, 1, 1)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 30), min_size=1, max_size=6), st.integers(1, 80))
def test_what_is_shared_out_is_all_and_never_more_than_there_is(sizes: dict[str, int], size: int) -> None:
    found = allocate(sizes, size)
    assert sum(found.values()) == min(size, sum(sizes.values()))
    assert all(0 <= found[name] <= sizes[name] for name in sizes)
    if size >= len(sizes):
        assert all(found.values())


def test_where_most_speaks_for_it_comes_first() -> None:
    pool = [conversation(0), conversation(1, risks=("long",)), conversation(2, risks=("long", "outcome"))]
    assert [each.ref for each in by_risk(pool, 5, 1)] == ["interaction:002", "interaction:001"]


def test_nobody_reviews_a_conversation_of_their_own() -> None:
    pool = [conversation(n, owner=n % 2) for n in range(6)]
    one, two = pool[0].owner_id, pool[1].owner_id
    given_ = assign(pool, [one, two])
    assert all(who is not None and who != each.owner_id for each, who in given_)
    assert [who for _each, who in assign(pool[:1], [one])] == [None]


def checked(*texts: str) -> dict[str, bool | None]:
    """Return what the checks say of things that the business said."""
    return {each.name: each.passed for each in check([Line(text=each, out=True) for each in texts])}


def test_checks_tell_greeting_forbidden_words_and_tone() -> None:
    assert checked("Hello Ada, thank you!") == {"greeting": True, "promise": None, "forbidden": True, "tone": True}
    assert checked("This is your fault. Calm down.")["forbidden"] is False
    assert checked("This is your fault. Calm down.")["tone"] is False
    assert checked("Think!")["greeting"] is False
    assert checked("您好，请稍等，谢谢")["greeting"] is True
    assert checked("不归我管")["forbidden"] is False
    assert checked() == {"greeting": None, "promise": None, "forbidden": None, "tone": None}


def test_what_the_customer_says_is_not_held_against_us() -> None:
    found = check([Line(text="You people are stupid", out=False), Line(text="Dear Bob", out=True)])
    assert {each.name: each.passed for each in found}["forbidden"] is True


def test_promises_are_as_they_were_kept() -> None:
    lines = [Line(text="We will call you", out=True)]
    assert {each.name: each.passed for each in check(lines)}["promise"] is None
    assert {each.name: each.passed for each in check(lines, promises_kept=False)}["promise"] is False


def test_the_settings_replace_the_words_of_a_language() -> None:
    words = merged({"forbidden": {"en": ["banana"]}})
    found = {each.name: each.passed for each in check([Line(text="Calm down", out=True)], words=words)}
    assert found["forbidden"] is True
    assert words["forbidden"]["zh"]
