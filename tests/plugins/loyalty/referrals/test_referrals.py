"""Members invite others: both get points that wait, and lose them again where what qualified is refunded."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_loyalty.programs.finding import program_named, require_member
from crmkit_loyalty.programs.models import Member
from crmkit_loyalty.referrals.errors import AlreadyReferred, NoReferrals, ReferralEnded
from crmkit_loyalty.referrals.models import Referral, ReferralChange
from sqlalchemy import select

from crmkit import InvalidInput, Refused, catalogue_of, moment_of, values_of
from tests.plugins.loyalty.shop import Shop

LI, WANG = "Li Na", "Wang Lin"


def policy(shop: Shop, **options: Any) -> None:
    """Say that inviting brings 500 and 200 points for a first purchase of 100."""
    values = {"referrer_points": 500, "referred_points": 200, "condition": "amount >= 100"}
    shop.run("loyalty.referral_policy.set", {**values, **options})


def invitation(shop: Shop, name: str = WANG) -> str:
    """Return the code of a member."""
    customer = shop.customer(name)
    with shop.crm.session(shop.actor) as session:
        return require_member(session, program_named(session), customer).referral


def invite(shop: Shop, name: str = LI, by: str = WANG) -> Referral:
    """Have somebody enter the code of a member, and carry out what follows."""
    values = {"customer_id": shop.customer(name), "invitation": invitation(shop, by)}
    made = shop.run("loyalty.referral.create", values)
    shop.work()
    return seen(shop, made.id)


def seen(shop: Shop, identity: UUID) -> Referral:
    """Return a referral as it is now."""
    with shop.crm.session(shop.actor) as session:
        found = session.get_one(Referral, identity)
        session.expunge(found)
        return found


def end_hold(shop: Shop) -> None:
    """Do what is done each hour."""
    while shop.run("loyalty.referral.end_hold"):
        pass
    shop.tick()
    shop.work()


def points(shop: Shop, name: str) -> tuple[int, int]:
    """Return what waits and what can be spent."""
    found = shop.standing(name)
    return found.pending, found.available


def test_both_are_rewarded_once_the_hold_is_over(both: Shop) -> None:
    policy(both)
    made = invite(both)
    assert made.state == "open"
    both.record("purchase", name=LI, amount=99)
    assert seen(both, made.id).state == "open"
    both.record("purchase", name=LI, amount=100)
    assert seen(both, made.id).state == "qualified"
    assert (points(both, WANG), points(both, LI)) == ((500, 0), (200, 0))
    both.clock.advance(days=13)
    end_hold(both)
    assert points(both, WANG) == (500, 0)
    both.clock.advance(days=2)
    end_hold(both)
    assert seen(both, made.id).state == "rewarded"
    assert (points(both, WANG), points(both, LI)) == ((0, 500), (0, 200))
    both.record("purchase", name=LI, amount=500)
    assert points(both, WANG) == (0, 500)
    assert both.agrees()


def test_every_step_is_written_down(shop: Shop) -> None:
    policy(shop, hold_days=0)
    invite(shop)
    shop.record("purchase", name=LI, amount=100)
    with shop.crm.session(shop.actor) as session:
        rows = session.scalars(select(ReferralChange).order_by(ReferralChange.at, ReferralChange.id)).all()
        assert [(row.before, row.after) for row in rows] == [
            (None, "entered"), ("entered", "open"), ("open", "qualified"), ("qualified", "rewarded"),
        ]  # fmt: skip


@pytest.mark.parametrize("rewarded", [False, True])
def test_a_refund_takes_both_sides_back_exactly(both: Shop, rewarded: bool) -> None:
    """Within the hold as after it; the balance of both is what it was."""
    policy(both)
    both.give(30)
    made = invite(both)
    bought = both.record("purchase", name=LI, amount=150)
    if rewarded:
        both.clock.advance(days=20)
        end_hold(both)
    both.refund(bought, name=LI, amount=150)
    assert (seen(both, made.id).state, seen(both, made.id).reason) == ("cancelled", "refunded")
    assert (points(both, WANG), points(both, LI)) == ((0, 30), (0, 0))
    both.clock.advance(days=30)
    end_hold(both)
    assert (points(both, WANG), points(both, LI)) == ((0, 30), (0, 0))
    assert both.agrees()


def test_points_that_were_spent_are_owed(shop: Shop) -> None:
    policy(shop, hold_days=0)
    invite(shop)
    bought = shop.record("purchase", name=LI, amount=100)
    shop.spend(400)
    shop.reverse(bought)
    assert points(shop, WANG) == (0, -400)
    assert shop.agrees()


def test_what_is_left_of_a_purchase_may_still_qualify(shop: Shop) -> None:
    policy(shop)
    made = invite(shop)
    bought = shop.record("purchase", name=LI, amount=150)
    shop.refund(bought, name=LI, amount=50)
    assert seen(shop, made.id).state == "qualified"
    refund = shop.refund(bought, name=LI, amount=1)
    assert seen(shop, made.id).state == "cancelled"
    shop.reverse(refund)
    assert (seen(shop, made.id).state, seen(shop, made.id).turn) == ("qualified", 2)
    assert (points(shop, WANG), points(shop, LI)) == ((500, 0), (200, 0))
    shop.refund(bought, name=LI, amount=100)
    assert (points(shop, WANG), points(shop, LI)) == ((0, 0), (0, 0))
    assert shop.agrees()


def test_a_lot_of_the_referrer_does_not_say_what_the_other_bought(shop: Shop) -> None:
    policy(shop)
    invite(shop)
    shop.record("purchase", name=LI, amount=100)
    assert [(each.source, each.interaction_id) for each in shop.lots(WANG)] == [("referral", None)]


def test_nobody_refers_themselves(shop: Shop) -> None:
    policy(shop)
    made = invite(shop, WANG, WANG)
    assert (made.state, made.reason) == ("refused", "self")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "lin@example.com"}, {"email": "LIN@example.com"}),
        ({"phone": "+86 138 0013 8000"}, {"phone": "+8613800138000"}),
    ],
)
def test_the_same_address_is_the_same_person(both: Shop, one: dict[str, str], other: dict[str, str]) -> None:
    """Found by the blind tokens, however it was written."""
    policy(both)
    for name, values in ((WANG, one), (LI, other)):
        both.customers[name] = both.run("customer.create", {"kind": "person", "name": name, **values}).id
        both.run("loyalty.member.join", {"customer_id": both.customers[name]})
    made = invite(both)
    assert (made.state, made.reason) == ("refused", "same_contact")


def test_who_shares_an_account_is_no_newcomer(shop: Shop) -> None:
    policy(shop)
    shop.run("loyalty.account.share", {"customer_id": shop.customer(LI)}, target=shop.account(WANG))
    made = invite(shop)
    assert (made.state, made.reason) == ("refused", "household")


@pytest.mark.parametrize("length", [2, 3, 6])
def test_a_ring_is_refused(shop: Shop, length: int) -> None:
    """A invited B, who invited C …, who invites A."""
    policy(shop)
    names = [f"Member {number}" for number in range(length)]
    for before, after in itertools.pairwise(names):
        assert invite(shop, after, before).state == "open"
    last = invite(shop, names[0], names[-1])
    assert (last.state, last.reason) == ("refused", "ring")


def test_who_bought_before_is_not_new(shop: Shop) -> None:
    policy(shop)
    shop.record("purchase", name=LI, amount=5)
    shop.clock.advance(days=1)
    assert invite(shop).reason == "known"
    policy(shop, new_only=False)
    assert invite(shop, "Zhao Min").state == "open"


def test_a_member_has_a_limit(shop: Shop) -> None:
    policy(shop, cap=2, cap_days=30, hold_days=0)
    found = []
    for name in ("A", "B", "C"):
        made = invite(shop, name)
        shop.record("purchase", name=name, amount=100)
        found.append((seen(shop, made.id).state, seen(shop, made.id).reason))
    assert found == [("rewarded", None), ("rewarded", None), ("refused", "cap")]
    assert shop.balance(WANG) == 1000
    shop.clock.advance(days=31)
    made = invite(shop, "D")
    shop.record("purchase", name="D", amount=100)
    assert seen(shop, made.id).state == "rewarded"


def test_it_is_too_late_after_its_days(shop: Shop) -> None:
    policy(shop, qualify_days=10)
    made = invite(shop)
    shop.clock.advance(days=11)
    shop.record("purchase", name=LI, amount=100)
    end_hold(shop)
    assert (seen(shop, made.id).state, seen(shop, made.id).reason) == ("cancelled", "late")
    assert shop.balance(WANG) == 0


def test_joining_can_be_enough(shop: Shop) -> None:
    policy(shop, event="joined", condition="", hold_days=0)
    assert invite(shop).state == "rewarded"
    assert (shop.balance(WANG), shop.balance(LI)) == (500, 200)


def test_a_code_is_entered_once(shop: Shop) -> None:
    policy(shop)
    first = invite(shop)
    assert invite(shop).id == first.id
    with pytest.raises(AlreadyReferred):
        invite(shop, LI, "Zhao Min")


def test_codes_are_not_found_by_trying(shop: Shop) -> None:
    """Nobody is told at once, and after five there is an end."""
    policy(shop)
    customer = shop.customer(LI)
    for sign in "23456":
        made = shop.run("loyalty.referral.create", {"customer_id": customer, "invitation": sign * 8})
        assert made.state == "entered"
        shop.work()
        assert (seen(shop, made.id).state, seen(shop, made.id).reason) == ("refused", "unknown")
    with pytest.raises(AlreadyReferred):
        shop.run("loyalty.referral.create", {"customer_id": customer, "invitation": "77777777"})


def test_how_a_code_is_written_makes_no_difference(shop: Shop) -> None:
    policy(shop)
    said = invitation(shop).lower()
    made = shop.run(
        "loyalty.referral.create", {"customer_id": shop.customer(LI), "invitation": f" {said[:4]}-{said[4:]} "}
    )
    shop.work()
    assert seen(shop, made.id).state == "open"
    with pytest.raises(InvalidInput):
        shop.run("loyalty.referral.create", {"customer_id": shop.customer("Zhao Min"), "invitation": "0O1I"})


def test_without_a_policy_nobody_invites(shop: Shop) -> None:
    with pytest.raises(NoReferrals):
        invite(shop)


def test_a_referral_is_cancelled_by_hand(shop: Shop) -> None:
    policy(shop, hold_days=0)
    made = invite(shop)
    shop.record("purchase", name=LI, amount=100)
    with pytest.raises(InvalidInput):
        shop.run("loyalty.referral.cancel", {"reason": " "}, target=made.id)
    shop.run("loyalty.referral.cancel", {"reason": "fraud"}, target=made.id)
    assert (shop.balance(WANG), shop.balance(LI)) == (0, 0)
    with pytest.raises(ReferralEnded):
        shop.run("loyalty.referral.cancel", {"reason": "again"}, target=made.id)
    shop.record("purchase", name=LI, amount=100)
    assert seen(shop, made.id).state == "cancelled"


def test_who_left_gets_nothing(shop: Shop) -> None:
    policy(shop)
    made = invite(shop)
    with shop.crm.session(shop.actor) as session:
        gone = session.scalars(select(Member.id).where(Member.customer_id == shop.customers[WANG])).one()
    shop.run("loyalty.member.leave", target=gone)
    shop.record("purchase", name=LI, amount=100)
    assert (seen(shop, made.id).state, seen(shop, made.id).reason) == ("refused", "left")


@pytest.mark.parametrize(
    "values",
    [
        {"condition": "amout >= 1"},
        {"event": "joined"},
        {"event": " "},
        {"join_url": "http://shop.example/{code}"},
        {"join_url": "https://shop.example/"},
    ],
)
def test_a_policy_that_cannot_be_is_refused(shop: Shop, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        policy(shop, **values)


def test_only_the_framework_looks(shop: Shop) -> None:
    from crmkit import Actor

    for name, values in (("loyalty.referral.look", {"customer_ids": ()}), ("loyalty.referral.end_hold", {})):
        with pytest.raises(Refused):
            shop.crm.run(Actor.plugin("loyalty"), name, values)


def test_referrals_are_facts(both: Shop) -> None:
    policy(both, hold_days=0)
    invite(both)
    both.record("purchase", name=LI, amount=100)
    early = both.clock.instant - timedelta(days=1)
    with both.crm.session(both.actor) as session:
        catalogue = catalogue_of(session)
        made, referred = catalogue.ref("loyalty.referrals"), catalogue.ref("loyalty.referred")
        ids = [both.customers[WANG], both.customers[LI]]
        now = values_of(session, [made, referred], ids, moment_of(session))
        assert [now[each][made] for each in ids] == [1, 0]
        assert [now[each][referred] for each in ids] == [False, True]
        before = values_of(session, [made], ids, moment_of(session, early))
        assert [before[each][made] for each in ids] == [0, 0]


def test_terms_that_change_later_take_nothing_back(shop: Shop) -> None:
    policy(shop, hold_days=0)
    made = invite(shop)
    shop.record("purchase", name=LI, amount=100)
    assert seen(shop, made.id).state == "rewarded"
    policy(shop, hold_days=0, condition="amount >= 300")
    shop.record("purchase", name=LI, amount=5)
    assert (seen(shop, made.id).state, points(shop, WANG)) == ("rewarded", (0, 500))


def test_what_comes_back_is_what_was_promised(shop: Shop) -> None:
    policy(shop, hold_days=0)
    invite(shop)
    bought = shop.record("purchase", name=LI, amount=100)
    back = shop.refund(bought, name=LI, amount=100)
    policy(shop, hold_days=0, referrer_points=9000)
    shop.reverse(back)
    assert points(shop, WANG) == (0, 500)
