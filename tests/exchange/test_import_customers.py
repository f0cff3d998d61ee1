"""Importing customers: files of other programs, duplicates, rejected rows, custom fields."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.errors import CrmkitError, ImportConflict, MappingError, UnreadableFile
from crmkit.exchange.api import ImportOptions, plan_import, rehearse_import, run_import
from tests.exchange.importing import (
    ACTOR,
    by_external_id,
    contacts,
    count,
    customers,
    figures,
    load,
    rows_of,
    write_rows,
)

# --- files of other programs -----------------------------------------------------------------------------------------


def copied(data: Path, name: str, folder: Path) -> Path:
    """Return a copy of a data file, so that rejected rows are written beside the copy."""
    return Path(shutil.copy(data / name, folder))


def test_chinese_customers_arrive_as_they_stand(crm: CRM, data: Path, tmp_path: Path) -> None:
    """All 400 invented customers are imported, every value of every column equal to the file's."""
    path = copied(data, "zh-customers/customers_zh.csv", tmp_path)
    assert figures(load(crm, path)) == (400, 400, 0, 0, 0)
    assert_equal_to(crm, rows_of(path))


@pytest.mark.parametrize("name", ["customers_zh_bom.csv", "customers_zh_gb18030.csv", "customers_zh_utf16.tsv"])
def test_every_encoding_gives_the_same_customers(lite: CRM, data: Path, tmp_path: Path, name: str) -> None:
    """Files in GB18030, UTF-16 and UTF-8 with a mark hold the same 60 customers; nobody has to name the encoding."""
    path = copied(data, f"zh-customers/{name}", tmp_path)
    assert figures(load(lite, path)) == (60, 60, 0, 0, 0)
    assert_equal_to(lite, rows_of(data / "zh-customers/customers_zh.csv")[:60])


def test_traditional_chinese_in_big5(lite: CRM, data: Path, tmp_path: Path) -> None:
    """The Big5 file with traditional headings is imported; ids, phones and postcodes equal those of the others."""
    path = copied(data, "zh-customers/customers_zht_big5.csv", tmp_path)
    assert figures(load(lite, path)) == (58, 58, 0, 0, 0)
    found = by_external_id(lite)
    wanted = {row["id"]: row for row in rows_of(data / "zh-customers/customers_zh.csv")}
    assert found["P0000"].name == "孫淑華"
    assert all(one.identity_number == wanted[id_]["id_card"] for id_, one in found.items())


def assert_equal_to(crm: CRM, wanted: list[dict[str, str]]) -> None:
    """Check every value of every customer against the rows of a file."""
    found = by_external_id(crm)
    with crm.session(ACTOR) as session:
        names = {one.id: one.name for one in session.scalars(select(Customer))}
        points: dict[Any, dict[str, ContactPoint]] = {}
        for point in session.scalars(select(ContactPoint)):
            points.setdefault(point.customer_id, {})[point.kind] = point
    shown = [
        {
            "id": row["id"],
            "name": one.name,
            "mobile": points[one.id]["phone"].value.removeprefix("+86"),
            "company": names[one.parent_id] if one.parent_id else "",
            "title": one.job_title,
            "province": one.province,
            "city": one.city,
            "address": points[one.id]["address"].details["street"],
            "postcode": points[one.id]["address"].details["postal_code"],
            "email": points[one.id]["email"].value,
            "id_card": one.identity_number,
        }
        for row in wanted
        if (one := found[row["id"]])
    ]
    assert wanted == shown


def test_companies_and_people_in_one_table(crm: CRM, data: Path, tmp_path: Path) -> None:
    """Odoo's contacts: three organisations, and the people who belong to them; nobody is made twice."""
    path = copied(data, "import-samples/odoo_customers_contacts.csv", tmp_path)
    assert figures(load(crm, path)) == (8, 8, 0, 0, 0)
    found = customers(crm)
    companies = {name for name, one in found.items() if one.kind == "organization"}
    assert {"Aurora Shelves", "House Sales Direct", "International Wood"} == companies
    house = found["House Sales Direct"].id
    assert {"Yvan Holiday", "Jack Unsworth"} == {name for name, one in found.items() if one.parent_id == house}
    assert found["Michael Mason"].parent_id is None


def test_people_before_their_company(lite: CRM, make: Callable[..., Path]) -> None:
    """A company whose row comes after its people's is filled in, not made a second time."""
    first = make("Name,Company,Is a company\nAnn,Acme,no\n", "first.csv")
    second = make("Name,City,Is a company\nAcme,Leeds,yes\n", "second.csv")
    load(lite, first)
    assert figures(load(lite, second)) == (1, 0, 1, 0, 0)
    found = customers(lite)
    assert {"Ann", "Acme"} == set(found)
    assert ("Leeds", found["Acme"].id) == (found["Acme"].city, found["Ann"].parent_id)


def test_salesforce_accounts(lite: CRM, data: Path, tmp_path: Path) -> None:
    """423 accounts: organisations all of them, postcodes keep their zeros, what is no phone number comes back."""
    path = copied(data, "import-samples/salesforce_account.csv", tmp_path)
    report = load(lite, path, source="salesforce")
    assert report.read == 423
    assert report.created + report.rejected == 423
    assert report.rejected_file is not None
    reasons = {row["_column"] for row in rows_of(report.rejected_file)}
    assert {"PHONE"} == reasons
    found = by_external_id(lite)
    assert {"organization"} == {one.kind for one in found.values()}
    assert "08035" in {
        address
        for _kind, address, _label in contacts(lite, "The Rhombus Group")
        for address in address.replace(",", " ").split()
    }


def test_short_rows_and_numbers_that_are_none(lite: CRM, data: Path, tmp_path: Path) -> None:
    """Outlook's file has short rows and impossible phone numbers; without the phones its contacts are imported, save
    the one that says that it was deleted."""
    path = copied(data, "import-samples/outlook_shared_contacts.csv", tmp_path)
    assert figures(load(lite, path)) == (3, 0, 0, 0, 3)
    phones = (
        "Mobile Phone", "Pager", "Home Phone", "Home Phone 2", "Home Fax", "Business Phone", "Business Phone 2",
        "Business Fax", "Other Phone", "Other Fax",
    )  # fmt: skip
    again = load(lite, path, mapping=dict.fromkeys(phones, ""))
    assert figures(again) == (3, 2, 0, 0, 1)
    wanted = [("email", "adam.glacius@anycom.com"), ("email", "adam.g@example.com"), ("email", "ag@glacius.com")]
    assert wanted == [point[:2] for point in contacts(lite, "Adam Glacius")][:3]


# --- files that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, "program"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, ""),
    ],
)
def test_what_is_no_table_is_one_clear_error(lite: CRM, make: Callable[..., Path], content: bytes, words: str) -> None:
    """An empty file and binary files are refused with one sentence that names the file."""
    path = make(content)
    with pytest.raises(UnreadableFile) as caught:
        plan_import(lite, path, ImportOptions(resource="customers"))
    assert path.name in caught.value.render()
    assert words in caught.value.render()


def test_a_folder_is_one_clear_error(lite: CRM, tmp_path: Path) -> None:
    """A folder is refused by name."""
    with pytest.raises(UnreadableFile, match="folder"):
        plan_import(lite, tmp_path)


def test_200_columns(lite: CRM, make: Callable[..., Path]) -> None:
    """A table of 200 columns without a name is one error that says what is missing."""
    path = make(",".join(f"c{number}" for number in range(200)) + "\n" + ",".join("x" * 200) + "\n")
    with pytest.raises(MappingError, match="No column fills: name"):
        plan_import(lite, path, ImportOptions(resource="customers"))


# --- mapping ---------------------------------------------------------------------------------------------------------


def test_two_columns_for_one_field_are_refused(lite: CRM, make: Callable[..., Path]) -> None:
    """A person who maps two columns to one field is told so, with both columns."""
    path = make("A,B\nx,y\n")
    with pytest.raises(MappingError, match='"A" and "B" cannot both fill name'):
        plan_import(lite, path, ImportOptions(mapping={"A": "name", "B": "name"}))


def test_a_misspelt_field_is_suggested(lite: CRM, make: Callable[..., Path]) -> None:
    """An unknown field suggests the one that was meant."""
    with pytest.raises(MappingError, match='Did you mean "email"'):
        plan_import(lite, make("A,Name\nx,y\n"), ImportOptions(resource="customers", mapping={"A": "emial"}))


def test_a_column_can_be_ignored(lite: CRM, make: Callable[..., Path]) -> None:
    """An empty field leaves a column out; it is reported as unmapped."""
    plan = plan_import(lite, make("Name,City\nAnn,Leeds\n"), ImportOptions(mapping={"City": ""}))
    assert (plan.unmapped, plan.mapped) == (("City",), {"Name": "name"})


def test_german_headings_by_hand(lite: CRM, make: Callable[..., Path]) -> None:
    """What no heading says is mapped by hand."""
    load(lite, make("Firma,Ort\nMüller GmbH,Köln\n"), mapping={"Firma": "name", "Ort": "city"}, kind="organization")
    found = customers(lite)["Müller GmbH"]
    assert (found.kind, found.city) == ("organization", "Köln")


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [(("31.12.1980", "03.04.1981"), "1981-04-03"), (("12/31/1980", "03/04/1981"), "1981-03-04")],
)
def test_the_column_settles_the_order_of_dates(
    lite: CRM, make: Callable[..., Path], cells: tuple[str, str], wanted: str
) -> None:
    """Whether the day or the month comes first is told by the whole column."""
    load(lite, make(f"Name,Birthday\nAnn,{cells[0]}\nBen,{cells[1]}\n"))
    assert wanted == str(customers(lite)["Ben"].birth_date)


def test_doubtful_dates_are_refused_and_can_be_settled(lite: CRM, make: Callable[..., Path]) -> None:
    """A column that does not settle it is said in the plan; its cells are rejected until the order is stated."""
    path = make("Name,Birthday\nAnn,03/04/1981\n")
    plan = plan_import(lite, path)
    assert any("day or with the month" in note.render() for note in plan.notes)
    assert figures(load(lite, path)) == (1, 0, 0, 0, 1)
    assert figures(load(lite, path, date_order="DMY")) == (1, 1, 0, 0, 0)


# --- duplicates ------------------------------------------------------------------------------------------------------


def test_duplicates_by_identifier_email_and_phone(crm: CRM, make: Callable[..., Path]) -> None:
    """A customer is known again by id, by e-mail in any case, and by phone however it is written; also in one file."""
    load(crm, make("id,name,email,phone\n1,Ann,ann@example.com,+44 7911 123456\n", "a.csv"))
    second = make(
        "id,name,email,phone\n"
        "1,Ann B,,\n"
        "2,Ann C,ANN@EXAMPLE.COM,\n"
        ",Ann,,+447911123456\n"
        "3,Ben,ben@example.com,\n"
        "4,Ben,BEN@example.com,\n",
        "b.csv",
    )
    assert figures(load(crm, second)) == (5, 1, 0, 4, 0)
    assert count(crm) == 2


def test_a_shared_phone_is_no_duplicate_where_all_else_differs(lite: CRM, make: Callable[..., Path]) -> None:
    """Two accounts with the switchboard's number, other names and other ids stay two."""
    text = "id,name,phone\nA1,Acme North,+442079460958\nA2,Acme South,+442079460958\n"
    assert figures(load(lite, make(text))) == (2, 2, 0, 0, 0)


def test_update_changes_the_fields_given(crm: CRM, make: Callable[..., Path]) -> None:
    """With update a known customer gets the values of the file; what the file does not have stays."""
    load(crm, make("id,name,city,job title\n1,Ann,Leeds,Clerk\n2,Ben,York,\n", "a.csv"))
    changed = make("id,city,E-mail 2,name\n1,Bristol,a2@example.com,Ann\n1,Bath,,Ann\n3,Paris,,Cleo\n", "b.csv")
    assert figures(load(crm, changed, on_duplicate="update")) == (3, 1, 2, 0, 0)
    found = customers(crm)
    assert (found["Ann"].city, found["Ann"].job_title) == ("Bath", "Clerk")
    assert contacts(crm, "Ann") == [("email", "a2@example.com", None)]


def test_review_sends_duplicates_back(lite: CRM, make: Callable[..., Path]) -> None:
    """With review a known customer's row comes back with the reason."""
    load(lite, make("name,email\nAnn,ann@example.com\n", "a.csv"))
    report = load(lite, make("name,email\nAnn,Ann@example.com\nBen,ben@example.com\n", "b.csv"), on_duplicate="review")
    assert figures(report) == (2, 1, 0, 0, 1)
    assert report.rejected_file is not None
    (row,) = rows_of(report.rejected_file)
    assert (row["_line"], row["_column"]) == ("2", "email")
    assert "known already" in row["_reason"]


def test_a_double_of_a_refused_row_gets_its_turn(lite: CRM, make: Callable[..., Path]) -> None:
    """When the first of two rows with one e-mail address is refused, the second is imported."""
    text = "name,email,size\nAnn,ann@example.com,99999999999\nAnn,ann@example.com,5\n"
    assert figures(load(lite, make(text))) == (2, 1, 0, 0, 1)


def test_the_same_file_in_the_same_way_is_a_conflict(lite: CRM, make: Callable[..., Path]) -> None:
    """A file that was imported says so, until that is forced."""
    path = make("name,email\nAnn,ann@example.com\n")
    load(lite, path)
    with pytest.raises(ImportConflict, match="before"):
        load(lite, path)
    assert figures(load(lite, path, again=True)) == (1, 0, 0, 1, 0)


# --- rejected rows ---------------------------------------------------------------------------------------------------


def test_rejected_rows_can_be_mended_and_imported(crm: CRM, make: Callable[..., Path]) -> None:
    """Each rejected row says line, column, value and reason; mended, the same file is imported."""
    text = (
        "name,email,birthday\nAnn,ann@,1980-01-01\nBen,ben@example.com,1980-02-30\nCleo,cleo@example.com,1980-01-01\n"
    )
    report = load(crm, make(text))
    assert figures(report) == (3, 1, 0, 0, 2)
    assert report.rejected_file is not None
    bad = rows_of(report.rejected_file)
    wanted = [("2", "email", "ann@"), ("3", "birthday", "1980-02-30")]
    assert wanted == [(row["_line"], row["_column"], row["_value"]) for row in bad]
    assert all(row["_reason"] and row["_code"] for row in bad)
    content = report.rejected_file.read_text(encoding="utf-8-sig")
    mended = make(content.replace('"ann@"', '"ann@example.com"').replace('"1980-02-30"', '"1980-02-28"'), "mended.csv")
    assert figures(load(crm, mended)) == (2, 2, 0, 0, 0)
    assert count(crm) == 3


def test_a_clean_import_leaves_no_file(lite: CRM, make: Callable[..., Path]) -> None:
    """Without rejected rows there is no file of them."""
    path = make("name\nAnn\n")
    report = load(lite, path)
    assert report.rejected_file is None
    assert [path.name] == [file.name for file in path.parent.iterdir() if file.suffix == ".csv"]


def test_a_row_with_a_stray_quote_comes_back(lite: CRM, make: Callable[..., Path]) -> None:
    """A row that cannot be parted into cells comes back as it stood; the others are imported."""
    report = load(lite, make('name,city\nAnn,Leeds\n"Ben" x,York\nCleo,Bath\n'))
    assert figures(report) == (3, 2, 0, 0, 1)
    assert report.rejected_file is not None
    assert rows_of(report.rejected_file)[0]["_value"].strip() == '"Ben" x,York'


# --- custom fields ---------------------------------------------------------------------------------------------------


def test_custom_fields_are_made_with_their_type(crm: CRM, make: Callable[..., Path]) -> None:
    """Columns headed custom.NAME become fields of the type that their cells have; what looks sensitive is."""
    path = make(
        "name,custom.Shoe size,custom.score,custom.since,custom.vip,custom.code,custom.private mail\n"
        "Ann,38,1.5,2020-01-31,yes,007,a@example.com\n"
        "Ben,44,2.25,2021-12-01,no,012,b@example.com\n"
    )
    with pytest.raises(MappingError, match="shoe_size"):
        load(crm, path)
    assert count(crm) == 0
    load(crm, path, make_fields=True)
    known = crm.business().custom_fields["customer"]
    types = {name: (one.type, one.field_class) for name, one in known.items()}
    assert types == {
        "shoe_size": ("integer", "personal"),
        "score": ("decimal", "personal"),
        "since": ("date", "personal"),
        "vip": ("boolean", "personal"),
        "code": ("text", "personal"),
        "private_mail": ("text", "sensitive"),
    }
    ann = customers(crm)["Ann"].custom
    wanted = {"shoe_size": 38, "score": "1.5", "since": "2020-01-31", "vip": True, "code": "007"}
    assert {**wanted, "private_mail": "a@example.com"} == ann


# --- rehearsal -------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_happen_and_writes_nothing(sqlite_crm_url: str, make: Callable[..., Path]) -> None:
    """The whole file is validated and looked up; the database is byte for byte as before."""
    crm = CRM.open(sqlite_crm_url)
    load(crm, make("name,email\nAnn,ann@example.com\n", "first.csv"))
    path = make("name,email,custom.x\nAnn,ann@example.com,1\nBen,ben@,2\nCleo,cleo@example.com,3\n")
    before = content_of(sqlite_crm_url)
    report = rehearse_import(crm, ACTOR, plan_import(crm, path))
    assert figures(report) == (3, 1, 0, 1, 1)
    assert before == content_of(sqlite_crm_url)
    assert not list(path.parent.glob("*.rejected*"))
    assert figures(load(crm, path, make_fields=True)) == (3, 1, 0, 1, 1)
    crm.close()


def content_of(url: str) -> str:
    """Return a hash over everything in a database."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_the_plan_shows_the_first_rows(lite: CRM, make: Callable[..., Path]) -> None:
    """The plan holds the first rows as they would be read, with what is wrong with them."""
    plan = plan_import(lite, make("name,birthday\nAnn,1980-01-31\nBen,yesterday\n"))
    assert [row.values["name"] for row in plan.first_rows] == ["Ann", "Ben"]
    assert str(plan.first_rows[0].values["birth_date"]) == "1980-01-31"
    assert [problem.field for problem in plan.first_rows[1].problems] == ["birthday"]


# --- hygiene ---------------------------------------------------------------------------------------------------------


def test_naughty_names_are_kept_or_refused(lite: CRM, data: Path, tmp_path: Path) -> None:
    """Every naughty string that is UTF-8 is imported unchanged as a name, or refused with a reason."""
    import base64
    import json

    texts = [base64.b64decode(item) for item in json.loads((data / "input-hygiene/blns.base64.json").read_text())]
    names = [text for raw in texts if (text := _decoded(raw)) and text.strip() and len(text) <= 300]
    path = write_rows(tmp_path / "blns.csv", ["id", "name"], [(f"N{at}", name) for at, name in enumerate(names)])
    report = load(lite, path)
    assert len(names) == report.read == report.created + report.rejected
    found = by_external_id(lite)
    different = [name for at, name in enumerate(names) if f"N{at}" in found and found[f"N{at}"].name != name.strip()]
    assert different == []
    assert report.created >= 0.95 * len(names)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def test_errors_are_never_tracebacks(lite: CRM, make: Callable[..., Path]) -> None:
    """Whatever stands in a file, what comes is an error of crmkit or a report."""
    for content in (
        "name\n" + "x" * 5000 + "\n",
        "name\n\x00\n",
        "name,name\na,b\n",
        "name\n",
        "\n\n\n",
        "{}\n",
        "name\n\ud7ff\n",
    ):
        with contextlib.suppress(CrmkitError):
            assert load(lite, make(content), again=True).read >= 0


def test_standard_input(lite: CRM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes from standard input is imported like a file; rejected rows go to the present folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"name,email\nAnn,ann@example.com\nBen,ben@\n")))
    report = load(lite, Path("-"))
    assert figures(report) == (2, 1, 0, 0, 1)
    assert report.rejected_file == tmp_path / "standard-input.rejected.csv"


def test_memory_stays_flat(sqlite_crm_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A late batch of a long import takes no more memory than an early one, and nothing is kept of a batch."""
    import gc
    import tracemalloc

    from crmkit.exchange import importer

    monkeypatch.setattr(importer, "BATCH", 200)
    path = write_rows(tmp_path / "many.csv", ["id", "name"], [(f"{n}", f"Name {n % 50}") for n in range(6000)])
    kept: list[int] = []
    peaks: list[int] = []

    def measure(*_told: object) -> None:
        # What waits for the collector of cycles is neither kept nor needed, and how much that is is chance.
        peaks.append(tracemalloc.get_traced_memory()[1])
        gc.collect()
        kept.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.reset_peak()

    with CRM.open(sqlite_crm_url) as crm:
        plan = plan_import(crm, path)
        tracemalloc.start()
        try:
            run_import(crm, ACTOR, plan, measure)
        finally:
            tracemalloc.stop()
    # The first batches fill what stays for good: compiled statements, the metadata of phone numbers.
    assert len(kept) >= 30
    for measured in (kept, peaks):
        early, late = median(measured[8:14]), median(measured[22:28])
        assert late < 1.1 * early
