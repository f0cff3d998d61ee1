"""Backups are taken while others write, are proved, and bring back exactly what they took; a damaged one is refused."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import create_engine, func, select

from crmkit import CRM, Actor, Settings, Team
from crmkit.backup.backup import MANIFEST, BackupReport, backup, restore, verify
from crmkit.core.operations.retention import last_backup
from crmkit.errors import BackupError, CrmkitError, MissingExtra
from tests.conftest import Scale
from tests.servers.postgres import PostgresServer

ACTOR = Actor.system("testing backups")


@pytest.fixture(autouse=True)
def programs(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the programs of the test's own server, where the system has none."""
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(postgres_server.programs.folder)]))


@pytest.fixture
def shop(crm_url: str, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with a folder for attachments, holding one team and one file."""
    files = tmp_path / "files"
    (files / "ab").mkdir(parents=True)
    (files / "ab" / "abc.pdf").write_bytes(b"%PDF" * 1000)
    with CRM.open(Settings(database=crm_url, files=files)) as crm:
        crm.run(ACTOR, "team.create", {"name": "before"})
        yield crm


def teams(crm: CRM) -> list[str]:
    """Return the names of all teams."""
    with crm.session(ACTOR) as session:
        return sorted(session.scalars(select(Team.name)))


def reopened(settings: Settings) -> list[str]:
    """Return the teams of an installation that is opened for this."""
    with CRM.open(settings) as crm:
        return teams(crm)


def taken(shop: CRM, tmp_path: Path) -> tuple[BackupReport, Settings]:
    """Back a CRM up, change its data, close it, and return the backup with the settings."""
    report = backup(shop, tmp_path / "backup")
    shop.run(ACTOR, "team.create", {"name": "after"})
    assert shop.settings.files is not None
    (shop.settings.files / "ab" / "abc.pdf").write_bytes(b"changed")
    shop.close()
    return report, shop.settings


def test_a_backup_says_what_it_holds(shop: CRM, tmp_path: Path) -> None:
    """The manifest names the rows of every table, the revisions and each file; the proof was made."""
    report = backup(shop, tmp_path / "backup")
    manifest = verify(tmp_path / "backup")
    assert (report.proved, report.note, report.manifest) == (True, "", manifest)
    assert manifest.counts["crm_team"] == 1
    assert list(manifest.revisions) == ["crm_migration"]
    assert "files/ab/abc.pdf" in manifest.files
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == sorted(
        [MANIFEST, "files", "database.sqlite" if shop.engines.dialect == "sqlite" else "database.dump"]
    )
    with shop.session(ACTOR) as session:
        assert last_backup(session) == manifest.taken_at


def test_a_restore_brings_back_data_and_files(shop: CRM, tmp_path: Path) -> None:
    """With force the present data makes way: rows and attachments are as they were."""
    report, settings = taken(shop, tmp_path)
    steps: list[str] = []
    restore(report.folder, settings, force=True, progress=lambda step, done, of: steps.append(f"{step} {done}/{of}"))
    assert reopened(settings) == ["before"]
    assert settings.files is not None
    assert (settings.files / "ab" / "abc.pdf").read_bytes() == b"%PDF" * 1000
    assert steps[-1] == "restore 4/4"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_target_with_data_is_refused(shop: CRM, tmp_path: Path) -> None:
    """Without force nothing that exists is touched."""
    report, settings = taken(shop, tmp_path)
    with pytest.raises(BackupError, match="holds data already"):
        restore(report.folder, settings)
    assert reopened(settings) == ["after", "before"]


def test_an_empty_target_needs_no_force(shop: CRM, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A backup can be brought to a new machine."""
    report, settings = taken(shop, tmp_path)
    engine = "sqlite" if shop.engines.dialect == "sqlite" else "postgres"
    url = f"sqlite:///{tmp_path / 'new.db'}" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    fresh = evolve(settings, database=url, files=tmp_path / "new-files")
    restore(report.folder, fresh)
    assert reopened(fresh) == ["before"]


def test_a_new_installation_needs_no_force(shop: CRM, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """An installation that was just made holds nobody's data, so a backup is restored into it as it is."""
    report, settings = taken(shop, tmp_path)
    engine = "sqlite" if shop.engines.dialect == "sqlite" else "postgres"
    url = f"sqlite:///{tmp_path / 'new.db'}" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    fresh = evolve(settings, database=url, files=tmp_path / "new-files")
    CRM.init(fresh).close()
    restore(report.folder, fresh)
    assert reopened(fresh) == ["before"]


def cut(path: Path) -> None:
    """Cut a file's last bytes off."""
    os.truncate(path, path.stat().st_size - 7)


def turn(path: Path) -> None:
    """Change one byte in the middle of a file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0xFF]))


@pytest.mark.parametrize("damage", [cut, turn, Path.unlink], ids=["cut", "turned", "missing"])
@pytest.mark.parametrize("victim", ["database", "files/ab/abc.pdf", MANIFEST])
def test_a_damaged_backup_is_refused(shop: CRM, tmp_path: Path, victim: str, damage: Callable[[Path], None]) -> None:
    """Whatever file is damaged, nothing is restored and the present data stays as it is."""
    report, settings = taken(shop, tmp_path)
    path = report.folder / victim if victim != "database" else next(report.folder.glob("database.*"))
    damage(path)
    with pytest.raises(BackupError):
        restore(report.folder, settings, force=True)
    assert reopened(settings) == ["after", "before"]
    assert settings.files is not None
    assert (settings.files / "ab" / "abc.pdf").read_bytes() == b"changed"


def test_a_backup_that_lies_about_its_rows_is_refused(shop: CRM, tmp_path: Path) -> None:
    """Hashes that fit are not enough: the restored rows are counted before they take their place."""
    report, settings = taken(shop, tmp_path)
    path = report.folder / MANIFEST
    path.write_text(path.read_text().replace('"crm_team": 1', '"crm_team": 2'))
    with pytest.raises(BackupError, match=r"crm_team has 1 rows instead of 2"):
        restore(report.folder, settings, force=True)
    assert reopened(settings) == ["after", "before"]


def test_what_fails_at_the_last_step_is_undone(shop: CRM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while the database is being swapped brings files and database back."""
    report, settings = taken(shop, tmp_path)

    def full(*_arguments: object, **_rest: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if shop.engines.dialect == "sqlite":
            patch.setattr("crmkit.backup.sqlite.os.replace", full)
        else:
            patch.setattr("crmkit.backup.postgresql.PostgresArchive.prove", lambda *_arguments: "")
            patch.setattr("crmkit.backup.postgresql.shutil.copyfileobj", full)
        with pytest.raises((BackupError, OSError)):
            restore(report.folder, settings, force=True)
    assert reopened(settings) == ["after", "before"]
    assert settings.files is not None
    assert (settings.files / "ab" / "abc.pdf").read_bytes() == b"changed"


def test_a_folder_in_use_is_refused(shop: CRM, tmp_path: Path) -> None:
    """A backup never overwrites."""
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "x").touch()
    with pytest.raises(BackupError, match="is not empty"):
        backup(shop, tmp_path / "backup")


def test_something_else_is_no_backup(shop: CRM, tmp_path: Path) -> None:
    """A folder without a manifest is refused by name."""
    with pytest.raises(BackupError, match="is not a backup"):
        restore(tmp_path, shop.settings, force=True)


def test_a_backup_fits_its_own_engine_only(tmp_path: Path, crm: CRM, request: pytest.FixtureRequest) -> None:
    """A dump of one database is not offered to the other."""
    backup(crm, tmp_path / "backup")
    sqlite = crm.engines.dialect == "sqlite"
    other = request.getfixturevalue("postgres_url") if sqlite else f"sqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(BackupError, match="The backup is of"):
        restore(tmp_path / "backup", Settings(database=other))


def test_a_database_in_use_is_not_swapped(sqlite_url: str, tmp_path: Path) -> None:
    """On SQLite a process that still has the file open would go on writing into the old one: it is refused."""
    with CRM.init(sqlite_url) as crm:
        crm.run(ACTOR, "team.create", {"name": "before"})
        report = backup(crm, tmp_path / "backup")
        with crm.session(ACTOR) as session:
            session.scalar(select(func.count()).select_from(Team))
            with pytest.raises(BackupError, match="has the database open"):
                restore(report.folder, crm.settings, force=True)
        assert teams(crm) == ["before"]


def test_a_broken_database_can_be_replaced(sqlite_url: str, tmp_path: Path) -> None:
    """The very case that backups are for: the present file is damaged."""
    with CRM.init(sqlite_url) as crm:
        crm.run(ACTOR, "team.create", {"name": "before"})
        report = backup(crm, tmp_path / "backup")
        settings = crm.settings
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"no database at all" * 500)
    restore(report.folder, settings, force=True)
    assert reopened(settings) == ["before"]


def test_tables_of_others_are_not_dropped(postgres_url: str, tmp_path: Path) -> None:
    """A host's own tables in the same schema keep a restore from replacing it."""
    with CRM.init(postgres_url) as crm:
        report = backup(crm, tmp_path / "backup")
        settings = crm.settings
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders_of_the_host (id int)")
    engine.dispose()
    with pytest.raises(BackupError, match="orders_of_the_host"):
        restore(report.folder, settings, force=True)


def test_a_role_without_the_right_says_that_nothing_was_proved(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    """A role that may not create databases gets its backup, and is told that it was not proved."""
    with postgres_server.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS modest")
        connection.execute("CREATE ROLE modest LOGIN")
    database = postgres_url.partition("?")[0].rpartition("/")[2]
    with postgres_server.connect(database) as connection:
        connection.execute("CREATE SCHEMA crm AUTHORIZATION modest")
        connection.execute(f"GRANT CREATE ON DATABASE {database} TO modest")
    url = postgres_url.replace("crmkit@", "modest@")
    with CRM.init(Settings(database=url, schema="crm")) as crm:
        report = backup(crm, tmp_path / "backup")
        assert (report.proved, "may not create" in report.note) == (False, True)
        assert report.manifest.schema == "crm"
        with crm.session(ACTOR) as session:
            assert last_backup(session) is None
    with postgres_server.connect(database) as connection:
        connection.execute("DROP OWNED BY modest CASCADE")
        connection.execute("DROP ROLE modest")


def test_missing_programs_are_named(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PostgreSQL's programs the error says what to install, and leaves no half of a backup."""
    with CRM.init(postgres_url) as crm:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr("crmkit.backup.postgresql._FOLDERS", "/nowhere")
        with pytest.raises(MissingExtra, match="pg_dump"):
            backup(crm, tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


def test_backups_under_write_load_are_consistent(shop: CRM, tmp_path: Path, scale: Scale) -> None:
    """While several threads write, every backup proves and holds whole transactions only: pairs stay pairs."""
    stop = threading.Event()
    errors: list[str] = []

    def write(lane: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                with shop.transaction(ACTOR) as session:
                    session.run("team.create", {"name": f"{lane}-{number}-a"})
                    session.run("team.create", {"name": f"{lane}-{number}-b"})
            except CrmkitError as error:
                errors.append(str(error))

    threads = [threading.Thread(target=write, args=(lane,)) for lane in range(scale(small=3, full=8))]
    for thread in threads:
        thread.start()
    try:
        reports = [backup(shop, tmp_path / f"b{number}") for number in range(scale(small=3, full=40))]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert [report.proved for report in reports] == [True] * len(reports)
    assert reports[-1].manifest.counts["crm_team"] > reports[0].manifest.counts["crm_team"]
    assert [report.manifest.counts["crm_team"] % 2 for report in reports] == [1] * len(reports)
    if shop.engines.dialect == "sqlite":
        connection = sqlite3.connect(reports[-1].folder / "database.sqlite")
        (pairs,) = connection.execute(
            "SELECT count(DISTINCT substr(name, 1, length(name) - 1)) FROM crm_team"
        ).fetchone()
        connection.close()
        assert 2 * (pairs - 1) + 1 == reports[-1].manifest.counts["crm_team"]
