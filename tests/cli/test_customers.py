"""Customers and what happened with them, on the command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tests.cli.conftest import Crmkit


@pytest.fixture
def wang(crmkit: Crmkit) -> str:
    """The id of a customer in Shanghai."""
    made = crmkit.json(
        "customer", "add", "name=王小明", "email=Wang@Example.cn", "phone=138 0013 8000", "city=上海", "tags+=vip",
        "identifier_source=shop", "external_id=7",
    )  # fmt: skip
    return str(made["result"]["id"])


def test_a_list_is_filtered_and_sorted(crmkit: Crmkit, wang: str) -> None:
    """Conditions limit a list, and it comes in the order that is asked for."""
    crmkit.ok("customer", "add", "name=Ann", "city=Berlin")
    crmkit.ok("customer", "add", "name=Bob", "city=Berlin")
    found = crmkit.json("customer", "list", "--where", "city=Berlin", "--sort", "-name")["items"]
    assert [item["name"] for item in found] == ["Bob", "Ann"]
    (only,) = crmkit.json("customer", "list", "--where", "city=上海", "--where", "tag=vip")["items"]
    assert (only["id"], only["email"], only["phone"], only["tags"]) == (
        wang,
        "W****@Example.cn",
        "+86****8000",
        ["vip"],
    )
    assert crmkit.json("customer", "list", "--where", "city=Berlin", "--count") == {"count": 2}


def test_pages_follow_each_other(crmkit: Crmkit) -> None:
    """``--after`` goes on where a page ended, until nothing is left."""
    for name in ("A", "B", "C"):
        crmkit.ok("customer", "add", f"name={name}")
    first = crmkit.json("customer", "list", "--limit", "2")
    second = crmkit.json("customer", "list", "--limit", "2", "--after", first["next"])
    names = [item["name"] for page in (first, second) for item in page["items"]]
    assert (names, second["next"]) == (["A", "B", "C"], None)


def test_columns_are_chosen(crmkit: Crmkit, wang: str) -> None:
    """The table has the columns that were asked for, a custom field among them."""
    crmkit.ok("field", "add", "colour", "--type", "choice", "--option", "red")
    crmkit.ok("customer", "edit", wang, "custom.colour=red")
    shown = crmkit.ok("customer", "list", "--columns", "name,custom.colour,tags").out
    assert [line.split() for line in shown.splitlines()] == [["Name", "Colour", "Tags"], ["王小明", "red", "vip"]]
    refused = crmkit("customer", "list", "--columns", "name,colur")
    assert refused.code == 3


@pytest.mark.parametrize(
    "name", ["{id}", "shop:7", "wang@example.cn", "+86 138 0013 8000", "13800138000", "王小明", " 王小明 "]
)
def test_a_customer_has_many_names(crmkit: Crmkit, wang: str, name: str) -> None:
    """Id, source and external id, e-mail, phone and name all name the customer."""
    assert crmkit.json("customer", "show", name.format(id=wang))["id"] == wang


def test_a_name_of_several_is_refused_with_the_candidates(crmkit: Crmkit, wang: str) -> None:
    """Where several customers are meant they are listed, and nothing is done."""
    other = crmkit.json("customer", "add", "name=王小明")["result"]["id"]
    done = crmkit("customer", "edit", "王小明", "city=北京")
    assert (done.code, wang in done.err, other in done.err) == (6, True, True)


def test_everything_is_shown(crmkit: Crmkit, wang: str) -> None:
    """Showing a customer shows contact points, tags, identifiers, relationships and consent."""
    firm = crmkit.json("customer", "add", "kind=organization", "name=Acme")["result"]["id"]
    crmkit.ok("run", "relationship.add", f"other_id={firm}", "kind=employee", "--target", wang)
    crmkit.ok("run", "consent.record", "purpose=newsletter", "channel=email", "--target", wang)
    found = crmkit.json("customer", "show", wang)
    assert [point["kind"] for point in found["contact_points"]] == ["email", "phone"]
    assert found["identifiers"] == [{"source": "shop", "external_id": "7"}]
    assert [(item["other"], item["kind"]) for item in found["relationships"]] == [("Acme", "employee")]
    assert [(item["purpose"], item["granted"]) for item in found["consents"]] == [("newsletter", True)]
    shown = crmkit.ok("customer", "show", wang).out
    assert all(text in shown for text in ("王小明", "W****@Example.cn", "Acme", "newsletter", "vip", "shop"))
    assert "Wang@" not in shown


def test_what_is_masked_is_revealed_for_a_reason(crmkit: Crmkit, wang: str) -> None:
    """``--reveal`` with a reason shows what is sealed, of this customer alone and of the present."""
    crmkit.ok("field", "add", "allergy")
    crmkit.ok("customer", "edit", wang, "birth_date=1990-05-17", "custom.allergy=nuts")
    masked = crmkit.json("customer", "show", wang)
    assert (masked["birth_date"], masked["birthday"], masked["custom"]) == ("****", "05-17", {"allergy": "n****"})
    found = crmkit.json("customer", "show", wang, "--reveal", "--reason", "she asked")
    assert [point["value"] for point in found["contact_points"]] == ["Wang@Example.cn", "+8613800138000"]
    assert (found["birth_date"], found["custom"]) == ("1990-05-17", {"allergy": "nuts"})
    assert crmkit("customer", "show", wang, "--reveal").code == 2
    assert crmkit("customer", "show", wang, "--reveal", "--reason", " ").code == 2
    past = crmkit("customer", "show", wang, "--reveal", "--reason", "x", "--as-of", "2020-01-01")
    assert past.code == 2
    lines = crmkit.json("audit", "list", "--operation", "reveal")["items"]
    assert [line["reason"] for line in lines] == ["she asked"]
    assert "nuts" not in str(lines)


def test_the_past_can_be_read(crmkit: Crmkit, wang: str) -> None:
    """``--as-of`` shows a customer as it stood, ``--history`` what was changed."""
    before = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    crmkit.ok("customer", "edit", wang, "city=杭州")
    now = crmkit.json("customer", "show", wang, "--history")
    past = crmkit.json("customer", "show", wang, "--as-of", before)
    assert (now["city"], past["city"]) == ("杭州", "上海")
    (line,) = [line for line in now["history"] if "city" in line["changes"]]
    assert (line["operation"], line["changes"]["city"]) == ("customer.update", ["上海", "杭州"])
    assert "杭州" in crmkit.ok("customer", "show", wang, "--history").out
    assert crmkit("customer", "show", wang, "--as-of", "2020-01-01").code == 5


def test_changes_are_guarded(crmkit: Crmkit, wang: str) -> None:
    """A version that is no longer the present one is refused, and a key is carried out once."""
    first = crmkit.json("customer", "edit", wang, "city=杭州", "--version", "1", "--key", "k")["result"]
    assert (first["city"], first["version"]) == ("杭州", 2)
    assert crmkit.json("customer", "edit", wang, "city=杭州", "--version", "1", "--key", "k")["result"]["version"] == 2
    assert crmkit("customer", "edit", wang, "city=北京", "--version", "1").code == 6


def test_a_value_is_taken_away(crmkit: Crmkit, wang: str) -> None:
    """``field:=null`` empties a field."""
    assert crmkit.json("customer", "edit", wang, "city:=null")["result"]["city"] is None


def test_what_happened_is_recorded_and_listed(crmkit: Crmkit, wang: str) -> None:
    """An interaction is recorded for a customer by name; lists and the timeline show it in the business's zone."""
    crmkit.ok("interaction", "add", "call", "--customer", "王小明", "--at", "2026-03-31T14:05", "subject=Delivery")
    crmkit.ok("interaction", "add", "note", "--customer", wang, "--at", "2026-04-02", "subject=VIP")
    made = crmkit.json("interaction", "add", "purchase", "--customer", wang, "amount=12.50", "--at", "2026-04-01")
    assert made["result"]["currency"] == "CNY"
    (call,) = crmkit.json("interaction", "list", "--kind", "call")["items"]
    assert (call["customer"], call["occurred_at"]) == ("王小明", "2026-03-31T06:05:00Z")
    assert "2026-03-31 14:05" in crmkit.ok("interaction", "list").out
    since = crmkit.json("interaction", "list", "--customer", wang, "--since", "2026-04-01", "--until", "2026-04-01")
    assert [item["amount"] for item in since["items"]] == [{"amount": "12.50", "currency": "CNY"}]
    entries = crmkit.json("customer", "timeline", wang)["items"]
    assert [entry["kind"] for entry in entries] == ["note", "purchase", "call"]
    assert "12.50 CNY" in crmkit.ok("customer", "timeline", wang).out


def test_streams_come_in_pages(crmkit: Crmkit, wang: str) -> None:
    """The stream and the timeline go on where a page ended, also within one instant."""
    for number in range(3):
        crmkit.ok("interaction", "add", "note", "--customer", wang, "--at", "2026-04-02", f"subject={number}")
    for listing in (["interaction", "list"], ["customer", "timeline", wang]):
        first = crmkit.json(*listing, "--limit", "2")
        second = crmkit.json(*listing, "--limit", "2", "--after", first["next"])
        kept = [item.get("id") or item["ref"] for page in (first, second) for item in page["items"]]
        assert (len(kept), len(set(kept)), second["next"]) == (3, 3, None)


def test_what_has_no_customer_yet_is_listed(crmkit: Crmkit, wang: str) -> None:
    """``--unresolved`` lists what came before its customer was known."""
    crmkit.ok("interaction", "add", "note", "--customer", wang, "subject=known")
    crmkit.ok("interaction", "add", "email", "subject=unknown")
    assert [item["subject"] for item in crmkit.json("interaction", "list", "--unresolved")["items"]] == ["unknown"]


def test_products_are_listed(crmkit: Crmkit) -> None:
    """The catalogue is filtered by category, kind and text, and comes in pages."""
    crmkit.ok("run", "product_category.create", "name=tea")
    (category,) = [crmkit.json("run", "product_category.create", "name=cups")["result"]["id"]]
    for sku, title in (("C1", "Cup"), ("C2", "Big cup"), ("T1", "100% tea")):
        extra = [f"category_id={category}"] if sku.startswith("C") else []
        crmkit.ok("run", "product.create", f"sku={sku}", f"title={title}", *extra)
    assert [item["sku"] for item in crmkit.json("product", "list", "--category", "cups")["items"]] == ["C1", "C2"]
    assert [item["sku"] for item in crmkit.json("product", "list", "--search", "100%")["items"]] == ["T1"]
    first = crmkit.json("product", "list", "--limit", "2")
    assert first["next"] == "C2"
    assert [item["sku"] for item in crmkit.json("product", "list", "--after", "C2")["items"]] == ["T1"]


def test_instants_of_custom_fields_are_shown_as_others_are(crmkit: Crmkit) -> None:
    """In tables they stand in the business's zone to the minute, in JSON in UTC."""
    crmkit.ok("run", "business.configure", "zone=Asia/Shanghai")
    crmkit.ok("field", "add", "seen", "--type", "instant")
    crmkit.ok("customer", "add", "name=Ann", "custom.seen=2026-01-04T02:00:00Z")
    for words in (("list", "--columns", "custom.seen"), ("show", "Ann"), ("show", "Ann", "--as-of", "2999-01-01")):
        assert "2026-01-04 10:00" in crmkit.ok("customer", *words).out
    assert crmkit.json("customer", "show", "Ann")["custom"] == {"seen": "2026-01-04T02:00:00Z"}


def test_a_forged_place_in_the_interactions_is_refused(crmkit: Crmkit) -> None:
    """A place without a time zone is bad input, never an internal error."""
    identity = "0197a1b2-0000-7000-8000-000000000000"
    for after in ("x", identity, f"2011-01-01_{identity}", "2011-01-01T00:00:00+00:00_x"):
        assert crmkit("interaction", "list", "--after", after).code == 3
