"""Whatever happens in whatever order, the books agree, nobody loses or gains a point, and buying and returning leaves
nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.errors import CrmkitError
from tests.plugins.loyalty.shop import Shop

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(1, 40)),
        st.tuples(st.just("refund"), st.integers(1, 40)),
        st.tuples(st.just("reverse"), st.integers(0, 5)),
        st.tuples(st.just("spend"), st.integers(1, 300)),
        st.tuples(st.just("give_back"), st.integers(1, 100)),
        st.tuples(st.just("hold"), st.integers(1, 200)),
        st.tuples(st.just("capture"), st.integers(0, 200)),
        st.tuples(st.just("days"), st.integers(1, 500)),
    ),
    max_size=12,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS, policy=st.sampled_from(["negative", "other_lots", "write_off"]))
def test_the_books_agree_whatever_happens(shop: Shop, steps: list[tuple[str, int]], policy: str) -> None:
    """A model that counts nothing but the lots says the same as balances and postings."""
    from crmkit_loyalty.programs.finding import program_named

    if not shop.customers:
        shop.rules({"name": "base", "points": "amount * 10", "pending_days": 3}, {"name": "two", "points": "2"})
        shop.customer()
    with shop.crm.session(shop.actor) as session:
        program = program_named(session).id
    shop.run("loyalty.program.update", {"clawback": policy}, target=program)
    bought: list[Any] = []
    spent: list[Any] = []
    holds: list[Any] = []
    for name, number in steps:
        try:
            if name == "buy":
                bought.append(shop.record("purchase", amount=number))
            elif name == "refund" and bought:
                shop.refund(bought[-1], amount=number)
            elif name == "reverse" and bought:
                shop.reverse(bought[number % len(bought)])
            elif name == "spend":
                spent.append(shop.spend(number))
            elif name == "give_back" and spent:
                shop.run("loyalty.points.give_back", {"points": number}, target=spent[-1].id)
            elif name == "hold":
                holds.append(
                    shop.run("loyalty.hold.create", {"customer_id": shop.customers["Wang Lin"], "points": number})
                )
            elif name == "capture" and holds:
                shop.run("loyalty.hold.capture", {"points": number}, target=holds[-1].id)
            elif name == "days":
                shop.clock.advance(days=number)
                shop.tick()
        except CrmkitError:
            pass
        assert shop.agrees(), (name, number)
