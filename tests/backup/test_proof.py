"""A backup is proved before it counts, gives no key away, and brings back nobody who was erased."""

from __future__ import annotations

import base64
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve

from crmkit import CRM, Actor, Customer, Settings
from crmkit.backup.backup import MANIFEST, backup, restore
from crmkit.errors import BackupError, KeyMissing
from crmkit.security.audit.sinks import FileSink
from crmkit.security.audit.verify import audit_verify
from tests.servers.postgres import PostgresServer

ACTOR = Actor.system("testing backups")
PHONE = "+8613800138000"


@pytest.fixture(autouse=True)
def programs(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the programs of the test's own server, where the system has none."""
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(postgres_server.programs.folder)]))


@pytest.fixture
def shop(crm_url: str, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with one customer, whose phone number is sealed, and one attachment."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "abc").write_bytes(b"%PDF" * 100)
    settings = Settings(database=crm_url, files=files, audit_sink=str(tmp_path / "sink" / "checkpoints.jsonl"))
    with CRM.open(settings.with_keys(os.environ)) as crm:
        add(crm, "Wang Xiaoming")
        yield crm


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[CRM]:
    """The same on SQLite, with keys of its own that a test may lose."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'shop.db'}", keys=tmp_path / "keys")
    with CRM.init(settings) as crm:
        add(crm, "Wang Xiaoming")
        yield crm


def add(crm: CRM, name: str) -> UUID:
    """Add a customer with a phone number and return its id."""
    points = [{"kind": "phone", "value": PHONE}]
    made: UUID = crm.run(ACTOR, "customer.create", {"name": name, "contact_points": points}).id
    return made


def names(settings: Settings) -> list[str]:
    """Return the customers' names of an installation that is opened for this."""
    with CRM.open(settings) as crm, crm.session(ACTOR) as session:
        return sorted(str(customer.name) for customer in session.query(Customer))


def sealed_in(path: Path, statement: str) -> None:
    """Change an SQLite file as somebody does who has the file and not the keys."""
    connection = sqlite3.connect(path)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    assert connection.execute(statement).rowcount >= 1
    connection.commit()
    connection.close()


# --- what a backup is ------------------------------------------------------------------------------------------------


def test_a_backup_says_what_it_proved(shop: CRM, tmp_path: Path) -> None:
    """The audit log was verified and sealed values were opened in a copy that was restored from the backup."""
    report = backup(shop, tmp_path / "backup")
    assert (report.proved, report.note) == (True, "")
    assert report.proof is not None
    assert report.proof.audited >= 1
    assert report.proof.opened >= 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_no_key_is_in_a_backup(shop: CRM, tmp_path: Path) -> None:
    """Neither a root key nor what it opens stands in any file of a backup, in bytes or in base64."""
    folder = backup(shop, tmp_path / "backup").folder
    provider = shop.vault.providers.current
    keys = [provider.export(name) for name in provider.names()]  # type: ignore[attr-defined]
    keys.append(shop.vault.purpose_key("test"))
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert keys
    assert [key for key in keys if key in content or base64.b64encode(key) in content] == []
    assert PHONE.encode() not in content


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_a_backup_is_its_owners_alone(shop: CRM, tmp_path: Path, umask: int) -> None:
    """Every folder has the mode 0700 and every file 0600, however careless the umask."""
    before = os.umask(umask)
    try:
        folder = backup(shop, tmp_path / "all" / "backup").folder
    finally:
        os.umask(before)
    paths = [folder.parent, folder, *folder.rglob("*")]
    wrong = {str(path): oct(stat.S_IMODE(path.stat().st_mode)) for path in paths if path.stat().st_mode & 0o077}
    assert wrong == {}


def test_keys_among_the_attachments_are_refused(shop: CRM, tmp_path: Path) -> None:
    """They would go into the backup with them."""
    assert shop.settings.files is not None
    shop.settings = evolve(shop.settings, keys=shop.settings.files / "keys")
    with pytest.raises(BackupError, match="among the attachments"):
        backup(shop, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


# --- what is wrong with a database is found --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE crm_audit SET actor_id = 'somebody else'", "audit log"),
        ("DELETE FROM crm_audit WHERE id = (SELECT audit_id FROM crm_audit_chain WHERE seq = 1)", "audit log"),
        (
            "UPDATE crm_contact_point SET value = CAST(substr(value, 1, 40) || x'00' || substr(value, 42) AS BLOB)",
            "cannot be opened",
        ),
    ],
)
def test_damage_in_the_database_is_told(lite: CRM, tmp_path: Path, statement: str, said: str) -> None:
    """A database whose log or sealed values were altered is backed up as it is, and not called proved."""
    path = lite.settings.sqlite_file
    assert path is not None
    sealed_in(path, statement)
    report = backup(lite, tmp_path / "backup")
    assert not report.proved
    assert said in report.note
    lite.close()
    with pytest.raises(BackupError, match=said):
        restore(report.folder, lite.settings, force=True)


@pytest.mark.parametrize("way", ["altered", "unsigned", "no signature at all"])
def test_a_manifest_that_was_not_signed_here_is_refused(lite: CRM, tmp_path: Path, way: str) -> None:
    """Who can write to a backup cannot make another one of it, nor pass a later time off as its own."""
    report = backup(lite, tmp_path / "backup")
    lite.close()
    path = report.folder / MANIFEST
    text = path.read_text()
    year = f'"taken_at": "{report.manifest.taken_at.year}'
    changed = {
        "altered": text.replace(year, f'"taken_at": "{report.manifest.taken_at.year + 1}'),
        "unsigned": text.replace(report.manifest.signature, ""),
        "no signature at all": text.replace(report.manifest.signature, "nonsense"),
    }[way]
    assert changed != text
    path.write_text(changed)
    with pytest.raises(BackupError, match="was not signed"):
        restore(report.folder, lite.settings, force=True)
    assert names(lite.settings) == ["Wang Xiaoming"]


# --- keys that are lost ----------------------------------------------------------------------------------------------


def test_without_keys_a_backup_is_not_called_proved(lite: CRM, tmp_path: Path) -> None:
    """The data can still be saved; that nothing could be opened is said."""
    assert lite.settings.keys is not None
    lite.settings.keys.rename(tmp_path / "elsewhere")
    with CRM.open(lite.settings) as crm:
        report = backup(crm, tmp_path / "backup")
    assert (report.proved, "keys are not at hand" in report.note, report.manifest.signature) == (False, True, "")


def test_without_keys_nothing_is_replaced_unless_asked_for(lite: CRM, tmp_path: Path) -> None:
    """A restore asks for the keys first; ``unproved`` does what can be done without, and says what could not."""
    report = backup(lite, tmp_path / "backup")
    add(lite, "Anna")
    lite.close()
    assert lite.settings.keys is not None
    lite.settings.keys.rename(tmp_path / "elsewhere")
    with pytest.raises(KeyMissing):
        restore(report.folder, lite.settings, force=True)
    done = restore(report.folder, lite.settings, force=True, unproved=True)
    assert done.proof is None
    assert [type(note) for note in done.notes] == [KeyMissing]
    (tmp_path / "elsewhere").rename(lite.settings.keys)
    assert names(lite.settings) == ["Wang Xiaoming"]


# --- after a restore -------------------------------------------------------------------------------------------------


def test_who_was_erased_stays_erased(shop: CRM, tmp_path: Path) -> None:
    """A backup brings back the customer who was erased since, and the restore erases that customer again."""
    gone = add(shop, "Anna Smith")
    report = backup(shop, tmp_path / "backup")
    shop.run(ACTOR, "privacy.erase", {"reason": "asked for it"}, target=gone)
    shop.close()
    done = restore(report.folder, shop.settings, force=True)
    assert done.erased_again == 1
    assert names(shop.settings) == ["Wang Xiaoming"]


def test_the_audit_log_goes_on_after_a_restore(shop: CRM, tmp_path: Path) -> None:
    """The restore is in the log, the log verifies, and the checkpoints of what was undone are kept aside."""
    sink = tmp_path / "sink" / "checkpoints.jsonl"
    report = backup(shop, tmp_path / "backup")
    add(shop, "Anna")
    shop.run(ACTOR, "audit.checkpoint")
    before = FileSink(sink).lines()
    shop.close()
    restore(report.folder, shop.settings, force=True)
    with CRM.open(shop.settings) as crm:
        crm.run(ACTOR, "team.create", {"name": "later"})
        found = audit_verify(crm, ACTOR)
        assert found.damages == ()
        assert found.checkpoints >= 1
    (aside,) = sink.parent.glob("checkpoints.jsonl.until-*")
    assert aside.read_text().splitlines() == before
    assert names(shop.settings) == ["Wang Xiaoming"]


def test_a_log_that_went_another_way_is_told(lite: CRM, tmp_path: Path) -> None:
    """Records that were signed and sent out of the database have to be in the log: one that was brought back and gone
    on with is not the same, unless that was done by a restore."""
    sink = tmp_path / "shop.db-audit" / "checkpoints.jsonl"
    report = backup(lite, tmp_path / "first")
    add(lite, "Anna")
    lite.run(ACTOR, "audit.checkpoint")
    lite.close()
    restore(report.folder, lite.settings, force=True)
    with CRM.open(lite.settings) as crm:
        for number in range(3):
            add(crm, f"Ben {number}")
        assert backup(crm, tmp_path / "second").proved
        (aside,) = sink.parent.glob("checkpoints.jsonl.until-*")
        sink.write_bytes(aside.read_bytes())
        third = backup(crm, tmp_path / "third")
    assert not third.proved
    assert "audit log" in third.note
