"""Money is converted in SQL exactly as it is everywhere else."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, String, literal, select

from crmkit import CRM
from crmkit.core.business.money import Money
from crmkit.core.business.rates import convert
from crmkit.core.store.clock import system_now
from crmkit.core.store.functions import LARGEST_AMOUNT, scaled
from crmkit.core.store.guard import region
from crmkit.core.store.types import Instant
from crmkit.engines.expressions.calendars import day_of
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.querying import local_day, query_of
from crmkit.errors import InvalidInput, RateMissing
from tests.conftest import Scale
from tests.engines.facts.support import SYSTEM, buy, configure, customer, facts

ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Apia", "UTC")


def test_sql_converts_as_python_does(crm: CRM, scale: Scale) -> None:
    """Over currencies of no, two and three places, direct and inverse rates, and amounts up to the largest."""
    dice = random.Random(11)
    configure(crm, "KWD", "America/New_York")
    for currency in ("USD", "JPY", "KWD", "CLF"):
        for base in ("USD", "JPY", "KWD"):
            for _each in range(3 if currency != base else 0):
                given = {
                    "currency": currency,
                    "base": base,
                    "valid_from": date(2026, 1, 1) + timedelta(days=dice.randrange(300)),
                    "rate": Decimal(dice.choice((1, 7, 123, 99_999_999))) / 10 ** dice.randrange(9),
                }
                crm.run(SYSTEM, "currency_rate.set", given)
    with crm.session(SYSTEM) as session:
        for base in ("KWD",):
            moment = Moment(as_of=system_now(), known_at=system_now(), zone="America/New_York", base_currency=base)
            in_base = query_of(moment, crm.engines.dialect).in_base
            for _each in range(scale(small=40, full=2000)):
                money = Money(
                    dice.choice((1, -1)) * dice.randrange(10 ** dice.randrange(1, 19)),
                    dice.choice(("USD", "JPY", "KWD", "CLF", "EUR")),
                )
                when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(400_000))
                given = (literal(money.amount, BigInteger), literal(money.currency, String), literal(when, Instant()))
                with region(session, "a test"):
                    found = session.connection().execute(select(in_base(*given))).scalar_one()
                try:
                    exact = convert(session, money, base, day_of(when, moment.zone)).amount
                except (RateMissing, InvalidInput):
                    exact = None
                if exact is not None and max(abs(exact), abs(money.amount)) > LARGEST_AMOUNT:
                    exact = None
                assert (money, base, when, exact) == (money, base, when, found)


def test_a_rate_that_makes_too_much_is_not_passed_over(crm: CRM) -> None:
    """The inverse rate counts where there is no other, not where the other one gives more than is converted."""
    configure(crm, "KWD", "UTC")
    for currency, base, rate in (("USD", "KWD", Decimal(90_000)), ("KWD", "USD", Decimal(3))):
        given = {"currency": currency, "base": base, "valid_from": date(2026, 1, 1), "rate": rate}
        crm.run(SYSTEM, "currency_rate.set", given)
    with crm.session(SYSTEM) as session:
        in_base = query_of(moment_of(session), crm.engines.dialect).in_base
        when = literal(datetime(2026, 3, 1, tzinfo=UTC), Instant())
        amounts = [in_base(literal(amount, BigInteger), literal("USD", String), when) for amount in (10, 10**12)]
        with region(session, "a test"):
            assert (9_000_000, None) == tuple(session.connection().execute(select(*amounts)).one())


def test_the_first_rate_counts_at_once(crm: CRM) -> None:
    """Facts of one customer are asked for by a statement that is kept, which there is one of without rates."""
    configure(crm, "CNY", "UTC")
    who = customer(crm)
    for currency, amount in (("CNY", "5.00"), ("USD", "10.00")):
        buy(crm, who, system_now(), amount, currency=currency)
    assert [500, 1] == facts(crm, who, "purchase.amount", "purchase.unconverted")
    rate = {"currency": "USD", "valid_from": date(2026, 1, 1), "rate": Decimal("7.1")}
    crm.run(SYSTEM, "currency_rate.set", rate)
    assert [7_600, 0] == facts(crm, who, "purchase.amount", "purchase.unconverted")


def test_sql_finds_the_day_of_a_zone(crm: CRM) -> None:
    """Where clocks are changed, where they are no longer, and where a day was left out."""
    dice = random.Random(5)
    with crm.session(SYSTEM) as session:
        for zone in ZONES:
            for _each in range(40):
                when = datetime(2011, 12, 20, tzinfo=UTC) + timedelta(minutes=dice.randrange(8_000_000))
                found = session.execute(select(local_day(literal(when, Instant()), zone, crm.engines.dialect)))
                assert (zone, when, day_of(when, zone)) == (zone, when, found.scalar_one())


def test_texts_are_read_as_decimals() -> None:
    """Of six places, the half away from zero; what is none is null."""
    assert [1_234_568, -1_234_568, None, None, None, 0] == [
        scaled(text, 6) for text in ("1.2345675", "-1.2345675", "x", "1e400", "NaN", "0.0000004")
    ]
