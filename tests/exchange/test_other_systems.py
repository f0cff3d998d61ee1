"""Exports of other systems: recognised by their headings, imported with what they mean, the rest left out for a
reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_sales.pipelines.importing import IMPORTS

from crmkit.app import CRM
from crmkit.exchange.api import ImportOptions, plan_import
from crmkit.exchange.declared import Declared
from crmkit.exchange.mapping import guess_resource, settle_columns, table_of
from crmkit.exchange.systems.recognition import known_tables, recognise
from tests.exchange.importing import contacts, customers, figures, load
from tests.exchange.others import FOREIGN, Foreign

HEADINGS = Path(__file__).parent.parent / "data" / "import-samples" / "headings.json"


@pytest.fixture
def lite(templates: Any, tmp_path: Path) -> Iterator[CRM]:
    """A CRM on SQLite, for what does not depend on the database."""
    crm = CRM.open(str(templates.copy("sqlite", tmp_path)))
    yield crm
    crm.close()


@pytest.mark.parametrize("export", FOREIGN.values(), ids=FOREIGN)
def test_a_messy_export_is_recognised_and_imported(lite: CRM, make: Callable[..., Path], export: Foreign) -> None:
    """Whose export it is, what becomes of its rows, and what a row holds afterwards, without a word from anybody."""
    path = make(export.content, export.name)
    plan = plan_import(lite, path)
    assert plan.recognised is not None
    assert (export.system, export.rows, export.system) == (
        plan.recognised.system, plan.recognised.rows, plan.options.source,
    )  # fmt: skip
    assert set(export.ignored) <= set(plan.unmapped)
    assert [] == [one.column for one in plan.columns if one.column in export.ignored and one.reason is None]
    report = load(lite, path, make_fields=True)
    assert (export.created, export.rejected) == (report.created, report.rejected), dict(report.reasons)
    found = customers(lite)
    one = found[export.of]
    assert export.kind == one.kind
    assert dict(export.fields) == {name: getattr(one, name) for name in export.fields}
    assert set(export.points) <= {point[:2] for point in contacts(lite, export.of)}
    named = {each.id: name for name, each in found.items()}
    assert export.organization == (named[one.parent_id] if one.parent_id else None)


@pytest.mark.parametrize("export", [FOREIGN["fxiaoke-customers"], FOREIGN["salesforce-contacts"]], ids=["zh", "en"])
def test_rows_that_were_deleted_there_are_not_imported(lite: CRM, make: Callable[..., Path], export: Foreign) -> None:
    """They are reported as rejected, by the column that says it."""
    report = load(lite, make(export.content, export.name), make_fields=True)
    assert {"The row says that it was deleted.": 1} == dict(report.reasons)
    assert report.rejected_file is not None


def test_custom_fields_are_made_only_by_consent(lite: CRM, make: Callable[..., Path]) -> None:
    """What a system has and crmkit has not is proposed as a custom field; without consent its column is left out."""
    export = FOREIGN["salesforce-chinese"]
    path = make(export.content, export.name)
    assert {"account_type", "notes"} == {one.name for one in plan_import(lite, path).new_fields}
    load(lite, path)
    assert {} == dict(lite.business().custom_fields.get("customer", {}))


def test_an_id_of_the_system_is_the_external_id(lite: CRM, make: Callable[..., Path]) -> None:
    """An export that comes again brings nobody twice; contacts find the accounts that came before by their id."""
    accounts = "ID,ISDELETED,NAME,BILLINGCITY,OWNERID,SYSTEMMODSTAMP\n001A1,false,Sol SA,Madrid,5,2020-01-01\n"
    load(lite, make(accounts, "accounts.csv"))
    export = FOREIGN["salesforce-contacts"]
    path = make(export.content, export.name)
    load(lite, path)
    again = load(lite, path, again=True)
    assert (2, 0, 0, 1, 1) == figures(again)
    found = customers(lite)
    assert found["Sol SA"].id == found["Inés García"].parent_id


def test_who_wants_no_mail_is_kept_as_consent_withdrawn(lite: CRM, make: Callable[..., Path]) -> None:
    """An opt-out of the other system holds here."""
    from crmkit.core.customers.consents import consents_at

    export = FOREIGN["salesforce-report"]
    load(lite, make(export.content, export.name))
    one = customers(lite)["Bo Li"]
    with lite.session(lite.system("looking in a test")) as session:
        states = consents_at(session, one.id, lite.clock.now())
    told = {(one.purpose, one.channel, one.granted) for one in states.states}
    assert {("marketing", "email", False)} == told


def test_owners_are_taken_where_they_are_known(lite: CRM, make: Callable[..., Path]) -> None:
    """An owner is found by e-mail address, login or name; one who is unknown is no fault."""
    with lite.transaction(lite.system("making a user")) as session:
        ada = session.run("user.create", {"login": "ada", "name": "Ada Admin", "email": "ada@example.org"})
        ada_id = ada.id
    export = FOREIGN["hubspot-contacts"]
    load(lite, make(export.content, export.name), make_fields=True)
    found = customers(lite)
    assert (ada_id, None) == (found["Max Om"].owner_id, found["Zoë Ng"].owner_id)


def test_headings_of_the_samples_are_recognised() -> None:
    """Headings that were found in public exports each name their system and the kind of their rows."""
    found = {name: recognise(headings) for name, headings in json.loads(HEADINGS.read_text("utf-8")).items()}
    told = {name: table.system if table else "" for name, table in found.items()}
    assert {name: name.partition("_")[0] for name in told} == told


@pytest.mark.parametrize("table", known_tables(), ids=lambda each: f"{each.system} {each.rows}")
def test_a_table_with_all_its_headings_is_that_table(table: Any) -> None:
    """Everything that is known of a table leads back to it, every heading to a field or a reason."""
    first = [headings.split("|")[0] for headings in (*table.meanings.values(), *table.ignored.values())]
    columns = list(dict.fromkeys([*first, *(group.split("|")[0] for group in table.needs)]))
    assert table is recognise([*columns, *table.signs.split("|")[:8]])
    assert table.resource == guess_resource([*columns, *table.signs.split("|")[:8]])
    deals = Declared(resource="sales.opportunity", title="Opportunities", imports=IMPORTS)
    settled = settle_columns(deals if table.resource == "deals" else table.resource, columns, {}, table=table)
    assert [] == [column for column, one in settled.items() if one.field is None and one.reason is None]


@pytest.mark.parametrize(
    "headings",
    [["name", "email", "phone"], ["编号", "姓名", "手机", "公司", "职位", "省份", "城市", "地址"], ["a", "b"], []],
)
def test_plain_tables_are_nobodys_export(headings: list[str]) -> None:
    """A table that anybody may have made is not taken for a system's."""
    assert recognise(headings) is None
    assert table_of("customers", headings) is None


def test_parts_of_a_birth_date_and_of_a_street(lite: CRM, make: Callable[..., Path]) -> None:
    """What stands in several columns is put together; a day that the calendar does not have costs the cell alone."""
    path = make(
        "fname_c1,fname_c2,lname_c1,lname_c2,by,bm,bd,record_id,true_id,street_number,address_1,address_2\n"
        "HANS,PETER,MEIER,LANG,1950,2,28,1,9,6,hill st,unit 2\nILSE,,VOGT,,1950,2,31,2,8,,,\n"
    )
    report = load(lite, path)
    assert (2, 2, 0, 0, 0) == figures(report)
    assert [1] == list(report.left_out.values())
    found = customers(lite)
    assert "1950-02-28" == str(found["HANS PETER MEIER LANG"].birth_date)
    assert ("address", "6 hill st, unit 2", None) in contacts(lite, "HANS PETER MEIER LANG")
    assert found["ILSE VOGT"].birth_date is None


def test_cells_that_cannot_be_read_can_be_left_out(lite: CRM, make: Callable[..., Path]) -> None:
    """With that choice a row goes in without the cell, and the report says which cells and why."""
    path = make("Name,Email,Phone,Birthday\nAnn,not one,+1 555 3227 8544,never\nBen,ben@example.org,,1990-01-02\n")
    assert (2, 1, 0, 0, 1) == figures(load(lite, path))
    report = load(lite, path, bad_cells="leave_out", again=True)
    assert (2, 1, 0, 1, 0) == figures(report)
    assert 3 == sum(report.left_out.values())
    assert [] == contacts(lite, "Ann")


def test_a_problem_names_its_field(lite: CRM, make: Callable[..., Path]) -> None:
    """What two columns cannot both fill is named, also where the error is told as single problems."""
    from crmkit.errors import MappingError

    with pytest.raises(MappingError) as caught:
        plan_import(lite, make("A,B\nx,y\n"), ImportOptions(mapping={"A": "name", "B": "name"}))
    (told,) = caught.value.problems
    assert "cannot both fill name" in told.render()
    assert "{field}" not in told.render("zh_Hans")
