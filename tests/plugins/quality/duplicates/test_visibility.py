"""Pairs of customers whom somebody does not see look nonexistent: in lists, counts, the API, panels, cards, the review,
operations, at entry and on the command line's search figures."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_quality.duplicates.automatic import plan_automatic
from crmkit_quality.duplicates.entry import match_customers
from crmkit_quality.duplicates.models import Key, Pair, Search
from crmkit_quality.duplicates.pages import customer_panels, merges, to_review
from crmkit_quality.duplicates.reading import counts, search_status
from sqlalchemy import func, select

from crmkit.core.customers.models import Customer
from crmkit.core.store.actor import Actor
from crmkit.errors import NotFound, Refused
from crmkit.hooks.contributions import Probe
from tests.plugins.quality.duplicates.conftest import SYSTEM, House, both, pairs, search


@pytest.fixture
def searched(house: House) -> House:
    """The house after a search: three pairs, of which each seller sees those of the own customers alone."""
    house.crm.worker().run_until_idle()
    search(house.crm)
    assert len(pairs(house.crm)) == 3
    return house


def foreign_pair(house: House) -> Any:
    """Return a pair of which sam sees one side alone."""
    return next(pair for pair in pairs(house.crm) if house.foreign in both(pair))


def test_lists_and_counts_have_pairs_of_seen_customers_alone(searched: House) -> None:
    """Sam sees the pair of his two records; sid, who has one of the three, sees none; a manager of another team
    neither."""
    sam, sid = searched.actor("sam"), searched.actor("sid")
    assert [both(pair) for pair in pairs(searched.crm, sam)] == [{searched.own, searched.twin}]
    assert pairs(searched.crm, sid) == []
    for actor, number in ((sam, 1), (sid, 0), (searched.actor("ada"), 3)):
        with searched.crm.session(actor) as session:
            assert counts(session).waiting == number
            assert session.scalar(select(func.count(Pair.id))) == number
            assert sum(len(each.members) for each in plan_automatic(session)) in {0: (0,), 1: (0, 2), 3: (0, 3)}[number]


def test_the_api_and_the_pages_show_no_foreign_pair(searched: House) -> None:
    """Neither as a record, nor in a list, nor in a filter, nor by its page, nor by an operation on it."""
    pair = foreign_pair(searched)
    client = searched.web.client("sam")
    shown = client.get("/records/quality.pair").text
    assert str(searched.foreign) not in shown
    assert client.get(f"/records/quality.pair/{pair.id}").status_code == 404
    assert client.get(f"/modules/quality/duplicates/review?pair={pair.id}").status_code == 404
    listed = client.inner.get("/api/v1/quality.pair", headers={"Accept": "application/json"})
    assert str(pair.id) not in listed.text
    with pytest.raises(NotFound):
        searched.crm.run(searched.actor("sam"), "quality.pair.distinct", {}, target=pair.id)
    overview = client.get("/modules/quality/duplicates").text
    assert str(pair.id) not in overview


def test_panels_and_cards_name_nobody_unseen(searched: House) -> None:
    """Beside a customer stand the duplicates that the viewer sees."""
    for login, rows in (("sam", 1), ("ada", 2)):
        with searched.crm.session(searched.actor(login)) as session:
            (panel,) = customer_panels(session, [searched.own])
            assert len(panel.rows) == rows
    with searched.crm.session(searched.actor("sid")) as session:
        assert customer_panels(session, [searched.foreign, searched.own]) == []
        assert list(to_review(session)) == []


def test_nobody_is_matched_whom_one_does_not_see(searched: House) -> None:
    """A probe finds the seller's own records, and none of others; the index cannot be asked past it."""
    probe = Probe(name="Ada Lovelace", contacts=[("email", "ada@analytical.example")], details={"city": "London"})
    for login, found in (("sam", {searched.own, searched.twin}), ("sid", {searched.foreign})):
        with searched.crm.session(searched.actor(login)) as session:
            assert {match.customer_id for match in match_customers(session, [probe])} <= found
            assert set(session.scalars(select(Key.customer_id))) <= set(session.scalars(select(Customer.id)))
    with searched.crm.session(Actor.visitor(customer_id=None, rights=("customer.create",))) as session:
        assert match_customers(session, [probe]) == []


def test_figures_of_searches_are_for_who_sees_all(searched: House) -> None:
    """How many customers and pairs there are in all is not told to others."""
    for login, told in (("sam", None), ("ada", 3)):
        with searched.crm.session(searched.actor(login)) as session:
            status = search_status(session)
            assert (status.state, status.pairs) == ("done", told)
            assert session.scalars(select(Search)).all() == []


def test_who_sees_one_side_alone_tells_nobody_apart(searched: House) -> None:
    """A customer that is not seen is none."""
    with pytest.raises(NotFound):
        searched.crm.run(
            searched.actor("sam"),
            "quality.duplicates.apart",
            {"first_id": searched.own, "second_id": searched.foreign},
        )


def test_rights_are_asked_for(searched: House) -> None:
    """An analyst sees pairs and decides nothing; a seller does not merge; the public sees nothing."""
    (pair,) = pairs(searched.crm, searched.actor("sam"))
    with pytest.raises(Refused):
        searched.crm.run(searched.actor("ann"), "quality.pair.distinct", {}, target=pair.id)
    with pytest.raises(Refused):
        searched.crm.run(searched.actor("sam"), "quality.pair.merge", {}, target=pair.id)
    with pytest.raises(Refused):
        searched.crm.run(searched.actor("sam"), "quality.duplicates.search", {})
    assert searched.web.client("sam").get("/modules/quality/duplicates/automatic").status_code == 404
    assert searched.web.client().get("/modules/quality/duplicates").status_code in (303, 401)


def test_merges_of_others_are_not_listed(searched: House) -> None:
    """What became of customers whom somebody does not see is not told, nor undone."""
    pair = foreign_pair(searched)
    searched.crm.run(SYSTEM, "quality.pair.merge", {"survivor": searched.foreign}, target=pair.id)
    with searched.crm.session(SYSTEM) as session:
        (note,) = merges(session)["merges"]
    with searched.crm.session(searched.actor("sam")) as session:
        assert merges(session)["merges"] == []
    with pytest.raises((NotFound, Refused)):
        searched.crm.run(searched.actor("sam"), "quality.merge.undo", {}, target=note.note.id)
