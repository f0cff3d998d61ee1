"""People of a small company who work together, and a carrier that writes down what it was given."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.manifest import PluginManifest

SYSTEM = Actor.system("a test")

CARRIER = '''
"""A carrier for tests: it writes each message into a folder, and does what a file there tells it to."""

import json
import os
import time
from pathlib import Path

from crmkit import Channel, Delivery, hookimpl

FOLDER = Path(os.environ["CARRIER_FOLDER"])


@hookimpl
def crmkit_channels():
    return [Channel(name="carrier.robot", title="Robot"), Channel(name="carrier.once", title="Once", repeatable=True)]


@hookimpl
def crmkit_deliver_message(crm, message):
    if message.channel not in ("carrier.robot", "carrier.once", "email"):
        return None
    told = (FOLDER / "tell").read_text() if (FOLDER / "tell").exists() else ""
    if told == "raise":
        raise OSError("the line was cut")
    if told == "later":
        return Delivery(outcome="later", reason="busy")
    if told == "refuse":
        return Delivery(outcome="refused", reason="unknown")
    path = FOLDER / f"{message.id}.{time.time_ns()}.json"
    path.write_text(json.dumps({
        "id": str(message.id), "channel": message.channel, "address": message.address, "subject": message.subject,
        "body": message.body, "headers": dict(message.headers),
    }))
    if told == "hang":
        time.sleep(60)
    return Delivery(outcome="accepted", carrier_id="c-1")
'''


def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PluginManifest:
    """Return the manifest of the carrier, a plugin in a folder of its own."""
    package = tmp_path / "carrier" / "crmkit_carrier"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "plugin.py").write_text(CARRIER)
    (tmp_path / "sent").mkdir()
    monkeypatch.setenv("CARRIER_FOLDER", str(tmp_path / "sent"))
    monkeypatch.syspath_prepend(str(tmp_path / "carrier"))
    for name in [name for name in sys.modules if name.startswith("crmkit_carrier")]:
        monkeypatch.delitem(sys.modules, name)
    return PluginManifest(name="carrier", title="Carrier", version="1.0", api="1.0", module="crmkit_carrier.plugin")


def tell(tmp_path: Path, what: str) -> None:
    """Tell the carrier what to do from now on; nothing lets it take everything."""
    (tmp_path / "sent" / "tell").write_text(what)


def sent(tmp_path: Path) -> list[dict[str, Any]]:
    """Return what the carrier was given, in order."""
    return [json.loads(path.read_text()) for path in sorted((tmp_path / "sent").glob("*.json"), key=_when)]


def _when(path: Path) -> str:
    return path.name.split(".")[1]


def person(crm: CRM, login: str, role: str = "seller", *, teams: Sequence[UUID] = (), **values: Any) -> Actor:
    """Add a user with a role and return the actor; the first team is the main one."""
    user = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title(), **values})
    crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
    for number, team_id in enumerate(teams):
        crm.run(SYSTEM, "team.add_member", {"user_id": user.id, "main": number == 0}, target=team_id)
    return Actor.user(user.id, login.title())


def team(crm: CRM, name: str, **values: Any) -> UUID:
    """Add a team and return its id."""
    found: UUID = crm.run(SYSTEM, "team.create", {"name": name, **values}).id
    return found


def customer(crm: CRM, name: str = "Ada Lovelace", **values: Any) -> UUID:
    """Add a customer in system scope and return the id."""
    found: UUID = crm.run(SYSTEM, "customer.create", {"name": name, **values}).id
    return found


def work(crm: CRM) -> int:
    """Carry out what is due in the queue."""
    return crm.worker().run_until_idle()
