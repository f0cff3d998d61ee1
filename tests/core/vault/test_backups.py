"""Key backups: what one holds comes back under its passphrase alone, and never over a key that is there."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from crmkit import CRM, Settings
from crmkit.core.vault.backups import MAGIC, KeyBackup, SavedKey, locked, unlocked
from crmkit.errors import KeyBackupError, WrongKey
from crmkit.security.keys.backups import back_up, put_back
from crmkit.security.keys.checks import examine_backup
from crmkit.security.keys.rotating import rotate_root
from tests.security.sealing_support import SYSTEM, item, opened, seal

WORDS = "correct horse battery"
SAVED = KeyBackup(
    instance_id=uuid4(), taken_at=datetime.now(UTC), keys=(SavedKey(kind="file", name="root-0001", key=b"k" * 32),)
)


def test_a_backup_opens_with_its_passphrase_alone() -> None:
    """It comes back as it was; with another passphrase, or altered anywhere, it does not."""
    data = locked(SAVED, WORDS, cost=10)
    assert unlocked(data, WORDS) == SAVED
    assert SAVED.keys[0].key not in data
    for place in (len(MAGIC) + 3, len(MAGIC) + 20, len(data) - 1):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(KeyBackupError):
            unlocked(bytes(altered), WORDS)
    for wrong, words in ((data, "another passphrase"), (data[:40], WORDS), (b"something else", WORDS)):
        with pytest.raises(KeyBackupError):
            unlocked(wrong, words)


def test_a_short_passphrase_is_refused() -> None:
    """Eleven characters are too few."""
    with pytest.raises(KeyBackupError):
        locked(SAVED, "x" * 11)


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """The settings of a database with keys of its own."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'own.db'}", keys=tmp_path / "own-keys")
    CRM.init(settings).close()
    return settings


def test_lost_keys_come_back(own: Settings, tmp_path: Path) -> None:
    """Backed up, lost and put back, the keys open what was sealed; putting back again writes nothing."""
    assert own.keys is not None
    path = tmp_path / "keys.bin"
    with CRM.open(own) as crm:
        rotate_root(crm, SYSTEM)
        (sealed,) = seal(crm, [item(b"value")])
        assert [each.name for each in back_up(crm, SYSTEM, path, WORDS).keys] == ["root-0001", "root-0002"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for file in own.keys.iterdir():
        file.unlink()
    assert put_back(own, path.read_bytes(), WORDS).written == ("root-0001", "root-0002")
    assert put_back(own, path.read_bytes(), WORDS).present == ("root-0001", "root-0002")
    with CRM.open(own) as crm:
        assert opened(crm, [sealed]) == [b"value"]


def test_another_key_is_not_replaced(own: Settings, tmp_path: Path) -> None:
    """Where another key has the name of one in the backup, nothing is written over it."""
    other = locked(SAVED, WORDS, cost=10)
    with pytest.raises(WrongKey):
        put_back(own, other, WORDS)


def test_a_backup_replaces_no_file_and_lies_outside_the_data(own: Settings, tmp_path: Path) -> None:
    """A file that exists is left alone, and the folder of the data is refused; then nothing is noted."""
    from attrs import evolve

    (tmp_path / "there").write_text("something")
    home = evolve(own, home=tmp_path)
    (tmp_path / "data").mkdir()
    with CRM.open(home) as crm:
        for path in (tmp_path / "there", tmp_path / "data" / "keys.bin", tmp_path / "nowhere" / "x"):
            with pytest.raises(KeyBackupError):
                back_up(crm, SYSTEM, path, WORDS)
        with crm.session(SYSTEM) as session:
            assert [found.level for found in examine_backup(session)] == ["warning"]
    assert (tmp_path / "there").read_text() == "something"


def test_a_new_key_is_not_in_an_older_backup(own: Settings, tmp_path: Path) -> None:
    """The doctor is satisfied after a backup, and asks for another one after the next rotation."""

    def levels(crm: CRM) -> list[str]:
        with crm.session(SYSTEM) as session:
            return [found.level for found in examine_backup(session)]

    with CRM.open(own) as crm:
        seen = [levels(crm)]
        back_up(crm, SYSTEM, tmp_path / "one", WORDS)
        seen.append(levels(crm))
        rotate_root(crm, SYSTEM)
        seen.append(levels(crm))
    assert seen == [["warning"], ["ok"], ["warning"]]
