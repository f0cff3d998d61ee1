"""Taking imports back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.interactions.models import Interaction, Product
from crmkit.errors import ImportConflict
from crmkit.exchange.api import list_imports, revert_import
from tests.exchange.importing import ACTOR, contacts, count, customers, figures, load


def test_what_was_added_is_removed(crm: CRM, make: Callable[..., Path]) -> None:
    """Customers that an import added are gone, with the organisations that they named; others stay."""
    load(crm, make("name,email\nAnn,ann@example.com\n", "a.csv"))
    second = load(crm, make("name,email,company\nBen,ben@example.com,Acme\nCleo,,Acme\n", "b.csv"))
    assert second.import_id is not None
    assert set(customers(crm)) == {"Ann", "Ben", "Cleo", "Acme"}
    report = revert_import(crm, ACTOR, second.import_id)
    assert (report.removed, report.kept) == (3, ())
    assert set(customers(crm)) == {"Ann"}
    assert [info.state for info in list_imports(crm, ACTOR)] == ["reverted", "done"]
    with pytest.raises(ImportConflict, match="before"):
        revert_import(crm, ACTOR, second.import_id)


def test_what_was_changed_or_used_since_stays(crm: CRM, make: Callable[..., Path]) -> None:
    """A customer that somebody changed, and one with a purchase, are kept and listed with the reason."""
    first = load(crm, make("id,name\n1,Ann\n2,Ben\n3,Cleo\n"))
    found = customers(crm)
    crm.run(ACTOR, "customer.update", {"city": "Leeds"}, target=found["Ann"])
    crm.run(ACTOR, "interaction.record", {"kind": "note", "customer_id": found["Ben"].id, "body": "x"})
    assert first.import_id is not None
    report = revert_import(crm, ACTOR, first.import_id)
    assert (report.removed, report.kept_count) == (1, 2)
    assert {(kept.line, kept.reason.render()) for kept in report.kept} == {
        (2, "It was changed since."),
        (3, "It is in use: crm_interaction."),
    }
    assert set(customers(crm)) == {"Ann", "Ben"}


def test_what_was_changed_is_restored(crm: CRM, make: Callable[..., Path]) -> None:
    """Customers that an import changed get back their fields, tags and contact points."""
    load(crm, make("id,name,city,email,tags\n1,Ann,Leeds,ann@example.com,old\n2,Ben,York,,\n", "a.csv"))
    second = load(
        crm,
        make("id,name,city,email,tags,Phone 2\n1,Anna,Paris,anna@example.com,new,+447911123456\n2,Ben,,,,\n", "b.csv"),
        on_duplicate="update",
    )
    assert figures(second) == (2, 0, 2, 0, 0)
    assert len(contacts(crm, "Anna")) == 3
    assert second.import_id is not None
    report = revert_import(crm, ACTOR, second.import_id)
    assert (report.restored, report.kept_count) == (2, 0)
    ann = customers(crm)["Ann"]
    assert ann.city == "Leeds"
    assert contacts(crm, "Ann") == [("email", "ann@example.com", None)]
    with crm.session(ACTOR) as session:
        assert [tag.name for tag in session.get_one(type(ann), ann.id).tags] == ["old"]


def test_purchases_are_reversed_and_can_come_anew(crm: CRM, make: Callable[..., Path]) -> None:
    """Purchases of an import are reversed; the same file can be imported again."""
    load(crm, make("id,name\n1,Ann\n", "a.csv"))
    text = "invoice,occurred_at,customer,sku,quantity,unit_price,currency\nA1,2024-03-01T10:00:00Z,1,S,2,1.50,EUR\n"
    path = make(text, "b.csv")
    first = load(crm, path)
    assert first.import_id is not None
    assert revert_import(crm, ACTOR, first.import_id).reversed == 1
    assert total(crm) == 0
    assert figures(load(crm, path)) == (1, 1, 0, 0, 0)
    assert total(crm) == 300


def total(crm: CRM) -> int:
    """Return the sum of all amounts."""
    with crm.session(ACTOR) as session:
        return sum(amount or 0 for amount in session.scalars(select(Interaction.amount_minor)))


def test_products_are_removed_or_restored(crm: CRM, make: Callable[..., Path]) -> None:
    """Products that an import added are removed, those that it changed get back what they had."""
    load(crm, make("sku,title\nS1,Soap\n", "a.csv"))
    second = load(crm, make("sku,title\nS1,Fine soap\nS2,Brush\n", "b.csv"), on_duplicate="update")
    assert second.import_id is not None
    report = revert_import(crm, ACTOR, second.import_id)
    assert (report.removed, report.restored) == (1, 1)
    assert count(crm, Product) == 1
    with crm.session(ACTOR) as session:
        assert session.scalars(select(Product.title)).all() == ["Soap"]


def test_what_had_to_stay_can_be_taken_back_later(crm: CRM, make: Callable[..., Path]) -> None:
    """Taking an import back again goes on with what was kept; once nothing is left, it is a conflict."""
    first = load(crm, make("id,name,kind\n1,Ann,person\n2,Acme,company\n"))
    assert first.import_id is not None
    child = crm.run(ACTOR, "customer.create", {"name": "Ben", "parent_id": customers(crm)["Acme"].id})
    report = revert_import(crm, ACTOR, first.import_id)
    assert (report.removed, report.kept_count) == (1, 1)
    again = revert_import(crm, ACTOR, first.import_id)
    assert (again.removed, again.kept_count) == (0, 1)
    crm.run(ACTOR, "customer.update", {"parent_id": None}, target=child.id)
    last = revert_import(crm, ACTOR, first.import_id)
    assert (last.removed, last.kept_count) == (1, 0)
    with pytest.raises(ImportConflict, match="before"):
        revert_import(crm, ACTOR, first.import_id)


def test_what_was_restored_is_not_listed_when_the_rest_is_taken_back(crm: CRM, make: Callable[..., Path]) -> None:
    """A customer that has got back what it had is done with."""
    load(crm, make("id,name,city\n1,Ann,Leeds\n2,Ben,York\n", "a.csv"))
    second = load(crm, make("id,name,city\n1,Anna,Paris\n2,Benno,Rome\n", "b.csv"), on_duplicate="update")
    assert second.import_id is not None
    crm.run(ACTOR, "customer.update", {"city": "Ulm"}, target=customers(crm)["Benno"])
    report = revert_import(crm, ACTOR, second.import_id)
    assert (report.restored, report.kept_count) == (1, 1)
    again = revert_import(crm, ACTOR, second.import_id)
    assert (again.restored, [kept.line for kept in again.kept]) == (0, [3])
