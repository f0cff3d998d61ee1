"""Flows behind their doors: people who draw, publish and look, and clients for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_journey.passages.running import run_due

from crmkit import Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.conftest import Web, people

FLOW = {
    "entry": {"on": "call", "again": "always"},
    "goal": {"kinds": ["purchase"], "days": 10},
    "start": "pause",
    "nodes": {
        "pause": {"type": "wait", "span": "3 days", "next": "which", "title": "Leave them alone"},
        "which": {
            "type": "split",
            "arms": [{"name": "a", "share": 0.5, "next": "ask"}, {"name": "b", "share": 0.5, "next": "finish"}],
        },
        "ask": {"type": "task", "task": "Ask how it went", "next": "finish"},
        "finish": {"type": "exit"},
    },
}


@define(kw_only=True)
class Studio:
    """The doors, and short ways to flows."""

    web: Web

    @property
    def crm(self) -> CRM:
        """Return the CRM."""
        return self.web.crm

    def run(self, name: str, target: Any = None, /, **values: Any) -> Any:
        """Run an operation as the system."""
        return self.crm.run(self.crm.system("a test"), name, values, target=target)

    def flow(self, name: str = "care", title: str = "Care", *, publish: bool = True) -> UUID:
        """Return a flow, published."""
        made = self.run("journey.flow.create", name=name, title=title, document=FLOW).id
        if publish:
            self.run("journey.flow.publish", made)
        return made

    def enter(self, flow: str, name: str) -> UUID:
        """Let a customer in, and have flows go on."""
        made = self.run("journey.passage.enter", flow=flow, customer_id=self.web.customers[name]).id
        run_due(self.crm, self.crm.system("a test"))
        return made

    def text(self, path: str, login: str = "mia", language: str = "en", status: int = 200) -> str:
        """Return a page below the flows as somebody sees it."""
        answer = self.web.client(login, language=language).get(f"/modules/journey{path}")
        assert (path, answer.status_code) == (path, status), answer.text[:3000]
        return str(answer.text)

    def post(self, login: str, name: str, target: Any, /, *, next: str = "/modules/journey", **values: Any) -> Any:
        """Send the form of an operation as somebody."""
        place = f"/operations/{name}?next={next}" + (f"&target={target}" if target is not None else "")
        return self.web.client(login).post(place, values)


def fill(crm: CRM) -> Any:
    """People, and journeys."""
    users, customers = people(crm)
    crm.enable("work")
    crm.enable("journey")
    return dict(users), dict(customers)


@pytest.fixture
def studio(templates: Templates, tmp_path: Path) -> Iterator[Studio]:
    """Journeys of the test alone, on SQLite."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url, files=tmp_path / "files")) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        yield Studio(web=web)
        for client in web.clients:
            client.close()
