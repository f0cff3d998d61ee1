"""Values of the sensitive class stand nowhere in plain: not in the database, its log, backups, files, logs or temporary
folders."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from attrs import frozen
from sqlalchemy import create_engine, select, text

from crmkit import CRM, Settings
from crmkit.backup.backup import backup
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.operations.tables import JobRecord
from tests.conftest import Scale
from tests.security.canaries import ACTOR, NUMBER, WORD, Canaries, Round, canary_like, declare, files_in, search
from tests.servers.postgres import PostgresServer

SEEN = "planted where nobody hides it"
"""The name of a customer, which is kept in plain: the search has to find it, or it looks in the wrong place."""


@frozen(kw_only=True)
class Place:
    """An installation and everything that it writes to."""

    crm: CRM
    folder: Path
    own: Path
    server: PostgresServer | None

    def folders(self) -> list[Path]:
        """Return the folders to search: the installation's, its temporary one, and the database server's."""
        return [self.folder] if self.server is None else [self.folder, self.server.folder]


@pytest.fixture
def place(
    crm_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Place]:
    """An installation whose home, files and temporary folder are below one folder, and which logs all it can."""
    folder, own = tmp_path, tmp_path / "own"
    for name in ("own", "files", "temporary", "home"):
        (folder / name).mkdir()
    server: PostgresServer | None = None
    if crm_url.startswith("postgresql"):
        server = request.getfixturevalue("postgres_server")
        assert server is not None
        monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(server.programs.folder)]))
    monkeypatch.setenv("TMPDIR", str(folder / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("HOME", str(folder / "home"))
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "sqlalchemy.orm", "crmkit"):
        caplog.set_level(logging.DEBUG, logger=name)
    with CRM.open(Settings(database=crm_url, files=folder / "files", home=folder / "home")) as first:
        first.enable("sales")
    with CRM.open(Settings(database=crm_url, files=folder / "files", home=folder / "home")) as crm:
        crm.run(ACTOR, "business.configure", {"name": "Shop", "base_currency": "EUR", "country": "CN"})
        declare(crm)
        yield Place(crm=crm, folder=folder, own=own, server=server)


def fill(place: Place, wanted: int) -> Canaries:
    """Put canaries in by every way until there are enough."""
    canaries = Canaries()
    place.crm.run(ACTOR, "customer.create", {"name": SEEN})
    number = 0
    while canaries.made < wanted:
        number += 1
        Round(crm=place.crm, canaries=canaries, own=place.own, number=number).run()
        if number == 1:
            place.crm.run(ACTOR, "canary.defer", {"text": canaries.text(), "unique": canaries.mail()})
    return canaries


def settled(place: Place) -> None:
    """Have the server write down all it has in memory."""
    if place.server is None:
        return
    engine = create_engine(place.server.url(place.crm.engines.base.url.database or ""), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


def unpacked(archive: Path, target: Path) -> None:
    """Write what is in an archive of PostgreSQL's as text."""
    with target.open("wb") as file:
        subprocess.run(["pg_restore", "--file=-", str(archive)], stdout=file, check=True)


def test_no_sensitive_value_stands_anywhere_in_plain(
    place: Place, scale: Scale, caplog: pytest.LogCaptureFixture
) -> None:
    """Canaries are put in by every way; database, write-ahead log, backup, files, logs, temporary and home folders are
    searched for them in every form. The user's own files, rejected rows among them, are not."""
    canaries = fill(place, scale(small=150, full=1000))
    place.crm.worker().run_until_idle()
    settled(place)
    with place.crm.session(ACTOR) as session:
        texts = [item.body for item in session.scalars(select(Interaction)) if item.body]
        customers = session.scalars(select(Customer)).all()
        assert any(WORD in str(customer.custom) for customer in customers)
        assert all(WORD in body for body in texts)
        assert texts
        assert session.scalar(select(JobRecord.id).where(JobRecord.name == "canary.waits")) is not None
    backup(place.crm, place.folder / "backup")
    for archive in [path for path in files_in([place.folder / "backup"]) if path.read_bytes()[:5] == b"PGDMP"]:
        unpacked(archive, place.folder / f"{archive.name}.sql")
    names = "\n".join(str(path) for path in files_in(place.folders()))
    hits, size = search(place.folders(), leave_out=[place.own])
    assert hits == {}
    assert (
        canary_like("\n".join(record.getMessage() + str(record.exc_text or "") for record in caplog.records).encode())
        == set()
    )
    assert canary_like(caplog.text.encode()) == set()
    assert canary_like(names.encode()) == set()
    assert canaries.made >= scale(small=150, full=1000)
    # The search is in the right places: what is kept in plain is found there, and the user's own files have canaries.
    assert size > 200_000
    seen = [path for path in files_in(place.folders()) if SEEN.encode() in path.read_bytes()]
    assert {_kind(place, path) for path in seen} >= (
        {"database", "backup"} if place.server is None else {"heap", "wal", "backup"}
    )
    assert any("canary.fails" in record.getMessage() for record in caplog.records)
    assert any("INSERT INTO crm_customer" in record.getMessage() for record in caplog.records)
    assert search([place.own])[0] != {}


def _kind(place: Place, path: Path) -> str:
    """Return what a file belongs to."""
    if "backup" in path.relative_to(path.anchor).parts or path.suffix == ".sql":
        return "backup"
    if place.server is not None and path.is_relative_to(place.server.folder):
        return "wal" if "pg_wal" in path.parts else "heap"
    return "database"


@pytest.mark.parametrize("around", [b"", b"x", b"xy"], ids=["at 0", "at 1", "at 2"])
def test_the_search_finds_a_canary_in_every_form(around: bytes) -> None:
    """A search that finds nothing says something only if it would have found it."""
    new = Canaries()
    for made in (new.text(), new.mail(), new.phone()):
        plain = made.encode()
        whole = around + plain + b"tail"
        assert canary_like(whole)
        assert canary_like(around + made.encode("utf-16-le"))
        assert canary_like(around + made.encode("utf-16-be"))
        assert canary_like(json.dumps({"a": made}).encode())
        assert canary_like(quote(made).encode())
    for made in (new.text(), new.mail()):
        whole = around + made.encode() + b"tail"
        assert canary_like(base64.b64encode(whole))
        assert canary_like(whole.hex().encode())
        assert canary_like(whole.hex().upper().encode())
    assert canary_like(b"An ordinary line of 139 170 words") == set()
    assert canary_like(f"{NUMBER}1234".encode()) == set()
