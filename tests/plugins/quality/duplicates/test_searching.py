"""Searching: what is found, kept, forgotten and remembered; progress, stopping, and what happens to a search that has
died."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmkit_quality.duplicates import searching
from crmkit_quality.duplicates.models import Key, Learnt, Pair, Search
from crmkit_quality.duplicates.searching import carry_out, last_search, up_to_date
from crmkit_quality.duplicates.storing import uncertainty
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.errors import Conflict
from tests.plugins.quality.duplicates.conftest import ADA, SYSTEM, add, both, pairs, search


def searches(crm: CRM) -> list[Search]:
    """Return all searches, oldest first."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(Search).order_by(Search.created_at, Search.id)))


def test_a_search_finds_who_is_there_twice(quality: CRM) -> None:
    """The two are a pair with its evidence; a third person is none."""
    one = add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    two = add(quality, "Lovelace Ada", email="ada@analytical.example", **ADA)
    add(quality, "Charles Babbage", email="charles@example.com")
    search(quality)
    (pair,) = pairs(quality)
    assert both(pair) == {one, two}
    assert (pair.band, pair.state, pair.conflict) == ("automatic", "open", False)
    assert {"email", "birth date"} <= {each["comparison"] for each in pair.evidence}
    (run,) = searches(quality)
    assert (run.state, run.done, run.customers, run.found, run.fresh) == ("done", 100, 3, 1, 1)


def test_what_was_told_apart_stays_apart(quality: CRM) -> None:
    """No later search brings it up again, nor does one of the two being changed."""
    one, two = add(quality, "Ada Lovelace", **ADA), add(quality, "Ada Lovelace", **ADA)
    search(quality)
    (pair,) = pairs(quality)
    quality.run(SYSTEM, "quality.pair.distinct", {"reason": "twins"}, target=pair.id)
    search(quality)
    quality.run(SYSTEM, "customer.update", {"city": "Paris"}, target=one)
    quality.worker().run_until_idle()
    search(quality, "changed")
    assert pairs(quality) == []
    with quality.session(SYSTEM) as session:
        (kept,) = session.scalars(select(Pair))
        assert (kept.state, both(kept)) == ("distinct", {one, two})


def test_what_is_no_longer_alike_is_forgotten(quality: CRM) -> None:
    """A pair that waits goes when a search does not find it any more; what was put off stays put off."""
    one = add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    three, four = add(quality, "李秀英", phone="+86 138 0013 8000"), add(quality, "李秀英", phone="+86 138 0013 8000")
    search(quality)
    later = next(pair for pair in pairs(quality) if three in both(pair))
    quality.run(SYSTEM, "quality.pair.defer", {}, target=later.id)
    quality.run(SYSTEM, "customer.delete", {}, target=one)
    search(quality)
    (left,) = pairs(quality)
    assert (left.id, left.state, both(left)) == (later.id, "deferred", {three, four})


def test_a_changed_customer_is_compared_soon(quality: CRM) -> None:
    """Who is added after the search is found by a worker, by the index, without another search."""
    one = add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    quality.worker().run_until_idle()
    two = add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    assert pairs(quality) == []
    quality.worker().run_until_idle()
    assert [both(pair) for pair in pairs(quality)] == [{one, two}]


def test_a_search_of_the_changed_takes_the_others_from_the_index(quality: CRM) -> None:
    """It finds pairs of a changed customer with unchanged ones, and leaves the pairs of others alone."""
    add(quality, "李秀英", phone="+86 138 0013 8000")
    add(quality, "李秀英", phone="+86 138 0013 8000")
    one = add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    search(quality)
    (before,) = pairs(quality)
    quality.worker().run_until_idle()
    two = add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    search(quality, "changed")
    found = pairs(quality)
    assert {before.id} < {pair.id for pair in found}
    assert {one, two} in [both(pair) for pair in found]


def test_what_is_worth_most_comes_first(quality: CRM) -> None:
    """Of two pairs that are as uncertain as each other the one comes first that has bought more."""
    same = {"birth_date": "1990-05-05", "country": "CN"}
    cheap = {add(quality, "Wang Linlin", **same), add(quality, "Wang Linlin", **same)}
    dear = [add(quality, "Zhao Mingming", **same), add(quality, "Zhao Mingming", **same)]
    purchase = {"kind": "purchase", "customer_id": dear[0], "amount": "900000.00", "currency": "EUR"}
    quality.run(SYSTEM, "business.configure", {"base_currency": "EUR"})
    quality.run(SYSTEM, "interaction.record", purchase)
    search(quality)
    first, second = (next(pair for pair in pairs(quality) if both(pair) == ids) for ids in (set(dear), cheap))
    assert first.probability == pytest.approx(second.probability, abs=0.05)
    assert first.gain > second.gain


def test_the_uncertain_is_worth_more_than_the_certain() -> None:
    """What can go either way tells most."""
    assert uncertainty(0.5) == 1.0
    assert uncertainty(0.5) > uncertainty(0.9) > uncertainty(0.99) > uncertainty(1.0) == 0.0


def test_a_second_search_waits_its_turn(lite: CRM) -> None:
    """While one is under way another is refused; a stopped one ends without a result."""
    add(lite, "Ada Lovelace")
    running = lite.run(SYSTEM, "quality.search.begin", {"kind": "full"})
    with pytest.raises(Conflict, match="under way"):
        lite.run(SYSTEM, "quality.duplicates.search", {})
    lite.run(SYSTEM, "quality.duplicates.stop")
    carry_out(lite, running)
    (run,) = searches(lite)
    assert (run.state, run.found) == ("stopped", 0)
    lite.run(SYSTEM, "quality.duplicates.search", {})
    lite.worker().run_until_idle()
    assert [each.state for each in searches(lite)] == ["stopped", "done"]


def test_a_search_says_how_far_it_is(lite: CRM) -> None:
    """Its share grows to the whole."""
    for number in range(30):
        add(lite, f"Ada Lovelace {number % 3}", **ADA)
    shares: list[float] = []
    carry_out(lite, lite.run(SYSTEM, "quality.search.begin", {"kind": "full"}), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_makes_a_search_fail_is_noted(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search says so, and another one can begin."""

    def broken(*_given: Any, **_named: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("crmkit_quality.matching.find_pairs", broken)
        with pytest.raises(ZeroDivisionError):
            search(lite)
    (run,) = searches(lite)
    assert (run.state, run.error) == ("failed", "ZeroDivisionError")
    search(lite)


def test_a_search_whose_process_died_is_begun_anew(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some minutes without a sign of life a worker takes it up."""
    add(lite, "Ada Lovelace", **ADA)
    lite.run(SYSTEM, "quality.search.begin", {"kind": "full"})
    lite.worker().run_until_idle()
    assert [each.state for each in searches(lite)] == ["running"]
    monkeypatch.setattr("crmkit_quality.duplicates.listening.ALIVE", timedelta(0))
    with lite.transaction(SYSTEM) as session:
        from crmkit_quality.duplicates.listening import look_after

        look_after(session, session.gate.clock.now())
    lite.worker().run_until_idle()
    assert [each.state for each in searches(lite)] == ["done"]


def test_it_is_known_whether_anything_has_changed(quality: CRM) -> None:
    """A new customer, a changed one and a deleted one make the last search old."""
    one = add(quality, "Ada Lovelace", **ADA)
    for operation, values, target in (
        ("customer.create", {"name": "Grace Hopper"}, None),
        ("customer.update", {"city": "Paris"}, one),
        ("contact_point.add", {"kind": "email", "value": "ada@example.com"}, one),
        ("customer.delete", {}, one),
    ):
        search(quality)
        with quality.session(SYSTEM) as session:
            assert up_to_date(session)
        quality.run(SYSTEM, operation, values, target=target)
        with quality.session(SYSTEM) as session:
            assert not up_to_date(session)


def test_the_index_is_built_when_the_plugin_is_enabled(crm: CRM) -> None:
    """Customers who are there already are put into it by workers, and its digests say nothing."""
    one = add(crm, "Ada Lovelace", email="ada@analytical.example", **ADA)
    crm.enable("quality")
    crm.worker().run_until_idle()
    with crm.session(SYSTEM) as session:
        found = list(session.scalars(select(Key).where(Key.customer_id == one)))
    assert len(found) > 2
    crm.run(SYSTEM, "customer.remove", {}, target=one)
    with crm.session(SYSTEM) as session:
        assert session.scalars(select(Key)).all() == []


def test_of_what_was_learnt_the_last_is_kept(lite: CRM) -> None:
    """It is sealed, and no more than three are there."""
    add(lite, "Ada Lovelace", **ADA)
    for number in range(5):
        add(lite, f"Grace Hopper {number}")
        search(lite)
    with lite.session(SYSTEM) as session:
        held = list(session.scalars(select(Learnt)))
        assert len(held) == 3
        assert searching.newest_model(session).of("person").customers == last_search(session).customers
    with lite.engines.system_read.connect() as connection:
        from sqlalchemy import text

        (raw,) = connection.execute(text("SELECT document FROM quality_model LIMIT 1")).one()
    assert b"person" not in bytes(raw)
