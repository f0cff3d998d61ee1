"""The rehearsal of an import: what would become of each row, told before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.exchange.api import ImportOptions, plan_import, rehearse_import
from crmkit.exchange.outcomes import RowOutcome, cells_of, summary
from tests.exchange.importing import ACTOR, count, load


@pytest.fixture
def lite(templates: Any, tmp_path: Path) -> Iterator[CRM]:
    """A CRM on SQLite, for what does not depend on the database."""
    crm = CRM.open(str(templates.copy("sqlite", tmp_path)))
    yield crm
    crm.close()


def told(crm: CRM, path: Path, actor: Actor = ACTOR, **options: Any) -> list[RowOutcome]:
    """Return what would become of the rows of a file."""
    found: list[RowOutcome] = []
    rehearse_import(crm, actor, plan_import(crm, path, ImportOptions(**options)), details=found.append)
    return found


def test_changes_are_told_field_by_field_and_nothing_is_kept(crm: CRM, make: Callable[..., Path]) -> None:
    """Before and after of each field that would change; contact points, tags and custom fields among them."""
    load(
        crm,
        make("Name,Email,City,Tags,custom.Shoe\nAnn,ann@example.org,Köln,a,38\n", "old.csv"),
        make_fields=True,
    )
    path = make("Name,Email,Phone,City,Tags,custom.Shoe\nAnn,ann@example.org,+49 221 2211,Bonn,b,39\n", "new.csv")
    (one,) = told(crm, path, on_duplicate="update")
    changes = {change.field: (change.before, change.after) for change in one.changes}
    assert one.result == "updated"
    assert one.met == "the same e-mail address"
    assert {
        "city": ("Köln", "Bonn"), "tags": ("a", "b"), "custom.shoe": ("38", "39"), "phone": ("", "+492212211"),
    } == changes  # fmt: skip
    assert [] == [one for one in told(crm, path) if one.changes]
    assert 1 == count(crm)
    assert "city: Köln → Bonn" in summary(one)


def test_whom_a_row_repeats_and_why(lite: CRM, make: Callable[..., Path]) -> None:
    """A known customer is named with the reason; a row of the same file by its line, also of an earlier batch."""
    load(lite, make("id,Name,Phone\n7,Ann,+49 221 2211\n", "old.csv"))
    lines = [f"{number},Person {number},p{number}@example.org" for number in range(100, 2200)]
    path = make("\n".join(["id,Name,Email", "7,Anna,", *lines, "100,Person again,", ",X,p2199@example.org"]) + "\n")
    found = {one.line: one for one in told(lite, path)}
    assert ("duplicate", "the same id in the other system", "Ann") == (found[2].result, found[2].met, found[2].customer)
    assert ("duplicate", 3) == (found[2103].result, found[2103].met_line)
    assert ("duplicate", 2102) == (found[2104].result, found[2104].met_line)
    assert 2100 == sum(one.result == "created" for one in found.values())
    report = load(lite, path)
    assert (2100, 3) == (report.created, report.duplicates)


def test_rejected_rows_and_cells_that_are_left_out_say_why(lite: CRM, make: Callable[..., Path]) -> None:
    """Reasons are told in the reader's language."""
    path = make("Name,Email,Birthday\nAnn,nope,1990-01-01\nBen,ben@example.org,19371233\n")
    first, second = told(lite, path, language="zh_Hans")
    assert first.result == "rejected"
    assert first.reasons
    assert second.result == "created"
    assert any("1937" in text for text in second.left_out)
    assert not any("{" in text for text in (*first.reasons, *second.left_out))


def test_who_may_not_see_a_value_sees_it_masked(sqlite_team: Any, make: Callable[..., Path]) -> None:
    """A change of what is sealed is told, and not what it was."""
    crm, clerk = sqlite_team
    load(crm, make("Name,Email,Identity number\nAnn,ann@example.org,ID-1234567\n", "old.csv"), owner="clerk")
    path = make("Name,Email,Identity number\nAnn,ann@example.org,ID-7654321\n", "new.csv")
    (one,) = told(crm, path, actor=clerk, on_duplicate="update")
    (change,) = [change for change in one.changes if change.field == "identity_number"]
    assert "1234567" not in change.before


@pytest.fixture
def sqlite_team(lite: CRM) -> tuple[CRM, Actor]:
    """A CRM with a clerk who may import and change customers, and see nothing that is sensitive."""
    with lite.transaction(lite.system("making a clerk")) as session:
        role = session.run("role.create", {"name": "clerk", "title": "Clerk"})
        for permission in ("import.run", "customer.create", "customer.read", "customer.update", "customer.bulk"):
            resource, _dot, action = permission.rpartition(".")
            scope = {"resource": resource, "action": action, "scope": "all"}
            session.run("role.grant", scope, target=role.id)
        user = session.run("user.create", {"login": "clerk", "name": "Clerk"})
        session.run("user.assign_role", {"role": "clerk"}, target=user.id)
        return lite, Actor.user(user.id, "Clerk")


def test_cells_of_a_table_start_no_formula() -> None:
    """What a spreadsheet would compute is guarded, and a JSON form gives the same outcome back."""
    one = RowOutcome(line=2, result="created", name="=1+1", left_out=("x",))
    assert "'=1+1" == cells_of(one)[2]
    assert one == RowOutcome.of_document(one.document())
