"""Plugins, jobs, audit, health, settings, privacy, keys and tokens on the pages of the administration."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.tables import JobRecord
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.errors import Refused
from tests.web.admin.filled import filled
from tests.web.conftest import Web

PAGES = (
    "/admin/users", "/admin/users/new", "/admin/teams", "/admin/teams/new", "/admin/roles", "/admin/roles/new",
    "/admin/roles/seller", "/admin/roles/seller/edit", "/admin/roles/compare", "/admin/access", "/admin/plugins",
    "/admin/plugins/sales", "/admin/plugins/sales/enable", "/admin/settings", "/admin/settings/lists",
    "/admin/settings/fields", "/admin/settings/required", "/admin/settings/rates", "/admin/privacy", "/admin/audit",
    "/admin/jobs", "/admin/health", "/admin/keys", "/admin/tokens",
)  # fmt: skip
ACTS = (
    "/admin/users/new", "/admin/teams/new", "/admin/roles/new", "/admin/roles/seller/apply",
    "/admin/roles/seller/delete", "/admin/plugins/sales/enable", "/admin/plugins/sales/disable",
    "/admin/plugins/sales/purge", "/admin/settings", "/admin/settings/rates", "/admin/privacy/retention",
    "/admin/audit/verify", "/admin/audit/export", "/admin/health/index", "/admin/keys/rotate", "/admin/tokens/revoke",
)  # fmt: skip


@pytest.mark.parametrize("login", ["sam", "mia", "ann"])
def test_there_is_no_administration_without_the_right(sample: Web, login: str) -> None:
    """For whoever administers nothing each page is one that there is not, and so is each act."""
    client = sample.client(login)
    assert {404} == {client.get(path).status_code for path in PAGES}
    assert {404} == {client.post(path).status_code for path in ACTS}
    assert "/admin/" not in client.get("/").text


def test_every_page_says_what_it_is_for(sample: Web) -> None:
    """Each has one heading of the first level and a line below it."""
    client = sample.client("ada")
    for path in PAGES:
        response = client.get(path)
        assert 200 == response.status_code, path
        assert 1 == response.text.count("<h1>"), path
        assert '<p class="lead">' in response.text, path


def test_every_page_is_in_chinese(sample: Web) -> None:
    """Nothing of a page stays English, but for names of things that have none."""
    client = sample.client("ada", language="zh_Hans")
    for path in PAGES:
        page = client.get(path).text
        lead = re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)
        assert lead is not None, path
        assert re.search(r"[\u4e00-\u9fff]", lead[1]), path


# --- plugins ---------------------------------------------------------------------------------------------------------


def test_a_plugin_is_enabled_after_its_plan_was_seen(sqlite_web: Web) -> None:
    """The plan names rights, tables and migrations; confirming it enables just that; disabling keeps the data."""
    client = sqlite_web.client("ada")
    page = client.get("/admin/plugins/sales/enable")
    assert 200 == page.status_code
    assert "sales_opportunity" in page.text
    assert "risk" in page.text
    mark = re.search(r'name="plan" value="([0-9a-f]+)"', page.text)
    assert mark is not None
    assert 409 == client.post("/admin/plugins/sales/enable", {"plan": "0" * 32}).status_code
    assert 303 == client.post("/admin/plugins/sales/enable", {"plan": mark[1]}).status_code
    assert ["enabled"] == [view.state for view in sqlite_web.crm.plugins if view.name == "sales"]
    assert "are kept." in client.get("/admin/plugins/sales/disable").text
    assert 303 == client.post("/admin/plugins/sales/disable").status_code
    assert ["disabled"] == [view.state for view in sqlite_web.crm.plugins if view.name == "sales"]


def test_purging_needs_the_name_typed_and_names_the_rows(sqlite_web: Web) -> None:
    """What would be dropped is counted; a wrong name drops nothing."""
    client, crm = sqlite_web.client("ada"), sqlite_web.crm
    crm.enable("sales")
    assert 404 != client.get("/admin/plugins/sales/purge").status_code
    crm.disable("sales")
    page = client.get("/admin/plugins/sales/purge").text
    rows = re.search(r'name="rows" value="(\d+)"', page)
    assert rows is not None
    wrong = client.post("/admin/plugins/sales/purge", {"typed": "sale", "rows": rows[1]})
    assert 422 == wrong.status_code
    assert ["disabled"] == [view.state for view in crm.plugins if view.name == "sales"]
    assert 303 == client.post("/admin/plugins/sales/purge", {"typed": "sales", "rows": rows[1]}).status_code
    assert ["available"] == [view.state for view in crm.plugins if view.name == "sales"]


def test_nobody_enables_a_plugin_without_the_right(sqlite_web: Web) -> None:
    """Whoever may not administer plugins is refused below the pages, too, and the plugin stays as it was."""
    actor = Actor.user(sqlite_web.users["sam"], "Sam Seller")
    with pytest.raises(Refused):
        sqlite_web.crm.enable("sales", actor=actor)
    assert ["available"] == [view.state for view in sqlite_web.crm.plugins if view.name == "sales"]


def test_a_plugin_that_there_is_not_has_no_page(sample: Web) -> None:
    """An unknown name is a page that there is not, on every one of its addresses."""
    client = sample.client("ada")
    for path in ("", "/enable", "/disable", "/purge"):
        assert 404 == client.get(f"/admin/plugins/no_such_plugin{path}").status_code


# --- audit, jobs, health ---------------------------------------------------------------------------------------------


def test_the_audit_log_is_filtered(sqlite_web: Web) -> None:
    """By who, what, whom and when; what cannot be read is said at its field."""
    client, web = sqlite_web.client("ada"), sqlite_web
    customer = web.customers["Wang Lin"]
    found = client.get(f"/admin/audit?operation=customer.*&customer={customer}").text
    assert "customer.create" in found
    assert '<code class="code">team.create</code>' not in found
    assert "There is no such record" in client.get("/admin/audit?until=2020-01-01").text
    assert 422 == client.get("/admin/audit?since=yesterday").status_code
    assert 422 == client.get("/admin/audit?customer=nobody").status_code


def test_looking_at_the_audit_log_is_audited(sqlite_web: Web) -> None:
    """The look before this one stands in the log."""
    client = sqlite_web.client("ada")
    client.get("/admin/audit")
    assert "audit.list" in client.get("/admin/audit?actor=ada").text


def test_the_audit_log_is_verified_and_handed_out(sqlite_web: Web) -> None:
    """A button says whether it is as it was written; another gives it as CSV."""
    client = sqlite_web.client("ada")
    assert "It is as it was written" in client.post("/admin/audit/verify", {"all": "true"}).text
    given = client.post("/admin/audit/export", {"operation": "team.*"})
    assert "attachment" in given.headers["content-disposition"]
    assert "team.create" in given.text
    assert "user.create" not in given.text


def test_a_dead_job_is_tried_again_or_discarded(sqlite_web: Web) -> None:
    """Its reason is shown; trying again puts it back in the queue, discarding removes it."""
    client, crm = sqlite_web.client("ada"), sqlite_web.crm
    ids = [new_id(), new_id()]
    with crm.engines.system_write.begin() as connection:
        connection.execute(
            JobRecord.__table__.insert(),
            [
                {"id": id_, "name": "crm.report.due", "state": "dead", "run_at": system_now(), "attempts": 12,
                 "max_attempts": 12, "token": 1, "actor_id": "system", "depth": 0, "created_at": system_now(),
                 "error": "The cupboard was <b>bare</b>"}
                for id_ in ids
            ],
        )  # fmt: skip
    page = client.get("/admin/jobs").text
    assert 2 == page.count("The cupboard was &lt;b&gt;bare")
    assert 303 == client.post(f"/admin/jobs/{ids[0]}/retry").status_code
    assert 303 == client.post(f"/admin/jobs/{ids[1]}/discard").status_code
    with crm.session(crm.system("looking in a test")) as session:
        left = {row.id: row.state for row in session.scalars(select(JobRecord)) if row.id in ids}
    assert {ids[0]: "queued"} == left


def test_health_tells_what_to_do(sqlite_web: Web) -> None:
    """Findings are told in words, and the index of a kind of record is made anew."""
    client = sqlite_web.client("ada")
    page = client.get("/admin/health").text
    assert "The data was never backed up." in page
    assert "The schema is current." in page
    assert 303 == client.post("/admin/health/index", {"resource": "customer"}).status_code
    assert "4 records were indexed." in client.get("/admin/health").text
    assert 422 == client.post("/admin/health/index", {"resource": "nothing"}).status_code


# --- settings, privacy, keys, tokens ---------------------------------------------------------------------------------


def test_the_settings_of_the_business_are_changed(sqlite_web: Web) -> None:
    """What is right is kept; a zone that there is not comes back at its field."""
    client = sqlite_web.client("ada")
    page = client.get("/admin/settings").text
    assert 'value="Tea House"' in page
    given = filled(page, "/admin/settings", name="Green Tea House")
    assert 303 == client.post("/admin/settings", given).status_code
    assert "Green Tea House" == sqlite_web.crm.business().name
    wrong = client.post("/admin/settings", {**given, "base_currency": ["QQQ"]})
    assert 422 == wrong.status_code
    assert "CNY" == sqlite_web.crm.business().base_currency


def test_lists_rates_and_required_fields_are_changed(sqlite_web: Web) -> None:
    """A value, a rate and a required field come and go."""
    client, crm = sqlite_web.client("ada"), sqlite_web.crm
    name = sorted(crm.business().options)[0]
    path = f"/admin/settings/lists/{name}"
    sent = client.post(path, filled(client.get(path).text, path, value="something_new", title="Something new"))
    assert 303 == sent.status_code, sent.text
    assert "something_new" in crm.business().options[name]
    client.post(f"/admin/settings/lists/{name}/change", {"retire": "something_new"})
    assert "something_new" not in crm.business().options[name]
    path = "/admin/settings/required"
    assert 303 == client.post(path, filled(client.get(path).text, path, name="city")).status_code
    assert "city" in crm.business().required["customer"]
    client.post("/admin/settings/required", {"unset": "customer.city"})
    assert "city" not in crm.business().required.get("customer", ())
    path = "/admin/settings/rates"
    rate = filled(client.get(path).text, path, currency="EUR", rate="7.85", valid_from="2026-01-01")
    assert 303 == client.post(path, rate).status_code
    assert "7.85" in client.get("/admin/settings/rates").text


def test_a_person_is_told_held_and_erased(sqlite_web: Web) -> None:
    """What is kept is handed out; a hold forbids erasing; erasing needs the number of rows and a reason."""
    client, web = sqlite_web.client("ada"), sqlite_web
    id_ = web.customers["Wang Lin"]
    found = client.post("/admin/privacy", {"q": "Wang Lin"}).text
    assert f"/admin/privacy/{id_}" in found
    given = client.post(f"/admin/privacy/{id_}/export", {"form": "json"})
    assert "Wang Lin" in given.text
    assert 303 == client.post(f"/admin/privacy/{id_}/hold", {"reason": "a lawsuit"}).status_code
    page = client.get(f"/admin/privacy/{id_}").text
    assert "A legal hold since" in page
    assert f"/admin/privacy/{id_}/erase" not in page
    client.post(f"/admin/privacy/{id_}/hold", {"reason": "it ended", "release": "true"})
    rows = re.search(r"Erase ([\d,]+) rows of Wang Lin for good", client.get(f"/admin/privacy/{id_}").text)
    assert rows is not None
    wrong = client.post(f"/admin/privacy/{id_}/erase", {"typed": "1000", "reason": "asked to"})
    assert 422 == wrong.status_code
    assert "to confirm." in html.unescape(wrong.text)
    sent = client.post(f"/admin/privacy/{id_}/erase", {"typed": rows[1].replace(",", ""), "reason": "asked to"})
    assert 303 == sent.status_code, sent.text
    assert "The signature is genuine" in client.get(sent.headers["location"]).text
    with web.crm.session(web.crm.system("looking in a test")) as session:
        left = session.get(Customer, id_)
        assert left is None or left.name != "Wang Lin"


@pytest.fixture
def own_keys(shared_keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of root keys of this test alone: what it gives up is missed by no other."""
    shutil.copytree(shared_keys, tmp_path / "keys")
    monkeypatch.setenv("CRMKIT_KEYS", str(tmp_path / "keys"))


@pytest.mark.usefixtures("own_keys")
def test_the_root_key_is_changed_and_nothing_is_lost(sqlite_web: Web) -> None:
    """A new root key is in use, the old one can be given up, and what was sealed still opens."""
    client, web = sqlite_web.client("ada"), sqlite_web
    before = set(re.findall(r"root-\d{4}", client.get("/admin/keys").text))
    assert 303 == client.post("/admin/keys/rotate").status_code
    after = set(re.findall(r"root-\d{4}", client.get("/admin/keys").text))
    assert (1, 2) == (len(before), len(after))
    assert 303 == client.post("/admin/keys/retire", {"number": "1"}).status_code
    assert 422 == client.post("/admin/keys/retire", {"number": "2"}).status_code
    with web.crm.session(web.crm.system("looking in a test")) as session:
        points = session.get_one(Customer, web.customers["Wang Lin"]).contact_points
        assert ["0@example.com"] == [point.value for point in points]


def test_a_token_of_somebody_is_revoked(sqlite_web: Web) -> None:
    """The list shows whose it is and never the token itself; once revoked it opens nothing."""
    web, client = sqlite_web, sqlite_web.client("ada")
    made = web.crm.run(
        Actor.user(web.users["sam"], "Sam"), "token.create", {"name": "till", "scopes": ["customer.read"], "days": 30}
    )
    page = client.get("/admin/tokens").text
    assert "till" in page
    assert made.token not in page
    assert 303 == client.post("/admin/tokens/revoke", {"token": str(made.id)}).status_code
    assert "till" not in client.get("/admin/tokens").text
    assert "Revoked" in client.get("/admin/tokens?all=1").text
