"""Erasure leaves nothing that can be recovered: not in live files, not after restoring an older backup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select

from crmkit import CRM
from crmkit.backup.backup import backup, restore
from crmkit.core.vault.tables import DataKey
from crmkit.security.privacy.replay import after_restore
from crmkit.settings import Settings
from tests.conftest import Scale
from tests.security.test_privacy_erasure import ACTOR, erase, person
from tests.servers.postgres import PostgresServer


def canary(number: int) -> str:
    """Return a text that occurs nowhere else."""
    return f"kanarie{number:05d}qx"


def people(crm: CRM, count: int) -> list[UUID]:
    """Add people whose names, addresses and notes are canaries."""
    return [person(crm, canary(number), email=f"{canary(number)}@example.com") for number in range(count)]


def wrapped_keys(crm: CRM) -> list[bytes]:
    """Return the wrapped data keys of everybody."""
    with crm.engines.system_read.connect() as connection:
        return list(connection.execute(select(DataKey.__table__.c.wrapped)).scalars())


def found_in(files: Iterable[Path], needles: Iterable[bytes]) -> set[bytes]:
    """Return which byte strings occur in some files."""
    found: set[bytes] = set()
    wanted = set(needles)
    for file in files:
        if file.is_file():
            content = file.read_bytes()
            found |= {needle for needle in wanted if needle in content}
    return found


def needles(count: int) -> list[bytes]:
    """Return the canaries as they would stand in a file."""
    return [canary(number).encode() for number in range(count)]


def live_files(crm: CRM, request: pytest.FixtureRequest) -> list[Path]:
    """Return the files in which the database keeps its tables, after it was told to forget what is dead."""
    if crm.engines.base.dialect.name == "sqlite":
        crm.engines.dispose()
        file = Path(crm.engines.base.url.database or "")
        return [path for path in file.parent.glob(f"{file.name}*") if path.is_file()]
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = crm.engines.base.url.database or ""
    crm.engines.dispose()
    engine = create_engine(server.url(name), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM FULL")
        connection.exec_driver_sql("CHECKPOINT")
        number = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar()
    engine.dispose()
    return list((server.folder / "data" / "base" / str(number)).iterdir())


def test_nothing_of_the_erased_is_in_live_files(crm: CRM, request: pytest.FixtureRequest, scale: Scale) -> None:
    """After the erasures neither a name nor an address nor a wrapped key is left in the database's files."""
    count = scale(small=6, full=1000)
    ids = people(crm, count)
    keys = wrapped_keys(crm)
    for customer_id in ids:
        erase(crm, customer_id)
    gone = set(keys) - set(wrapped_keys(crm))
    assert len(gone) >= count
    assert found_in(live_files(crm, request), [*needles(count), *gone]) == set()


def test_restored_backup_forgets_again(crm: CRM, tmp_path: Path, scale: Scale, database_for_restore: str) -> None:
    """A backup from before the erasures is restored: by the erasure list everybody is erased once more."""
    count = scale(small=4, full=200)
    ids = people(crm, count)
    backup(crm, tmp_path / "older")
    for customer_id in ids:
        erase(crm, customer_id)
    settings = Settings(database=database_for_restore)
    restore(tmp_path / "older", settings)
    with CRM.open(settings) as restored:
        after_restore(restored)
        for customer_id in ids:
            assert restored.run(ACTOR, "privacy.erase_again", {"subject_id": customer_id, "reason": "test"}) is None


@pytest.fixture
def database_for_restore(crm: CRM, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of the same engine as the one that was backed up."""
    if crm.engines.base.dialect.name == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
