"""In whatever order things are noted, the one that was heard of last holds, and the others follow each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import HealthCheck, given, settings, strategies as st

from tests.plugins.knowledge.base import START, Base
from tests.plugins.knowledge.insights.known import act, current, customer, facts, insight, noted

days = st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=6)
quiet = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(days)
@quiet
def test_the_one_learnt_last_holds_in_whatever_order_they_are_noted(base: Base, ago: list[int]) -> None:
    who = customer(base)
    made = [noted(base, who, learnt_at=START - timedelta(days=each)) for each in ago]
    order = sorted(range(len(ago)), key=lambda place: (-ago[place], place))
    expected = [made[place] for place in order]
    assert current(base, who) == [expected[-1]]
    for older, newer in pairwise(expected):
        found = insight(base, older)
        assert found.superseded_by_id == newer
        assert found.ended_at == insight(base, newer).learnt_at


@given(days, st.integers(min_value=0, max_value=31))
@quiet
def test_on_each_day_one_held_from_the_first_on(base: Base, ago: list[int], back: int) -> None:
    who = customer(base)
    for each in ago:
        noted(base, who, learnt_at=START - timedelta(days=each))
    found = facts(base, who, "preferences", as_of=START - timedelta(days=back, seconds=-1))
    assert found == ((1 if max(ago) >= back else 0),)


@given(st.lists(st.sampled_from(["note", "late", "confirm", "withdraw"]), max_size=8))
@quiet
def test_there_is_never_more_than_one_that_holds(base: Base, steps: list[str]) -> None:
    who, made = customer(base), list[UUID]()
    for step in steps:
        base.clock.advance(days=1)
        held = current(base, who)
        if step in ("note", "late"):
            learnt = base.clock.as_clock().business_now() - timedelta(days=3 if step == "late" else 0)
            made.append(noted(base, who, learnt_at=learnt))
        elif held:
            act(base, step, held[0])
        elif step == "confirm" and made and insight(base, made[-1]).state == "superseded":
            act(base, step, made[-1])
        assert len(current(base, who)) <= 1


def test_of_those_who_note_at_the_same_moment_one_has_the_last_word(both: Base) -> None:
    who = customer(both)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: noted(both, who, text=f"Word {number}"), range(8)))
    (held,) = current(both, who)
    found = [insight(both, each) for each in made]
    assert {each.id for each in found if each.superseded_by_id is None} == {held}
    assert len({each.superseded_by_id for each in found}) == len(made)
