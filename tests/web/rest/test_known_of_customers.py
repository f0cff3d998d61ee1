"""What is known of customers, over the API: facts, labels, the whole, segments, reports, conditions, search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from crmkit import Actor
from tests.conftest import Templates
from tests.web.conftest import populate
from tests.web.rest.callers import Callers, calling

SYSTEM = Actor.system("tests of what is known")


@pytest.fixture(scope="module")
def api(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """The API of a customer base with purchases, labels and a segment, which tests only read."""
    from crmkit import CRM

    with CRM.open(templates.copy("sqlite", tmp_path_factory.mktemp("known"))) as crm:
        web = populate(crm)
        target = str(web.customers["Wang Lin"])
        bought = [{"kind": "purchase", "customer_id": target, "amount": "12.50", "currency": "CNY"}] * 3
        crm.run_many(SYSTEM, "interaction.record", bought)
        crm.run(SYSTEM, "segment.save", {"name": "regulars", "title": "Regulars", "where": "purchase.count >= 2"})
        crm.run(SYSTEM, "classification.run", {})
        with calling(web) as found:
            yield found


def test_facts_are_read_as_of_a_day(api: Callers) -> None:
    """Today there are three purchases, on an earlier day there was none."""
    path = f"/customer/{api.web.customers['Wang Lin']}/facts"
    before = (date.today() - timedelta(days=3)).isoformat()
    now = api.get("sam", path, names="purchase.count,purchase.net_amount")["facts"]
    then = api.get("sam", path, names="purchase.count", as_of=before, known_at=before)["facts"]
    assert now == {"purchase.count": 3, "purchase.net_amount": {"amount": 3750, "currency": "CNY"}}
    assert then == {"purchase.count": 0}


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026-13-01", "2026-01-01T00:00:00", "99999-01-01", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_is_none_is_refused_by_its_name(api: Callers, wrong: str) -> None:
    """What is no day and no instant with a zone is a mistake of the caller's."""
    answer = api.call("sam", "GET", f"/customer/{api.web.customers['Wang Lin']}/facts", params={"as_of": wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "as_of"


def test_labels_come_with_their_reasons(api: Callers) -> None:
    """Why a customer has a label is told with the facts that decided; in the caller's language."""
    path = f"/customer/{api.web.customers['Wang Lin']}/labels"
    (activity,) = [each for each in api.get("sam", path)["data"] if each["dimension"] == "activity"]
    assert (activity["label"], activity["when"], activity["facts"]["purchase.count"]) == (
        "active",
        "purchase.count > 0",
        3,
    )
    chinese = api.call("sam", "GET", path, headers={"accept-language": "zh-CN"}).json()["data"]
    assert any("\u4e00" <= char <= "\u9fff" for char in chinese[0]["title"])
    assert api.get("sam", f"{path}/history", dimension="activity")["data"][0]["label"] == "active"


def test_the_whole_of_a_customer_in_one_call(api: Callers) -> None:
    """Profile, labels, segments, facts and what happened; what is sealed is masked."""
    found = api.get("sam", f"/customer/{api.web.customers['Wang Lin']}/overview", entries=2)
    assert found["fields"]["name"] == "Wang Lin"
    assert [each["segment"] for each in found["segments"]] == ["regulars"]
    assert found["facts"]["purchase.count"] == 3
    assert len(found["timeline"]) == 2
    assert [each["value"] for each in found["contact_points"]] == ["0****@example.com"]


def test_a_timeline_goes_on_from_page_to_page(api: Callers) -> None:
    """Pages of one entry hold what one page of all does."""
    path = f"/customer/{api.web.customers['Wang Lin']}/timeline"
    whole = [each["ref"] for each in api.get("sam", path)["data"]]
    found, after = [], None
    while True:
        page = api.get("sam", path, limit=1, **({"after": after} if after else {}))
        found += [each["ref"] for each in page["data"]]
        after = page["next"]
        if after is None:
            break
    assert found == whole


def test_a_segment_its_members_and_why(api: Callers) -> None:
    """What a segment comes to, who is in it, and which part of its condition holds for whom."""
    shown = api.get("sam", "/segments/regulars")
    assert (shown["count"], shown["words"]) == (1, "Purchases is at least 2")
    members = api.get("sam", "/segments/regulars/members", count=True)
    assert [each["name"] for each in members["data"]] == ["Wang Lin"]
    assert members["count"] == 1
    other = api.get("sam", f"/segments/regulars/members/{api.web.customers['李秀英']}")
    assert (other["belongs"], other["reasons"][0]["facts"]) == (False, {"purchase.count": 0})
    assert api.call("sam", "GET", f"/segments/regulars/members/{api.web.customers['Sofia Rossi']}").status_code == 404


def test_a_segment_is_previewed_before_it_is_saved(api: Callers) -> None:
    """How many there would be, and who would enter."""
    found = api.post("ada", "/segments/preview", {"name": "regulars", "where": "purchase.count >= 0"}).json()
    assert (found["count"], found["entering"]) == (4, 3)


def test_a_condition_is_checked_while_it_is_written(api: Callers) -> None:
    """The tree and the words of a good one; of another the column, and what was probably meant."""
    good = api.post("sam", "/expressions/check", {"text": "purchase.count >= 3"}, accept_language="zh-CN").json()
    assert good["ok"]
    assert any("\u4e00" <= char <= "\u9fff" for char in good["words"])
    again = api.post("sam", "/expressions/check", {"tree": good["tree"]}).json()
    assert again["text"] == "purchase.count >= 3"
    bad = api.post("sam", "/expressions/check", {"text": "true and purchase.cuont >= 3"}).json()
    assert not bad["ok"]
    assert (bad["problems"][0]["column"], bad["problems"][0]["suggestion"]) == (10, "purchase.count")
    field = api.post("sam", "/expressions/check", {"text": 'city == "上海"', "resource": "customer"}).json()
    assert field["ok"]
    masked = api.post("ann", "/expressions/check", {"text": 'customer.city == "上海"'}).json()
    assert not masked["ok"]


def test_search_finds_what_its_reader_sees(api: Callers) -> None:
    """Words find the reader's customers, and nobody else's."""
    assert [each["title"] for each in api.get("sam", "/search", q="Wang")["data"]] == ["Wang Lin"]
    assert api.get("sam", "/search", q="Rossi")["data"] == []
    assert api.call("sam", "GET", "/search", params={"q": "x", "in": "nothing"}).status_code == 422


def test_a_report_in_every_form(api: Callers) -> None:
    """As JSON, and as files that a browser saves rather than shows."""
    path = "/reports/purchase.summary"
    assert api.get("mia", path)["parameters"][0]["name"] == "period"
    period = {"parameters": {"period": f"{date.today().year}"}}
    made = api.post("mia", f"{path}/run", period).json()
    assert made["totals"] is not None
    begins = {"csv": b"", "html": b"<!", "xlsx": b"PK", "pdf": b"%PDF"}
    for form, start in begins.items():
        answer = api.post("mia", f"{path}/run", {**period, "format": form})
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(start)
        assert "attachment" in answer.headers["content-disposition"]
        assert "sandbox" in answer.headers["content-security-policy"]
    row = made["rows"][-1]["key"]
    column = next(each["name"] for each in made["columns"] if each["drills"])
    behind = api.post("mia", f"{path}/rows", {**period, "row": row, "column": column})
    assert behind.status_code == 200


def test_a_report_that_one_may_not_run_is_refused(api: Callers) -> None:
    """The right is the report's own."""
    assert api.post("sam", "/reports/audit.admins/run", {}).status_code == 403
    assert api.post("sam", "/reports/no.such/run", {}).status_code == 404


def test_a_dimension_is_counted_and_previewed(api: Callers) -> None:
    """How many have which label, among those whom the reader sees; a change is tried without being made."""
    counts = {each["label"]: each["customers"] for each in api.get("ada", "/dimensions/activity/counts")["data"]}
    assert sum(counts.values()) == 4
    document = api.get("ada", "/dimensions/vip")["definition"]
    assert api.post("ada", "/dimensions/preview", {"definition": document}).json()["moved"] == 0
    assert api.post("ann", "/dimensions/preview", {"name": "vip"}).status_code in (200, 403)


def test_experiments_and_goals(api: Callers) -> None:
    """How many customers an experiment needs; and lists of what there is."""
    plan = api.post("max", "/experiments/plan", {"base": 0.1, "effect": 0.02}).json()
    assert plan["sizes"] == [3841, 3841]
    assert api.get("max", "/experiments")["data"] == []
    assert api.get("max", "/goals")["data"] == []
    assert api.call("max", "GET", "/goals/none").status_code == 404
