"""Web-hooks in the pages, over REST and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.core.store.actor import Actor
from tests.cli.conftest import Crmkit
from tests.conftest import Templates
from tests.plugins.integration.webhooks.conftest import SYSTEM, Answers, add, deliver, set_up
from tests.plugins.integration.webhooks.receiver import Receiver
from tests.web.conftest import Web, behind_doors
from tests.web.rest.support import caller

PATHS = [
    "/modules/integration/webhooks",
    "/modules/integration/webhooks/one?name=erp",
    "/modules/integration/webhooks/one?name=erp&state=waiting",
    "/modules/integration/webhooks/one?name=shop",
    "/records/integration.endpoint",
    "/records/integration.delivery",
    "/records/integration.attempt",
    "/operations/integration.endpoint.create",
]


def fill(web: Web) -> None:
    """Set endpoints up, of which one fails."""
    crm, ada = web.crm, Actor.user(web.users["ada"])
    set_up(crm, ada, "http://127.0.0.1:1/", description="Orders and addresses")
    set_up(crm, ada, "http://127.0.0.1:2/", "customer.created", name="shop")
    answers = Answers()
    answers.by_customer[str(add(crm, "Bad"))] = 500
    add(crm, "Good")
    deliver(crm, send=answers, idle=0.0)


@pytest.fixture
def shown(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people and two endpoints."""
    with behind_doors(templates, "sqlite", tmp_path, "integration", fill=fill) as made:
        yield made


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown(shown: Web, language: str) -> None:
    """To an administrator, in both languages."""
    client = shown.client("ada", language=language)
    found = {path: client.get(path).status_code for path in PATHS}
    assert found == dict.fromkeys(PATHS, 200)


def test_the_page_of_one_says_how_it_fares(shown: Web) -> None:
    """States, attempts with status and time, and what is sent."""
    text = shown.client("ada").get("/modules/integration/webhooks/one?name=erp").text
    assert "Refused by the receiver" in text
    assert "customer.created" in text
    assert "&#34;timestamp&#34;" in text or '"timestamp"' in text
    assert "Orders and addresses" in text


def test_others_see_nothing_of_it(shown: Web) -> None:
    """Neither pages nor the menu."""
    client = shown.client("sam")
    paths = [path for path in PATHS if "/operations/" not in path]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    new = {"name": "new", "url": "https://hooks.example.com/", "events": "customer.*"}
    assert "whsec_" not in client.post("/operations/integration.endpoint.create", new).text
    assert "modules/integration/webhooks" not in client.get("/").text


def test_an_endpoint_is_set_up_and_rotated_in_the_pages(shown: Web) -> None:
    """The secret is shown once, on the page that answers."""
    client = shown.client("ada")
    made = client.post(
        "/operations/integration.endpoint.create?next=/modules/integration/webhooks",
        {"name": "new", "url": "https://hooks.example.com/", "events": "customer.*"},
    )
    assert "whsec_" in made.text
    page = client.get("/modules/integration/webhooks/one?name=new")
    assert (page.status_code, "whsec_" in page.text) == (200, False)
    with shown.crm.session(SYSTEM) as session:
        from crmkit_integration.webhooks.reading import standing_of

        identity = standing_of(session, "new").endpoint.id
    rotated = client.post(f"/operations/integration.endpoint.rotate?target={identity}", {"overlap_hours": "1"})
    assert "whsec_" in rotated.text
    tested = client.post(
        f"/operations/integration.endpoint.test?target={identity}&next=/modules/integration/webhooks/one?name=new", {}
    )
    assert tested.status_code == 303


def test_the_command_line(crmkit: Crmkit, receiver: Receiver) -> None:
    """Set up, test, log, replay, rotate, switch off and on, remove: all of it, readable for programs."""
    crmkit.has("integration")
    crmkit.ok("user", "add", "ada", "Ada", "--role", "admin")
    call: Any = crmkit.json
    base = ("integration", "endpoints")
    made = call(*base, "new", "erp", receiver.url, "--event", "customer.*", "--owner", "ada", "--private")
    receiver.wants(secret=made["secret"])
    tested = call(*base, "test", "erp")
    assert (tested["outcome"], tested["status"]) == ("delivered", 204)
    call("customer", "add", "name=Ann")
    assert call(*base, "test", "erp")["outcome"] == "delivered"
    assert sorted(each["type"] for each in receiver.taken()) == ["customer.created", *["integration.test"] * 2]
    log = call(*base, "deliveries", "erp", "--state", "delivered")["items"]
    [told] = [each for each in log if each["event"] == "customer.created"]
    assert (told["state"], told["status"], told["attempts"]) == ("delivered", 204, 1)
    assert call(*base, "preview", "erp", told["message"])["type"] == "customer.created"
    assert call(*base, "dead", "erp")["items"] == []
    assert call(*base, "replay", "erp", told["message"])["messages"] == 1
    call(*base, "test", "erp")
    assert [each["headers"]["webhook-id"] for each in receiver.got()].count(told["message"]) == 2
    second = call(*base, "rotate", "erp", "--overlap", "1")
    assert second["secret"] not in ("", made["secret"])
    crmkit.ok(*base, "edit", "erp", "--event", "*")
    crmkit.ok(*base, "off", "erp")
    assert [each["state"] for each in call(*base, "list")["items"]] == ["disabled"]
    crmkit.ok(*base, "on", "erp", "--skip")
    crmkit.ok(*base, "remove", "erp")
    assert call(*base, "list")["items"] == []
    assert crmkit("integration", "endpoints", "replay", "erp", "--since", "yesterday").code != 0


def test_the_api_serves_it(shown: Web) -> None:
    """Set up, listed, tried out and replayed over REST; a secret is in the answer to its making alone."""
    api = caller(shown, "ada")
    new = {"name": "api", "url": "https://hooks.example.com/", "events": ["customer.*"]}
    made = api.post("/operations/integration.endpoint.create", {"input": new})
    assert made.status_code == 200, made.text
    assert made.json()["result"]["secret"].startswith("whsec_")
    listed = api.get("/integration.endpoint").json()
    assert sorted(each["name"] for each in listed["data"]) == ["api", "erp", "shop"]
    assert "whsec_" not in str(listed)
    identity = made.json()["result"]["endpoint_id"]
    tested = api.post("/operations/integration.endpoint.test", {"target": identity, "input": {}})
    assert tested.json()["result"]["event_type"] == "integration.test"
    states = {each["event_type"]: each["state"] for each in api.get("/integration.delivery").json()["data"]}
    assert states["integration.test"] == "waiting"
    assert caller(shown, "sam").get("/integration.endpoint").status_code in (403, 404)
