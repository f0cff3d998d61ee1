"""Web-hooks in, and synchronisation, in the pages and on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from crmkit_integration.syncing.models import SyncConflict, SyncPair, SyncPlan, SyncRun
from starlette.testclient import TestClient

from crmkit import Actor, new_id
from crmkit.app import CRM
from crmkit.settings import Settings
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.plugins.integration.receiving.conftest import SYSTEM, customers, last, open_source, rows
from tests.web.conftest import Web, behind_doors

__all__ = ["crmkit", "pristine"]

SOURCES = "/modules/integration/sources"
SYNCS = "/modules/integration/syncs"


def fill(web: Web) -> None:
    """A source with a mapping, something in quarantine; a plan with a run, a comparison and a conflict."""
    crm = web.crm
    source = open_source(crm, acts=Actor.user(web.users["ada"]), title="Shop")
    source.map("customer.create", inputs={"name": "$.name"}, when='kind == "new"', names={"kind": "$.kind"})
    source.send({"kind": "new"})
    source.post(b"{}", {})
    crm.run(SYSTEM, "integration.source.sample", {"body": '{"kind": "new", "name": "Li"}'}, target=source.id)
    plan = crm.run(
        SYSTEM,
        "integration.sync.create",
        {
            "name": "branch", "url": "https://branch.example.com", "token": "t", "fields": {"name": "newest"},
            "runs_as_id": web.users["mia"],
        },
    )  # fmt: skip
    held, customer, pair = new_id(), next(iter(web.customers.values())), new_id()
    run = crm.run(SYSTEM, "integration.sync.begin", {"held_by": held, "kind": "reconcile"}, target=plan.id)
    note = {
        "id": pair, "customer_id": customer, "external_id": "x-1", "state": "paired", "agreed": {},
        "conflicts": [{"field": "name", "ours": "Li", "theirs": "Le"}],
    }  # fmt: skip
    crm.run(SYSTEM, "integration.sync.note", {"held_by": held, "notes": [note]}, target=plan.id)
    found = {
        "held_by": held, "run_id": run.id, "state": "done",
        "counts": {"ours": 1, "theirs": 1, "pairs": 1, "differences": 1}, "checksums": {"ours": "0a", "theirs": "0b"},
        "differences": [{"kind": "value", "customer_id": str(customer), "external_id": "x-1", "field": "name"}],
    }  # fmt: skip
    crm.run(SYSTEM, "integration.sync.end", found, target=plan.id)


@pytest.fixture
def shown(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people, a source and a plan."""
    with behind_doors(templates, "sqlite", tmp_path, "integration", fill=fill) as made:
        yield made


def paths(crm: CRM) -> list[str]:
    """Return the addresses of the pages."""
    received = last(crm)
    return [
        SOURCES,
        f"{SOURCES}/sample?id={received.source_id}",
        f"{SOURCES}/sample?received={received.id}",
        SYNCS,
        "/records/integration.source",
        "/records/integration.mapping",
        "/records/integration.received",
        "/records/integration.sync",
        "/records/integration.sync_run",
        "/operations/integration.source.create",
        f"/operations/integration.mapping.create?source_id={received.source_id}",
        "/operations/integration.sync.create",
    ]


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown(shown: Web, language: str) -> None:
    """To an administrator, in both languages."""
    client = shown.client("ada", language=language)
    wanted = paths(shown.crm)
    assert {path: client.get(path).status_code for path in wanted} == dict.fromkeys(wanted, 200)


def test_the_pages_say_what_waits(shown: Web) -> None:
    """What is in quarantine and why; who is in conflict, and what differs."""
    client = shown.client("ada")
    text = client.get(SOURCES).text
    assert "It is not shown that it comes from the source" in text
    assert "What the operation needs is not in it" in text
    assert "whsec_" not in text
    text = client.get(SYNCS).text
    assert "Changed on both sides" in text
    assert "Another value" in text


def test_others_see_nothing_of_it(shown: Web) -> None:
    """Neither pages nor the menu."""
    client = shown.client("sam")
    assert [client.get(path).status_code for path in (SOURCES, SYNCS)] == [404, 404]
    assert "modules/integration/sources" not in client.get("/").text


def test_a_web_hook_is_dropped_in_the_pages(shown: Web) -> None:
    """By the button beside it."""
    client = shown.client("ada")
    client.get(SOURCES)
    identity = last(shown.crm).id
    client.post(f"/operations/integration.received.drop?target={identity}&next={SOURCES}", {})
    assert last(shown.crm).state == "dropped"


def test_a_conflict_is_settled_in_the_pages(shown: Web) -> None:
    """By whoever may, with the choice at hand."""
    from sqlalchemy import select

    client = shown.client("ada")
    with shown.crm.session(SYSTEM) as session:
        identity = session.scalars(select(SyncConflict.id)).one()
    page = client.get(f"/operations/integration.conflict.resolve?target={identity}&choice=theirs&next={SYNCS}")
    assert page.status_code == 200
    with shown.crm.session(SYSTEM) as session:
        assert session.scalars(select(SyncPair.external_id)).all() == ["x-1"]
        assert session.scalars(select(SyncRun.state)).all() == ["done"]
        assert session.scalars(select(SyncPlan.held_by)).all() == [None]


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(crmkit: Crmkit) -> Crmkit:
    """An installation with the plugin and a manager."""
    crmkit.has("integration")
    crmkit.ok("user", "add", "mia", "Mia", "--role", "manager")
    return crmkit


def test_a_source_is_set_up_and_worked_on_from_the_command_line(installed: Crmkit) -> None:
    """Added, mapped, tried on a sample; what came is listed, mended and done."""
    crmkit = installed
    made = crmkit.json("integration", "sources", "add", "shop", "--like", "gitlab", "--as-user", "mia")
    path = re.sub(r"^https?://[^/]+", "", made["address"])
    assert urlsplit(path).path.startswith("/p/integration.source/")
    crmkit.json("integration", "sources", "map", "shop", "customer.create", "--set", "name=$.customer.name")
    (crmkit.folder / "sample.json").write_text(json.dumps({"customer": {"name": "Li Na"}}), "utf-8")
    seen = crmkit.json("integration", "sources", "preview", "shop", "sample.json")
    assert (seen["operation"], seen["input"], seen["problems"]) == ("customer.create", {"name": "Li Na"}, [])
    assert [each["name"] for each in crmkit.json("integration", "sources", "list")["items"]] == ["shop"]
    assert crmkit.home is not None
    headers = {"x-gitlab-token": made["secret"], "x-gitlab-event-uuid": "1", "content-type": "application/json"}
    with CRM.open(Settings.from_home(crmkit.home, {})) as crm:
        client = TestClient(crm.asgi(), base_url="http://localhost")
        assert client.post(path, content=b'{"customer": {}}', headers=headers).status_code == 202
    (waiting,) = crmkit.json("integration", "received", "list")["items"]
    shown = crmkit.json("integration", "received", "show", waiting["id"])
    assert (shown["reason"], shown["problems"]) == ("unmapped", ["There is nothing at $.customer.name."])
    done = crmkit.json("integration", "received", "mend", waiting["id"], "sample.json")
    assert (done["state"], done["operation"]) == ("done", "customer.create")
    with CRM.open(Settings.from_home(crmkit.home, {})) as crm:
        assert (customers(crm), rows(crm)) == (["Li Na"], [("done", None)])
    assert "secret" in crmkit.json("integration", "sources", "rotate", "shop")
    assert crmkit.json("integration", "sources", "link", "shop")["address"] != made["address"]


def test_what_is_not_there_is_said(installed: Crmkit) -> None:
    """Names and ids, each with a code."""
    for words in (
        ("sources", "link", "nobody"),
        ("received", "show", "nonsense"),
        ("sync", "run", "nobody"),
    ):
        done: Any = installed("integration", *words, "--json")
        assert done.code != 0
        assert "CK501" in done.out + done.err
