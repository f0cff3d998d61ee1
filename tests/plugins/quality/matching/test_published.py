"""A public set with known duplicates is read as anybody would read it in, and its duplicates are found."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from crmkit_quality.matching import clusters, find_pairs
from crmkit_quality.matching.values import Found

from crmkit import CRM, Actor, CustomerProfile, customer_profiles
from crmkit.exchange.api import plan_import, run_import
from crmkit.exchange.options import ImportOptions

FEBRL = Path(__file__).parents[3] / "data" / "dedupe-febrl" / "febrl1.csv"
ACTOR = Actor.system("test")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[CustomerProfile]:
    """Febrl 1 as it is in a base after its import."""
    folder = tmp_path_factory.mktemp("febrl")
    with CRM.init(f"sqlite:///{folder}/febrl.db") as crm:
        report = run_import(crm, ACTOR, plan_import(crm, FEBRL, ImportOptions(resource="customers", source="febrl")))
        assert (report.read, report.created) == (1000, 1000)
        with crm.session(ACTOR) as session:
            return list(customer_profiles(session))


@pytest.fixture(scope="module")
def found(people: list[CustomerProfile]) -> Found:
    """What is found in it."""
    return find_pairs(people)


def person_of(profile: CustomerProfile) -> str:
    """Return the number that says which records are one person: the answer, which is told to nobody but the test."""
    return dict(profile.identifiers)["febrl"].split("-")[1]


def test_febrl_1_is_found_as_published(people: list[CustomerProfile], found: Found) -> None:
    """All 500 pairs and no other, as an unsupervised model of the recordlinkage package finds them."""
    truth = {(one.id, two.id) for one, two in combinations(people, 2) if person_of(one) == person_of(two)}
    pairs = {(pair.first, pair.second) for pair in found.pairs}
    assert len(truth) == 500
    assert len(pairs & truth) / len(pairs) >= 0.998
    assert len(pairs & truth) / len(truth) >= 0.998


def test_few_pairs_are_compared(found: Found) -> None:
    """Of half a million pairs, some hundreds are looked at."""
    assert found.figures.compared < 2000


def test_nobody_is_in_a_cluster_with_another(people: list[CustomerProfile], found: Found) -> None:
    """Each cluster is one person."""
    who = {each.id: person_of(each) for each in people}
    made = clusters(found.pairs, largest=20, weakest=0.9)
    assert len(made) >= 470
    assert [each for each in made if len({who[member] for member in each.members}) > 1] == []
