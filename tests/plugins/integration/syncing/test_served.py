"""Synchronisation with another installation that is really served, by processes that are really killed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from crmkit.app import CRM
from crmkit.settings import Settings
from tests.conftest import Scale, Templates
from tests.plugins.integration.syncing.conftest import SYSTEM, add, change, keeper, known, named, token_of
from tests.web.serving.conftest import serving

FIELDS = ["name=newest", "city=newest", "tags=newest", "emails=newest"]


@frozen(kw_only=True)
class Installations:
    """Two installations in folders of their own; theirs is served."""

    ours: Path
    theirs: Path

    def crm(self, home: Path) -> CRM:
        """Open one of them."""
        return CRM.open(Settings.from_home(home))

    def crmkit(self, *words: str, started: bool = False) -> Any:
        """Run a command in ours and return its document; with ``started`` the process."""
        command = [sys.executable, "-m", "crmkit", "--home", str(self.ours), "--json", "integration", "sync", *words]
        if started:
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def installations(templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installations]:
    """Both, agreed on what is kept in step, with customers on either side."""
    monkeypatch.setenv("CRMKIT_RATE_LIMIT", "off")
    homes: list[Path] = []
    for name in ("ours", "theirs"):
        home = tmp_path / name
        (home / "data").mkdir(mode=0o700, parents=True)
        copy = templates.copy("sqlite", tmp_path).removeprefix("sqlite:///")
        shutil.move(copy, home / "data" / "crmkit.db")
        (home / "crmkit.toml").write_text('database = "sqlite:///data/crmkit.db"\n', "utf-8")
        homes.append(home)
    found = Installations(ours=homes[0], theirs=homes[1])
    with found.crm(found.theirs) as theirs:
        token = token_of(theirs, keeper(theirs))
        for number in range(12):
            add(theirs, f"T{number}", city="Leeds", email=f"t{number}@example.com")
    (tmp_path / "token").write_text(token, "utf-8")
    with found.crm(found.ours) as ours:
        ours.enable("integration")
        keeper(ours)
        for number in range(12):
            add(ours, f"O{number}", tags=["vip"], email=f"o{number}@example.com")
    with serving(found.theirs, "--public-url", "http://127.0.0.1") as server:
        fields = [word for field in FIELDS for word in ("--field", field)]
        url = f"http://127.0.0.1:{server.port}"
        found.crmkit(
            "add", "branch", url, *fields, "--token-file", str(tmp_path / "token"), "--as-user", "keeper", "--private"
        )
        yield found


def test_two_installations_are_kept_in_step(installations: Installations) -> None:
    """Planned, run and compared by the command line, over HTTP; the next run has nothing to write."""
    plan = installations.crmkit("plan", "branch")["items"]
    assert {each["act"] for each in plan} == {"add_here", "add_there"}
    counts = installations.crmkit("run", "branch")["counts"]
    assert (counts["added_here"], counts["added_there"]) == (12, 12)
    report = installations.crmkit("reconcile", "branch")
    assert (report["differences"], report["counts"]["pairs"]) == ([], 24)
    assert report["checksums"]["ours"] == report["checksums"]["theirs"]
    with installations.crm(installations.theirs) as theirs:
        change(theirs, named(theirs, "O3"), city="York")
    assert installations.crmkit("run", "branch")["counts"]["changed_here"] == 1
    assert set(installations.crmkit("run", "branch")["counts"]) == {"looked_at"}


def test_a_run_that_is_killed_is_made_up_for(installations: Installations, scale: Scale) -> None:
    """SIGKILL anywhere in the middle, again and again, while both sides are changed: nobody is there twice, and in the
    end both are equal."""
    for number in range(scale(small=4, full=25)):
        process = installations.crmkit("run", "branch", started=True)
        time.sleep(0.9 + secrets.randbelow(1200) / 1000)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with installations.crm(installations.ours) as ours, installations.crm(installations.theirs) as theirs:
            change(ours, named(ours, "O1"), city=f"Bonn {number}")
            change(theirs, named(theirs, "T1"), tags=[f"n{number}"])
            _let_go(ours)
    installations.crmkit("run", "branch")
    installations.crmkit("run", "branch")
    report = installations.crmkit("reconcile", "branch")
    assert (report["differences"], report["counts"]["pairs"]) == ([], 24)
    with installations.crm(installations.ours) as ours, installations.crm(installations.theirs) as theirs:
        assert known(ours) == known(theirs)
        assert len(known(ours)) == 24


def _let_go(crm: CRM) -> None:
    """Let the hold of a run that was killed be over, as it is by itself some minutes later."""
    from crmkit_integration.syncing.models import SyncPlan
    from sqlalchemy import select, update

    with crm.session(SYSTEM) as session:
        identity = session.scalars(select(SyncPlan.id)).one()
    with crm.engines.system_write.begin() as connection:
        connection.execute(
            update(SyncPlan.__table__).where(SyncPlan.__table__.c.id == identity).values(held_until=None)
        )
