"""Points come and go, each once, and the books agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_loyalty.ledger.errors import AccountNotOpen, HoldEnded, KeyTaken, NotEnoughPoints
from crmkit_loyalty.ledger.models import Hold
from crmkit_loyalty.ledger.reading import disagreements
from sqlalchemy import text

from crmkit import InvalidInput
from crmkit.errors import CrmkitError
from tests.plugins.loyalty.shop import Shop


def test_points_are_given_and_spent(both: Shop) -> None:
    """What expires earliest goes first, and each spending names its lots."""
    both.give(100)
    both.clock.advance(days=40)
    both.give(50)
    both.spend(120)
    assert both.balance() == 30
    assert [lot.left for lot in both.lots()] == [0, 30]
    assert both.agrees()


def test_nobody_spends_what_they_do_not_have(both: Shop) -> None:
    """The error says how many there are, and nothing has changed."""
    both.give(100)
    with pytest.raises(NotEnoughPoints) as error:
        both.spend(101)
    assert error.value.available == 100
    assert both.balance() == 100
    assert both.agrees()


def test_a_key_makes_a_command_happen_once(both: Shop) -> None:
    """Sent again it answers the same; for something else it is refused."""
    both.give(100, key="a")
    first = both.spend(30, key="order 7")
    assert both.spend(30, key="order 7").id == first.id
    assert both.give(100, key="a").kind == "adjust"
    assert both.balance() == 70
    with pytest.raises(KeyTaken):
        both.give(5, "Li Na", key="a")


def test_points_expire_with_their_last_day(both: Shop) -> None:
    """They are good through the day two years later in Shanghai, gone after it, and do not expire twice."""
    both.give(100)
    both.clock.set(both.lots()[0].expires_at)
    both.clock.advance(seconds=-1)
    both.tick()
    assert both.balance() == 100
    both.clock.advance(seconds=1)
    assert both.balance() == 0  # whether a job has come or not
    with pytest.raises(NotEnoughPoints):
        both.spend(1)
    assert both.tick() == 1
    assert both.tick() == 0
    assert [lot.left for lot in both.lots()] == [0]
    assert both.agrees()


def test_points_are_reserved_and_spent_or_given_up(both: Shop) -> None:
    """A part is spent, the rest comes back to its lots; once more does nothing."""
    both.give(100)
    customer = both.customer()
    hold = both.run("loyalty.hold.create", {"customer_id": customer, "points": 60, "key": "cart"})
    assert both.run("loyalty.hold.create", {"customer_id": customer, "points": 60, "key": "cart"}).id == hold.id
    assert (both.balance(), both.standing().held) == (40, 60)
    both.run("loyalty.hold.capture", {"points": 45}, target=hold.id)
    both.run("loyalty.hold.capture", {"points": 45}, target=hold.id)
    assert (both.balance(), both.standing().held) == (55, 0)
    with pytest.raises(HoldEnded):
        both.run("loyalty.hold.release", target=hold.id)
    other = both.run("loyalty.hold.create", {"customer_id": customer, "points": 55})
    both.run("loyalty.hold.release", target=other.id)
    both.run("loyalty.hold.release", target=other.id)
    assert both.balance() == 55
    assert both.agrees()


def test_a_reservation_runs_out(both: Shop) -> None:
    """After the programme's time the points can be spent again, and it can not be captured any more."""
    both.give(100)
    hold = both.run("loyalty.hold.create", {"customer_id": both.customer(), "points": 60})
    both.clock.advance(minutes=31)
    with pytest.raises(HoldEnded):
        both.run("loyalty.hold.capture", target=hold.id)
    both.tick()
    with both.crm.session(both.actor) as session:
        assert session.get_one(Hold, hold.id).state == "expired"
    assert both.balance() == 100
    assert both.agrees()


def test_points_come_back_with_the_expiry_that_they_had(both: Shop) -> None:
    """A cancelled redemption restores its lots; where the time has passed, the grace counts, and never more is given
    back than was spent."""
    both.give(100)
    expiry = both.lots()[0].expires_at
    spent = both.spend(60)
    both.run("loyalty.points.give_back", {"points": 20}, target=spent.id)
    assert both.balance() == 60
    assert both.lots()[0].expires_at == expiry
    both.clock.set(expiry)
    both.clock.advance(days=1)
    both.tick()
    assert both.balance() == 0
    both.run("loyalty.points.give_back", target=spent.id)
    assert both.balance() == 40
    assert both.lots()[0].expires_at == both.clock.instant + timedelta(days=30)
    both.clock.advance(days=31)
    both.tick()
    assert both.balance() == 0
    with pytest.raises(InvalidInput):
        both.run("loyalty.points.give_back", {"points": 1}, target=spent.id)
    assert both.agrees()


def test_points_are_passed_on_with_their_expiry(both: Shop) -> None:
    """The other account gets the same lots in small."""
    both.give(100)
    both.run(
        "loyalty.points.transfer",
        {"to_account_id": both.account("Li Na"), "points": 30},
        target=both.account(),
    )
    assert (both.balance(), both.balance("Li Na")) == (70, 30)
    assert both.lots("Li Na")[0].expires_at == both.lots()[0].expires_at
    assert both.agrees()


def test_a_shared_account_is_spent_by_those_who_may(both: Shop) -> None:
    """A spender uses what an owner has; an earner does not."""
    both.give(100)
    child, mother = both.customer("Li Na"), both.customer()
    account = both.account()
    assert mother != child
    both.run("loyalty.account.share", {"customer_id": child, "role": "earner"}, target=account)
    with pytest.raises(NotEnoughPoints):
        both.spend(10, "Li Na")
    both.run("loyalty.account.share", {"customer_id": child, "role": "spender"}, target=account)
    both.give(5, "Li Na")
    both.spend(102, "Li Na")
    assert (both.balance(), both.balance("Li Na")) == (0, 3)
    assert both.agrees()


def test_a_blocked_account_is_not_spent(both: Shop) -> None:
    """It still gets what is earned, and spends nothing until it is opened again."""
    both.give(100)
    account = both.account()
    both.run("loyalty.account.block", target=account)
    with pytest.raises(CrmkitError):
        both.spend(10)
    with pytest.raises(AccountNotOpen):
        both.run("loyalty.points.adjust", {"points": -1, "reason": "x"}, target=account)
    both.run("loyalty.account.block", {"blocked": False}, target=account)
    both.spend(10)
    assert both.balance() == 90


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM loyalty_balance", "balance"),
        ("UPDATE loyalty_balance SET held = 3", "balance"),
        ('UPDATE loyalty_lot SET "left" = 1', "lot"),
        ("UPDATE loyalty_posting SET points = points + 1 WHERE side = 'issued'", "transaction"),
    ],
)
def test_what_was_changed_past_the_books_is_found(both: Shop, statement: str, what: str) -> None:
    both.give(100)
    assert both.agrees()
    with both.crm.engines.system_write.begin() as connection:
        connection.execute(text(statement))
    with both.crm.session(both.actor) as session:
        assert {what} == {each.what for each in disagreements(session)}
