"""A search finds what its reader may see, and tells nothing of the rest."""

from __future__ import annotations

import pytest

from crmkit import CRM
from crmkit.engines.search.searching import FIRST
from tests.engines.search.support import ACTOR, customer, found, note, open_notes, results
from tests.security.world import World, build, role, user


@pytest.fixture
def world(crm: CRM) -> World:
    """Two teams with a customer each, and notes about them."""
    made = build(crm)
    open_notes(crm)
    return made


def test_foreign_records_are_not_found(crm: CRM, world: World) -> None:
    """Neither customers nor what was said with them; whoever may see both finds both."""
    note(crm, "wants a quotation", customer_id=world.mine)
    theirs = note(crm, "wants a quotation", customer_id=world.foreign)
    assert [world.mine] == found(crm, "ltd", actor=world.nora)
    assert {world.mine, world.foreign} == set(found(crm, "ltd", actor=world.manager))
    assert theirs not in found(crm, "quotation", actor=world.nora)
    assert theirs in found(crm, "quotation", actor=world.sven)


def test_foreign_records_do_not_take_places(crm: CRM, world: World) -> None:
    """The limit is of what is seen, however many better ones there are."""
    for number in range(30):
        customer(crm, f"Tea {number}", owner_id=world.sven.user_id, team_id=world.south)
    mine = customer(crm, "A long name about tea and more", owner_id=world.nora.user_id, team_id=world.north)
    assert [mine] == found(crm, "tea", actor=world.nora, limit=5)


def test_many_foreign_records_do_not_hide_those_below_them(crm: CRM, world: World) -> None:
    """Whoever sees little of what a text finds gets all of that, in its order, however far down it is."""
    mine = {"owner_id": world.nora.user_id, "team_id": world.north}
    theirs = {"owner_id": world.sven.user_id, "team_id": world.south}
    last = customer(crm, "A very long name about tea and more", **mine)
    first = customer(crm, "A name about tea", **mine)
    crm.run_many(ACTOR, "customer.create", [{"name": f"Tea {number}", **theirs} for number in range(FIRST * 6)])
    assert [first, last] == found(crm, "tea", actor=world.nora, limit=5)
    assert [first] == found(crm, "tea", actor=world.nora, limit=1)
    assert [1.0] == [hit.score for hit in results(crm, "tea", actor=world.nora, limit=1).hits]


def test_foreign_words_do_not_stand_in_the_way_of_misspelt_ones(crm: CRM, world: World) -> None:
    """Whoever misspells a word on purpose does not learn that others have it as it was typed."""
    mine = note(crm, "about zebrafish and plums", customer_id=world.mine)
    other = note(crm, "about plums", customer_id=world.mine)
    before = found(crm, "zebrafisk plums", actor=world.nora)
    note(crm, "about zebrafisk", customer_id=world.foreign)
    assert before == found(crm, "zebrafisk plums", actor=world.nora)
    assert {mine, other} == set(before)


def test_exact_address_of_a_foreign_customer_finds_nothing(crm: CRM, world: World) -> None:
    """Foreign and unknown look alike."""
    customer(crm, "Hidden", email="hidden@example.com", owner_id=world.sven.user_id, team_id=world.south)
    assert [] == found(crm, "hidden@example.com", actor=world.nora)
    assert 1 == len(found(crm, "hidden@example.com", actor=world.sven))


def test_private_notes_are_their_authors(crm: CRM, world: World) -> None:
    """A record rule narrows what is found."""
    written = note(crm, "a secret plan", actor=world.nora, customer_id=world.mine, visibility="private")
    assert [written] == found(crm, "plan", actor=world.nora)
    assert [] == found(crm, "plan", actor=world.manager)


def test_who_may_not_read_names_does_not_find_by_them(crm: CRM) -> None:
    """Not by the name, not by its beginning, not by a misspelling; by what is not personal, with the name masked."""
    role(crm, "counter", [("customer", "read", "all")], levels={"personal": "masked"})
    masked = user(crm, "mia", "counter")
    who = customer(crm, "Annabella Berg", tags=["vip"])
    for text in ("annabella", "annab", "anabella", '"annabella berg"', "Annabella Berg"):
        assert [] == found(crm, text, actor=masked)
    (hit,) = results(crm, "vip", actor=masked).hits
    assert f"customer:{who}" == hit.ref
    assert "Berg" not in hit.title
    assert "" == hit.snippet


def test_who_sees_nothing_finds_nothing(crm: CRM) -> None:
    """A user without any right."""
    customer(crm, "Anna Berg", tags=["vip"])
    assert [] == found(crm, "vip berg", actor=user(crm, "nobody"))
    assert 1 == len(found(crm, "vip berg", actor=ACTOR))
