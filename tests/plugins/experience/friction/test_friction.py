"""Friction: who drops out where, whether that is more than chance, and what is at stake."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_experience.friction.counting import touches_at
from crmkit_experience.friction.models import FrictionStep
from crmkit_experience.friction.pages import friction_page, hits_at
from crmkit_experience.friction.touches import Touch
from crmkit_experience.friction.weighing import count, weigh
from hypothesis import given, settings, strategies as st

from crmkit import NotFound, Refused, new_id
from crmkit.engines.statistics.intervals import newcombe
from tests.plugins.experience.friction.story import contact, customers, live, record
from tests.plugins.experience.promises.base import Base


def steps(base: Base) -> dict[str, FrictionStep]:
    """Count, and return the steps by name."""
    base.run("experience.friction.count")
    return {each.step: each for each in base.all(FrictionStep)}


def test_a_step_where_customers_drop_out_comes_first_with_what_is_at_stake(both: Base) -> None:
    live(both)
    found = steps(both)
    chat = found["contacts:chat/chat"]
    part = chat.parts["drop"]
    assert (chat.customers, part["hit"], part["known"], chat.place) == (60, 30, 60, 0)
    assert (chat.leading, chat.certain, chat.worth_by) == ("drop", True, "purchase.net_amount")
    rest = part["rest_hit"] / part["rest_known"]
    assert float(chat.excess) == pytest.approx(0.5 - rest, abs=1e-6)
    # What sixty customers are worth, 100.00 each, times the excess.
    assert chat.stake_minor == pytest.approx(60 * 10000 * (0.5 - rest), abs=1)
    assert float(chat.affected) == pytest.approx(60 * (0.5 - rest), abs=1e-4)
    assert not found["contacts:call/phone"].certain


def test_a_purchase_is_no_step_but_goes_on(base: Base) -> None:
    ids = customers(base, 30)
    record(base, [contact(each, "chat", 60) for each in ids])
    record(base, [{**contact(each, "purchase", 55), "amount": "5", "currency": "EUR"} for each in ids])
    found = steps(base)
    assert list(found) == ["contacts:chat/chat"]
    with base.crm.session(base.actor()) as session:
        from crmkit_experience.friction.counting import span_of

        assert not any(each.dropped for each in touches_at(session, "contacts:chat/chat", span_of(session)))


def test_whoever_comes_again_and_again_has_much_effort(base: Base) -> None:
    often, once = customers(base, 30), customers(base, 40)
    record(base, [contact(each, "call", 60 - day) for each in often for day in range(4)])
    record(base, [contact(each, "chat", 60) for each in once])
    record(base, [{**contact(each, "purchase", 40), "amount": "5", "currency": "EUR"} for each in [*often, *once]])
    call = steps(base)["contacts:call/phone"]
    assert (call.leading, call.certain, float(call.effort_mean or 0)) == ("effort", True, 4.0)


def test_few_customers_are_not_shown_and_steps_that_are_gone_go(base: Base) -> None:
    record(base, [contact(each, "chat", 60) for each in customers(base, 19)])
    assert steps(base) == {}
    live(base)
    assert steps(base)
    base.clock.advance(days=400)
    assert steps(base) == {}


def test_counting_again_changes_no_identity(base: Base) -> None:
    live(base, 30, 15, 3)
    once = {name: each.id for name, each in steps(base).items()}
    assert {name: each.id for name, each in steps(base).items()} == once


def test_a_reader_drills_to_customers_of_his_own_alone(both: Base) -> None:
    chatting = live(both, 30, 15, 3)
    steps(both)
    for who, number in (("sam", 15), ("sid", 0), ("mia", 15)):
        with both.crm.session(both.actor(who)) as session:
            hits = hits_at(session, "contacts:chat/chat")
            assert len(hits) == number
            assert {each.customer_id for each in hits} <= set(chatting)
    with both.crm.session(both.actor("mia")) as session:
        page = friction_page(session, {"step": "nothing:x"})
        assert page["step"] == ""
        with pytest.raises(NotFound):
            touches_at(session, "nothing:x", None)  # type: ignore[arg-type]


def test_counting_is_the_frameworks_and_a_seller_may_not_even_ask(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("experience.friction.count", who="mia")
    with pytest.raises(Refused):
        base.run("experience.friction.refresh", who="sam")
    live(base, 30, 15, 3)
    base.run("experience.friction.refresh", who="mia")
    base.work()
    assert base.all(FrictionStep)


def test_what_follows_too_late_is_no_going_on(base: Base) -> None:
    ids = customers(base, 25)
    record(base, [contact(each, "chat", 80) for each in ids])
    record(base, [contact(each, "email", 45) for each in ids])
    with base.crm.session(base.actor()) as session:
        from crmkit_experience.friction.counting import span_of

        span = span_of(session)
        assert span.follow == timedelta(days=30)
        assert all(each.dropped for each in touches_at(session, "contacts:chat/chat", span))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 200), st.floats(0, 1)), min_size=2, max_size=5))
def test_excesses_are_newcombes_and_what_is_certain_comes_first(groups: list[tuple[int, float]]) -> None:
    touches = [
        ("s", Touch(step=str(place), customer_id=new_id(), dropped=each < round(size * share)))
        for place, (size, share) in enumerate(groups)
        for each in range(size)
    ]
    worth = {touch.customer_id: 1.0 for _source, touch in touches}
    found = weigh(count(touches, worth), 20)
    assert len(found) == len(groups)
    certain = [each.certain for each in found]
    assert certain == sorted(certain, reverse=True)
    for each in found:
        part = each.parts["drop"]
        right = newcombe(part.hit, part.known, part.rest_hit, part.rest_known, 1 - 0.05 / len(groups))
        assert (part.excess, part.low, part.high) == (right.value, right.low, right.high)
        assert part.known + part.rest_known == len(touches)
        assert 0 <= each.stake <= each.tally.worth
