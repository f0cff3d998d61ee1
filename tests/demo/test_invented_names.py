"""Invented customers are the same everywhere, look like customers, and can be nobody's address or number."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import phonenumbers
import pytest

from crmkit.demo import dataset, files
from crmkit.demo.names import InventedCustomer, invent

# Ofcom, the Bundesnetzagentur, the Swedish PTS, ACMA, and 555-0100 to 555-0199 of North America.
RESERVED_FOR_DRAMA = re.compile(
    r"\+44(207946|(113|114|116|117|118|121|131|141|151|161)496|191498|292018)0\d{3}"
    r"|\+49(3023125|6990009|4066969|2214710|8999998)\d{3}"
    r"|\+4670174060[5-9]|\+467017406[1-9]\d"
    r"|\+61[2378]5550\d{4}"
    r"|\+1\d{3}55501\d{2}"
)


@pytest.fixture(scope="module")
def everybody() -> list[InventedCustomer]:
    return list(files.invented_customers())


def test_one_customer_is_always_the_same() -> None:
    """The invention is fixed: a change of the lists would rename everybody's demonstration."""
    known = invent(12346, "United Kingdom")
    assert ("Adam Fletcher", "adam.fletcher.12346@example.com", "+441164960138", date(1967, 2, 12), "Leicester") == (
        known.name,
        known.email,
        known.phone,
        known.birth_date,
        known.city,
    )
    chinese = invent(12356, "Portugal")
    assert (
        chinese.name,
        chinese.family_name,
        chinese.given_name,
        chinese.city,
        chinese.province,
        chinese.country,
        chinese.language,
    ) == ("周雪娟", "周", "雪娟", "贵阳", "贵州", "CN", "zh-Hans")


def test_another_process_invents_the_same_people(everybody: list[InventedCustomer]) -> None:
    """Nothing depends on the process: neither hash seeds nor the order of sets."""
    code = (
        "import hashlib; from crmkit.demo import files;"
        "print(hashlib.sha256(repr(list(files.invented_customers())).encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parents[2]
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert hashlib.sha256(repr(everybody).encode()).hexdigest() == other.stdout.strip()


def test_there_is_one_for_each_customer_number(everybody: list[InventedCustomer]) -> None:
    """All 4,372 numbers of the data set have somebody, and hardly two share a name."""
    assert 4372 == len({one.customer for one in everybody}) == len(everybody)
    assert len({one.name for one in everybody}) > 0.98 * len(everybody)


def test_email_addresses_are_unique_and_reserved(everybody: list[InventedCustomer]) -> None:
    """Each has an address of its own, in plain ASCII, at a domain reserved for examples."""
    assert len(everybody) == len({one.email for one in everybody})
    assert {"example.com", "example.org", "example.net"} == {one.email.partition("@")[2] for one in everybody}
    assert all(one.email.isascii() and one.email.islower() and ".." not in one.email for one in everybody)


def test_phone_numbers_are_valid_and_reserved_for_drama(everybody: list[InventedCustomer]) -> None:
    """Each number is valid E.164 of the customer's country, belongs to one person and lies in a reserved range."""
    phones = {one.phone: one.country for one in everybody if one.phone}
    assert len(phones) == sum(one.phone is not None for one in everybody) > 2000
    for phone, country in phones.items():
        number = phonenumbers.parse(phone)
        assert phonenumbers.is_valid_number(number), phone
        assert phone == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert country == phonenumbers.region_code_for_number(number)
        assert RESERVED_FOR_DRAMA.fullmatch(phone), phone


def test_a_third_is_chinese(everybody: list[InventedCustomer]) -> None:
    """Chinese customers have Chinese names, cities and provinces, no telephone; a few have double surnames."""
    chinese = [one for one in everybody if one.country == "CN"]
    assert 0.3 < len(chinese) / len(everybody) < 0.37
    people = [one for one in chinese if one.kind == "person"]
    assert all(one.name == f"{one.family_name}{one.given_name}" for one in people)
    assert all("一" <= letter <= "鿿" for one in chinese for letter in f"{one.name}{one.city}{one.province}")
    assert {"欧阳", "司马", "上官", "诸葛"} == {one.family_name for one in people if len(one.family_name or "") == 2}
    assert {None} == {one.phone for one in chinese}


def test_the_others_live_where_they_buy(everybody: list[InventedCustomer]) -> None:
    """Everybody else has the country of their invoices, and names as Western people write them."""
    published = dataset.customers()
    countries = dataset.countries()
    for one in everybody:
        if one.country != "CN":
            assert countries[published[one.customer]].code == one.country
            if one.kind == "person":
                assert one.name == f"{one.given_name} {one.family_name}"
            assert (one.city is None) == (one.country is None)


def test_one_in_eight_is_an_organisation(everybody: list[InventedCustomer]) -> None:
    """Organisations have a company name, a contact, an industry and a size, and nothing that only people have."""
    organisations = [one for one in everybody if one.kind == "organization"]
    assert 0.1 < len(organisations) / len(everybody) < 0.15
    for one in organisations:
        assert one.name.endswith("有限公司") == (one.country == "CN")
        assert one.contact_name
        assert one.industry
        assert one.size
        assert {None} == {one.family_name, one.given_name, one.gender, one.birth_date, one.occupation}
    assert {None} == {value for one in everybody if one.kind == "person" for value in (one.industry, one.contact_name)}


def test_people_differ_in_what_is_known_of_them(everybody: list[InventedCustomer]) -> None:
    """Two thirds have told their birth date, all have one to three interests, and the sources are mixed."""
    people = [one for one in everybody if one.kind == "person"]
    assert 0.63 < sum(one.birth_date is not None for one in people) / len(people) < 0.7
    assert {1, 2, 3} == {len(one.interests) for one in everybody}
    assert all(len(set(one.interests)) == len(one.interests) for one in everybody)
    assert {"web", "shop", "catalogue", "referral", "fair"} == {one.source for one in everybody}
    assert {"female", "male", None} == {one.gender for one in people}
    # Both genders are about as frequent; the rest has not said.
    told = Counter(one.gender for one in people if one.gender)
    assert 0.45 < told["female"] / told.total() < 0.55


def test_occupation_fits_the_age(everybody: list[InventedCustomer]) -> None:
    """The retired are old and the students young, as far as a birth date is known."""
    for one in everybody:
        if one.birth_date and one.occupation:
            assert (one.occupation in ("retired", "退休")) == (one.birth_date.year <= 1945)
            assert (one.occupation in ("student", "学生")) == (one.birth_date.year >= 1990)


def test_a_country_that_the_sample_does_not_have_gets_an_english_name() -> None:
    """Inventing never fails for want of a list; what is not known stays empty."""
    stranger = invent(12346, "Atlantis")
    assert (stranger.name, stranger.city, stranger.country, stranger.phone) == ("Adam Fletcher", None, None, None)


def test_customers_file_has_everybody(everybody: list[InventedCustomer], tmp_path: Path) -> None:
    """The file of customers has the headings of an import and one line for each, with nothing lost on the way."""
    assert len(everybody) == files.write_customers_csv(tmp_path / "customers.csv")
    with (tmp_path / "customers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == files.CUSTOMER_HEADINGS
    assert [str(one.customer) for one in everybody] == [row["external_id"] for row in rows]
    assert [one.name for one in everybody] == [row["name"] for row in rows]
    assert [one.phone or "" for one in everybody] == [row["phone"] for row in rows]
    assert [one.contact_name or "" for one in everybody] == [row["custom.contact_person"] for row in rows]
    assert [";".join(one.interests) for one in everybody] == [row["interests"] for row in rows]


def test_purchases_and_refunds_files_have_all_lines(tmp_path: Path) -> None:
    """The files hold the lines of the summary, and name only customers and products that the other files hold."""
    summary = dataset.summary()
    assert summary.lines == files.write_purchases_csv(tmp_path / "purchases.csv")
    assert summary.cancelled_lines == files.write_refunds_csv(tmp_path / "refunds.csv")
    assert summary.products == files.write_products_csv(tmp_path / "products.csv")
    with (tmp_path / "purchases.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        assert list(files.PURCHASE_HEADINGS) == next(rows)
        first = next(rows)
        customers = {row[2] for row in rows}
    assert first == ["536365", "2010-12-01T08:26:00+00:00", "17850", "85123A", "6", "2.55", "GBP"]
    assert summary.buyers == len(customers)
    with (tmp_path / "refunds.csv").open(encoding="utf-8", newline="") as file:
        refunds = list(csv.DictReader(file))
    assert all(row["invoice"].startswith("C") and int(row["quantity"]) < 0 for row in refunds)


def test_lists_of_names_have_no_doubles() -> None:
    """A name that stands twice in a list would make doubles likelier; Chinese surnames repeat by frequency only."""
    path = Path(files.__file__).with_name("data") / "people.json"
    people = json.loads(path.read_text(encoding="utf-8"))
    for culture in people["cultures"].values():
        for part in ("female", "male", "family"):
            names = culture[part].split()
            assert len(set(names)) == len(names), names
