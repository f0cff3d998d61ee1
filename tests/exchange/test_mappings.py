"""Mappings that are learned from corrections, kept, named, used again, and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM
from crmkit.errors import AlreadyExists, MappingError
from crmkit.exchange.api import ImportOptions, plan_import
from crmkit.exchange.learning import find_mapping, list_mappings
from tests.exchange.importing import ACTOR, customers, load


@pytest.fixture
def lite(templates: Any, tmp_path: Path) -> Iterator[CRM]:
    """A CRM on SQLite, for what does not depend on the database."""
    crm = CRM.open(str(templates.copy("sqlite", tmp_path)))
    yield crm
    crm.close()


def names(crm: CRM) -> list[str]:
    """Return the names of the mappings."""
    with crm.session(ACTOR) as session:
        return [one.name for one in list_mappings(session)]


def test_a_correction_is_proposed_next_time_with_its_reason(crm: CRM, make: Callable[..., Path]) -> None:
    """What somebody said of a heading fills the field of the next file, and says where that is from."""
    load(crm, make("Name,Zuständig\nAnn,Köln\n", "first.csv"), mapping={"Zuständig": "city"})
    plan = plan_import(crm, make("Name,Zuständig\nBen,Bonn\n", "second.csv"))
    assert {"Name": "name", "Zuständig": "city"} == plan.mapped
    (column,) = [one for one in plan.columns if one.column == "Zuständig"]
    assert column.origin == "learned"
    assert column.reason is not None
    assert "first.csv" in column.reason.render()
    assert names(crm) == ["first"]


def test_a_heading_alone_is_remembered(lite: CRM, make: Callable[..., Path]) -> None:
    """A correction counts for the heading in another table, too; what was ignored stays ignored."""
    load(lite, make("Name,Wo,City\nAnn,Köln,x\n", "first.csv"), mapping={"Wo": "city", "City": ""})
    plan = plan_import(lite, make("E-mail,wo,City\nb@example.org,Bonn,x\n", "other.csv"))
    assert {"E-mail": "email", "wo": "city"} == plan.mapped


def test_the_same_headings_come_before_a_later_correction(lite: CRM, make: Callable[..., Path]) -> None:
    """What was said of this very set of headings counts more than what was said last of one of them."""
    load(lite, make("Name,X\nAnn,a\n", "one.csv"), mapping={"X": "city"})
    load(lite, make("Name,X,Y\nBen,b,c\n", "two.csv"), mapping={"X": "province"})
    assert {"Name": "name", "X": "city"} == plan_import(lite, make("Name,X\nCem,c\n", "three.csv")).mapped


def test_what_is_stated_comes_first(lite: CRM, make: Callable[..., Path]) -> None:
    """No mapping that was kept overrides what somebody says now; a field goes to whoever states it."""
    load(lite, make("Name,X,Y\nAnn,a,b\n", "one.csv"), mapping={"X": "city"})
    path = make("Name,X,Y\nBen,a,b\n", "two.csv")
    assert {"Name": "name", "X": "province"} == plan_import(lite, path, ImportOptions(mapping={"X": "province"})).mapped
    assert {"Name": "name", "Y": "city"} == plan_import(lite, path, ImportOptions(mapping={"Y": "city"})).mapped
    assert {"Name": "name"} == plan_import(lite, path, ImportOptions(mapping={"Name": "name"}, automatic=False)).mapped


def test_nothing_is_kept_where_nothing_was_corrected(lite: CRM, make: Callable[..., Path]) -> None:
    """Saying what was told anyway is no correction."""
    load(lite, make("Name,City\nAnn,Köln\n"), mapping={"Name": "name", "City": "city"})
    assert names(lite) == []


def test_a_mapping_of_a_name_is_used_as_a_whole(lite: CRM, make: Callable[..., Path]) -> None:
    """A named mapping fills what it knows; one that there is not is an error that names those there are."""
    load(lite, make("Name,A,B\nAnn,a,b\n"), mapping={"A": "city", "B": ""}, keep_as="Partner list")
    plan = plan_import(lite, make("Name,A,B,C\nBen,a,b,c\n", "x.csv"), ImportOptions(saved="Partner list"))
    assert {"Name": "name", "A": "city"} == plan.mapped
    with pytest.raises(MappingError, match="Partner list"):
        plan_import(lite, make("Name\nBen\n", "y.csv"), ImportOptions(saved="Other"))


def test_a_name_can_be_changed_and_belongs_to_one(lite: CRM, make: Callable[..., Path]) -> None:
    """Two mappings never have one name."""
    load(lite, make("Name,A\nAnn,a\n", "a.csv"), mapping={"A": "city"})
    load(lite, make("Name,B\nBen,b\n", "a.csv"), mapping={"B": "city"}, again=True)
    assert sorted(names(lite)) == ["a", "a 2"]
    with lite.session(ACTOR) as session:
        one = find_mapping(session, "a")
    with pytest.raises(AlreadyExists):
        lite.run(ACTOR, "import.mapping.rename", {"name": "a 2"}, target=one.id)
    lite.run(ACTOR, "import.mapping.rename", {"name": " Ours "}, target=one.id)
    assert sorted(names(lite)) == ["Ours", "a 2"]


def test_what_is_forgotten_is_not_proposed(lite: CRM, make: Callable[..., Path]) -> None:
    """A mapping that was forgotten says nothing any more."""
    load(lite, make("Name,A\nAnn,a\n", "a.csv"), mapping={"A": "city"})
    with lite.session(ACTOR) as session:
        one = find_mapping(session, "a")
    lite.run(ACTOR, "import.mapping.forget", target=one.id)
    assert {"Name": "name"} == plan_import(lite, make("Name,A\nBen,a\n", "b.csv")).mapped


def test_owner_and_tags_of_those_who_are_added(lite: CRM, make: Callable[..., Path]) -> None:
    """They are given to new customers alone, tags beside those of the file."""
    load(lite, make("Name,Email\nOld,old@example.org\n", "old.csv"))
    with lite.transaction(lite.system("making a user")) as session:
        ada_id = session.run("user.create", {"login": "ada", "name": "Ada", "email": "Ada@example.org"}).id
    path = make("Name,Email,Tags\nOld,old@example.org,x\nNew,new@example.org,y\n", "new.csv")
    load(lite, path, owner="ada@example.org", tags=["fair"], on_duplicate="update")
    with lite.session(ACTOR) as session:
        from sqlalchemy import select

        from crmkit.core.customers.models import Customer

        found = {one.name: (one.owner_id, {tag.name for tag in one.tags}) for one in session.scalars(select(Customer))}
    assert {"Old": (None, {"x"}), "New": (ada_id, {"y", "fair"})} == found
    assert set(customers(lite)) == {"Old", "New"}
    with pytest.raises(MappingError, match="nobody"):
        plan_import(lite, path, ImportOptions(owner="nobody"))
