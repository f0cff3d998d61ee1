"""Members get tiers as points and money come in, lose them when their time is over, and get them by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from crmkit_loyalty.programs.finding import program_named, require_member
from crmkit_loyalty.tiers.models import MemberTier, Tier, TierChange
from crmkit_loyalty.tiers.moving import Prospect, prospect_of
from sqlalchemy import select

from crmkit import InvalidInput, catalogue_of, moment_of, values_of
from tests.plugins.loyalty.shop import Shop


@pytest.fixture
def ladder(both: Shop) -> Shop:
    """A shop with two tiers above the lowest: 1,000 points or, for gold, 3,000 and 500 of money."""
    both.rules({"name": "base", "points": "amount * 10"})
    both.run("loyalty.tier_metric.create", {"name": "points", "source": "points"})
    both.run("loyalty.tier_metric.create", {"name": "spend", "source": "spend"})
    both.run("loyalty.tier.create", {"name": "member", "level": 0})
    both.run("loyalty.tier.create", {"name": "silver", "level": 1, "reach": {"points": 1000}, "keep": {"points": 800}})
    both.run("loyalty.tier.create", {"name": "gold", "level": 2, "reach": {"points": 3000, "spend": 500}})
    both.customer()
    both.work()
    return both


def held(shop: Shop) -> tuple[str, date | None]:
    """Return the tier that the customer has, and through which day."""
    with shop.crm.session(shop.actor) as session:
        row = session.scalars(select(MemberTier)).one()
        return session.get_one(Tier, row.tier_id).name, row.until


def prospect(shop: Shop) -> Prospect:
    """Return where the customer stands."""
    with shop.crm.session(shop.actor) as session:
        program = program_named(session)
        found = prospect_of(session, program, require_member(session, program, shop.customers["Wang Lin"]))
        assert found is not None
        return found


def daily(shop: Shop) -> None:
    """Do what is done each day."""
    while shop.run("loyalty.tier.look"):
        pass
    shop.work()


def test_a_tier_comes_with_the_points(ladder: Shop) -> None:
    """Everybody has the lowest; a purchase that reaches another one brings it at once, as a fact, too."""
    assert held(ladder) == ("member", None)
    ladder.record("purchase", amount=100)
    assert held(ladder) == ("silver", date(2028, 12, 31))
    with ladder.crm.session(ladder.actor) as session:
        ref = catalogue_of(session).ref("loyalty.tier")
        customer = ladder.customers["Wang Lin"]
        assert values_of(session, [ref], [customer], moment_of(session))[customer][ref] == "silver"


def test_what_is_missing_is_said(ladder: Shop) -> None:
    """To keep the tier and to reach the next one."""
    ladder.record("purchase", amount=120)
    found = prospect(ladder)
    assert found.following is not None
    assert (found.tier.name, found.following.name, found.to_keep) == ("silver", "gold", {})
    assert found.to_reach == {"points": Decimal(1800), "spend": Decimal(380)}
    assert (found.first, found.last) == (date(2027, 1, 1), date(2027, 12, 31))


def test_a_refund_counts_where_its_purchase_did(ladder: Shop) -> None:
    """A tier that was reached stays until its day, and is not kept by what was returned."""
    bought = ladder.record("purchase", amount=100)
    ladder.refund(bought, amount=100)
    assert held(ladder)[0] == "silver"
    assert prospect(ladder).figures == {"points": Decimal(0), "spend": Decimal(0)}
    ladder.clock.set(datetime(2028, 12, 31, 17, tzinfo=UTC))  # the first hour of 2029 in Shanghai
    daily(ladder)
    assert held(ladder) == ("member", None)


def test_a_tier_is_kept_by_less(ladder: Shop) -> None:
    """800 points in its last year keep silver."""
    ladder.record("purchase", amount=100)
    ladder.clock.set(datetime(2028, 6, 1, tzinfo=UTC))
    ladder.record("purchase", amount=80)
    ladder.clock.set(datetime(2029, 1, 2, tzinfo=UTC))
    daily(ladder)
    assert held(ladder) == ("silver", date(2029, 12, 31))
    with ladder.crm.session(ladder.actor) as session:
        reasons = [row.reason for row in session.scalars(select(TierChange).order_by(TierChange.at))]
    assert reasons == ["joined", "reached", "kept"]


def test_a_tier_is_given_by_hand(ladder: Shop) -> None:
    """With a reason, through a day; then what was reached counts."""
    member = _member(ladder)
    with pytest.raises(InvalidInput):
        ladder.run("loyalty.tier.grant", {"tier": "gold", "reason": " "}, target=member)
    ladder.run("loyalty.tier.grant", {"tier": "gold", "reason": "A birthday", "until": "2027-03-31"}, target=member)
    assert held(ladder)[0] == "gold"
    daily(ladder)
    assert held(ladder)[0] == "gold"
    ladder.clock.set(datetime(2027, 4, 2, tzinfo=UTC))
    daily(ladder)
    assert held(ladder) == ("member", None)


def test_a_tier_wants_what_is_counted(ladder: Shop) -> None:
    """A number of something else is refused, and so is a lowest tier that takes something."""
    with pytest.raises(InvalidInput):
        ladder.run("loyalty.tier.create", {"name": "x", "level": 5, "reach": {"nights": 3}})
    with pytest.raises(InvalidInput):
        ladder.run("loyalty.tier.update", {"reach": {"points": 3}}, target=_tier(ladder, "member"))


def _member(shop: Shop) -> Any:
    with shop.crm.session(shop.actor) as session:
        return require_member(session, program_named(session), shop.customers["Wang Lin"]).id


def _tier(shop: Shop, name: str) -> Any:
    with shop.crm.session(shop.actor) as session:
        return session.scalars(select(Tier.id).where(Tier.name == name)).one()
