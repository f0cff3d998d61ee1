"""What segments come to: counts, samples, overlaps, worth and reach, by hand and by the facts."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from crmkit.core.business.money import Money
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.segments.figures import condition, overlap, reach, sample, worth
from crmkit.errors import ExpressionError, InvalidInput, UnknownDefinition
from tests.engines.segments.conftest import JUNE, Shop
from tests.security.world import SYSTEM

MEMBERS = {"kiel": {"Ann", "Cai"}, "buyers": {"Ann", "Ben", "Cai"}, "both": {"Ann", "Cai"}}


def names(shop: Shop, where: str, limit: int = 100) -> list[str]:
    """Return the names of a sample, in its order."""
    with shop.crm.session(SYSTEM) as session:
        return [each.name for each in sample(session, condition(session, where=where), moment_of(session), limit)]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_segment_has_those_for_whom_its_condition_holds(shop: Shop, name: str) -> None:
    """A segment holds whoever meets its condition, also one that is made of other segments."""
    assert set(names(shop, f"segment.{name}")) == MEMBERS[name]
    assert shop.count(SYSTEM, name) == len(MEMBERS[name])


def test_segments_are_sets(shop: Shop) -> None:
    """And, or and not of segments are the intersection, union and complement of their members."""
    everybody = set(shop.ids)
    for first, second in product(MEMBERS, repeat=2):
        a, b = MEMBERS[first], MEMBERS[second]
        expected = {"and": a & b, "or": a | b, "and not": a - b}
        for joint, members in expected.items():
            assert set(names(shop, f"segment.{first} {joint} segment.{second}")) == members
        assert set(names(shop, f"not (segment.{first} or segment.{second})")) == everybody - a - b


def test_a_segment_narrows_by_a_further_condition(shop: Shop) -> None:
    """A segment and a condition together hold where both do; neither can close the other's brackets."""
    assert shop.count(SYSTEM, "kiel", "purchase.count >= 2") == 1
    assert shop.count(SYSTEM, "kiel", "false or true") == 2
    with pytest.raises(ExpressionError):
        shop.count(SYSTEM, "kiel", "true) or (true")


def test_a_count_is_of_the_day_that_is_asked_for(shop: Shop) -> None:
    """Before the purchases nobody had bought."""
    with shop.crm.session(SYSTEM) as session:
        from crmkit.engines.segments.figures import size

        where = condition(session, "buyers")
        before = size(session, where, moment_of(session, JUNE.date().replace(day=1, month=5)))
        since = size(session, where, moment_of(session, JUNE.date()))
    assert (before.count, since.count, since.total, since.share) == (0, 3, 5, 0.6)


def test_a_sample_is_the_same_and_contains_a_smaller_one(shop: Shop) -> None:
    """A sample does not change from call to call, and a larger one begins with the smaller one."""
    whole = names(shop, "true")
    assert sorted(whole) == ["Ann", "Ben", "Cai", "Dan", "Eve"]
    assert [names(shop, "true", limit) for limit in (1, 3)] == [whole[:1], whole[:3]]


def test_overlap_is_the_jaccard_index(shop: Shop) -> None:
    """Every two segments are compared by how many they share of those who are in either."""
    with shop.crm.session(SYSTEM) as session:
        found = overlap(session, list(MEMBERS), moment_of(session))
    sets = list(MEMBERS.values())
    assert found.both == tuple(tuple(len(a & b) for b in sets) for a in sets)
    assert found.matrix == tuple(tuple(len(a & b) / len(a | b) for b in sets) for a in sets)


def test_segments_without_anybody_do_not_overlap(shop: Shop) -> None:
    """Where nobody is in either of two segments the index is 0, and too many are refused."""
    with shop.crm.session(SYSTEM) as session:
        nobody = condition(session, where="purchase.count > 99")
        found = overlap(session, ["kiel"], moment_of(session), where=nobody)
        assert (found.names, found.jaccard(0, 0), found.jaccard(0, 1)) == (("", "kiel"), 0.0, 0.0)
        with pytest.raises(InvalidInput):
            overlap(session, ["kiel"] * 21, moment_of(session))


def test_worth_is_what_its_customers_bought(shop: Shop) -> None:
    """Worth adds up what the members bought, in the base currency, with their part of everything."""
    with shop.crm.session(SYSTEM) as session:
        found = worth(session, condition(session, "kiel"), moment_of(session))
        none = worth(session, condition(session, where="purchase.count == 0"), moment_of(session))
    assert (found.buyers, found.sum, found.mean) == (2, Money(45000, "CNY"), Money(22500, "CNY"))
    assert found.share == pytest.approx(450 / 470)
    assert (none.buyers, none.mean, none.share) == (0, None, 0.0)


def test_reach_is_who_agreed_and_can_be_reached(own: Shop) -> None:
    """Who agreed counts as reachable where there is a contact point for the channel; who withdrew does not count."""
    ann, ben, cai = (own.ids[name] for name in ("Ann", "Ben", "Cai"))
    for id_, granted in ((ann, True), (ben, True), (cai, False)):
        given = {"purpose": "marketing", "channel": "email", "granted": granted}
        own.crm.run(SYSTEM, "consent.record", given, target=id_)
    own.crm.run(SYSTEM, "contact_point.add", {"kind": "email", "value": "ann@example.com"}, target=ann)
    with own.crm.session(SYSTEM) as session:
        where = condition(session, where="purchase.count >= 1")
        (mail,) = reach(session, where, moment_of(session), "marketing", ["email"])
        (other,) = reach(session, where, moment_of(session), "research", ["email"])
        assert (mail.agreed, mail.reachable, other.agreed) == (2, 1, 0)
        with pytest.raises(InvalidInput):
            reach(session, where, moment_of(session), 'x"] or true or consent.granted["y', ["email"])


@pytest.mark.parametrize(("given", "error"), [({"name": "keil"}, UnknownDefinition), ({}, InvalidInput)])
def test_what_is_not_there_is_named(shop: Shop, given: dict[str, Any], error: type[Exception]) -> None:
    """A segment that there is not is refused with the one that was meant; so is nothing at all."""
    with shop.crm.session(SYSTEM) as session, pytest.raises(error, match=r"kiel|condition"):
        condition(session, **given)
