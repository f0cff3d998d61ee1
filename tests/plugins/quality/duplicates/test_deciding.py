"""What is decided about pairs: merged with a choice for each field, undone, kept apart, put off; what merges do to
pairs; and merging what is clear."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_quality.duplicates.automatic import plan_automatic
from crmkit_quality.duplicates.models import Pair
from crmkit_quality.duplicates.pages import merges
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.errors import Conflict, InvalidInput, NotFound
from tests.plugins.quality.duplicates.conftest import ADA, SYSTEM, add, both, pairs, search


@pytest.fixture
def twins(quality: CRM) -> tuple[UUID, UUID]:
    """Two records of one person, with a pair that waits."""
    one = add(quality, "Ada Lovelace", email="ada@analytical.example", job_title="Countess", **ADA)
    two = add(quality, "Lovelace, Ada", email="ada@analytical.example", job_title="Programmer", **ADA)
    search(quality)
    return one, two


def customers(crm: CRM) -> dict[UUID, Customer]:
    """Return all customers by their ids."""
    with crm.session(SYSTEM) as session:
        return {each.id: each for each in session.scalars(select(Customer))}


def test_a_merge_takes_the_values_that_were_chosen(quality: CRM, twins: tuple[UUID, UUID]) -> None:
    """Of the first, of the second, or one typed by hand, whoever of the two stays."""
    (pair,) = pairs(quality)
    values: dict[str, Any] = {
        "survivor": pair.second_id,
        "choices": [
            {"field": "job_title", "take": "first"},
            {"field": "city", "take": "value", "value": "Marylebone"},
        ],
    }
    before = customers(quality)[pair.first_id].job_title
    merged = quality.run(SYSTEM, "quality.pair.merge", values, target=pair.id)
    left = customers(quality)
    assert list(left) == [pair.second_id]
    assert (left[pair.second_id].job_title, left[pair.second_id].city) == (before, "Marylebone")
    assert merged.state == "merged"
    assert pairs(quality) == []


def test_a_merge_is_undone_from_the_list(quality: CRM, twins: tuple[UUID, UUID]) -> None:
    """Both are back as they were, and their pair waits again."""
    (pair,) = pairs(quality)
    before = {identity: (each.name, each.job_title) for identity, each in customers(quality).items()}
    quality.run(SYSTEM, "quality.pair.merge", {}, target=pair.id)
    with quality.session(SYSTEM) as session:
        (merge,) = merges(session)["merges"]
    quality.run(SYSTEM, "quality.merge.undo", {}, target=merge.note.id)
    assert {identity: (each.name, each.job_title) for identity, each in customers(quality).items()} == before
    quality.worker().run_until_idle()
    (again,) = pairs(quality)
    assert (again.state, both(again)) == ("open", set(twins))
    with quality.session(SYSTEM) as session:
        assert [each.record.undone for each in merges(session)["merges"]] == [True]


def test_what_is_decided_is_not_decided_twice(quality: CRM, twins: tuple[UUID, UUID]) -> None:
    """Not duplicates can be taken back, a merge by undoing it."""
    (pair,) = pairs(quality)
    quality.run(SYSTEM, "quality.pair.distinct", {}, target=pair.id)
    with pytest.raises(Conflict, match="decided already"):
        quality.run(SYSTEM, "quality.pair.merge", {}, target=pair.id)
    quality.run(SYSTEM, "quality.pair.reopen", {}, target=pair.id)
    quality.run(SYSTEM, "quality.pair.merge", {}, target=pair.id)
    for operation in ("merge", "distinct", "defer", "reopen"):
        with pytest.raises(Conflict):
            quality.run(SYSTEM, f"quality.pair.{operation}", {}, target=pair.id)


def test_a_survivor_is_one_of_the_two(quality: CRM, twins: tuple[UUID, UUID]) -> None:
    """Anybody else is refused, with the field named."""
    (pair,) = pairs(quality)
    with pytest.raises(InvalidInput) as caught:
        quality.run(SYSTEM, "quality.pair.merge", {"survivor": add(quality, "Eve")}, target=pair.id)
    assert [problem.field for problem in caught.value.problems] == ["survivor"]


def test_who_was_told_apart_stays_apart_through_a_merge(quality: CRM) -> None:
    """What was said of an absorbed customer holds for the survivor, and search by search."""
    one, two, three = (add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA) for _number in range(3))
    search(quality)
    assert len(pairs(quality)) == 3
    quality.run(SYSTEM, "quality.duplicates.apart", {"first_id": two, "second_id": three})
    quality.run(SYSTEM, "customer.merge", {"absorb": two}, target=one)
    assert pairs(quality) == []
    quality.worker().run_until_idle()
    search(quality)
    assert pairs(quality) == []


def test_telling_apart_needs_two_customers(quality: CRM) -> None:
    """One of whom there is not, or the same twice, is refused."""
    one = add(quality, "Ada Lovelace")
    with pytest.raises(InvalidInput):
        quality.run(SYSTEM, "quality.duplicates.apart", {"first_id": one, "second_id": one})
    nobody = UUID("00000000-0000-7000-8000-000000000000")
    with pytest.raises(NotFound):
        quality.run(SYSTEM, "quality.duplicates.apart", {"first_id": one, "second_id": nobody})


def test_what_is_clear_is_merged_in_clusters(quality: CRM) -> None:
    """The preview says which; the merge leaves one of each; who contradicts himself is left to be looked at."""
    ids = [add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA) for _number in range(3)]
    add(quality, "Grace Hopper", email="grace@navy.example", birth_date="1906-12-09")
    search(quality)
    with quality.session(SYSTEM) as session:
        (cluster,) = plan_automatic(session)
    assert {member.id for member in cluster.members} == set(ids)
    quality.run(SYSTEM, "quality.duplicates.merge_automatic", {})
    quality.worker().run_until_idle()
    assert len(customers(quality)) == 2
    assert pairs(quality) == []
    with quality.session(SYSTEM) as session:
        assert [each.note.automatic for each in merges(session)["merges"]] == [True, True]


def test_the_settings_guard_the_clusters(quality: CRM) -> None:
    """A cluster is no larger than the settings say."""
    from attrs import evolve

    quality.settings = evolve(quality.settings, options={"quality": {"largest_cluster": 2}})
    for _number in range(3):
        add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    search(quality)
    with quality.session(SYSTEM) as session:
        assert [len(each.members) for each in plan_automatic(session)] == [2]


def test_nothing_is_merged_unless_it_is_asked_for(quality: CRM) -> None:
    """A search alone merges nobody, until the settings say that it does."""
    from attrs import evolve

    for _number in range(2):
        add(quality, "Ada Lovelace", email="ada@analytical.example", **ADA)
    search(quality)
    quality.worker().run_until_idle()
    assert len(customers(quality)) == 2
    quality.settings = evolve(quality.settings, options={"quality": {"merge_automatically": True}})
    search(quality)
    quality.worker().run_until_idle()
    assert len(customers(quality)) == 1


def test_an_erased_customer_leaves_no_pair(quality: CRM, twins: tuple[UUID, UUID]) -> None:
    """Pairs go with either of their customers."""
    quality.run(SYSTEM, "customer.remove", {}, target=twins[1])
    with quality.session(SYSTEM) as session:
        assert session.scalars(select(Pair)).all() == []


def test_open_duplicates_are_a_fact(quality: CRM, twins: tuple[UUID, UUID]) -> None:
    """Each of the two has one, who is alone has none."""
    from crmkit import frame

    alone = add(quality, "Grace Hopper")
    with quality.session(SYSTEM) as session:
        found = {row[0]: row[1] for row in frame(session, ["quality.open_duplicates"]).rows()}
    assert found == {twins[0]: 1, twins[1]: 1, alone: 0}
