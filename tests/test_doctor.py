"""The doctor finds what is wrong with an installation, and says what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import create_engine, event, select

from crmkit import CRM, Actor, Check, CrmSession, Finding, Job, Settings
from crmkit.backup.backup import backup
from crmkit.core.access.models import User
from crmkit.core.access.tokens import ApiToken
from crmkit.core.operations.schedule import Scheduler
from crmkit.core.operations.tables import Heartbeat
from crmkit.core.store.clock import Clock
from crmkit.core.store.engine import open_engines
from crmkit.doctor import age, examine, examine_settings
from crmkit.errors import JobError
from crmkit.exposure import examine_files
from crmkit.i18n import translate
from crmkit.security.credentials.tables import Password
from crmkit.soundness import examine_database, examine_folders, filesystem_of
from tests.core.operations.job_support import Hands, declare, failing, make_team, put
from tests.security.audit_support import settle
from tests.servers.postgres import PostgresServer

ACTOR = Actor.system("testing the doctor")


@pytest.fixture(autouse=True)
def programs(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the programs of the test's own server, where the system has none."""
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(postgres_server.programs.folder)]))


@pytest.fixture
def hands() -> Hands:
    """The hands of the system's clock."""
    return Hands(datetime.now(UTC))


@pytest.fixture
def shop(crm_url: str, hands: Hands) -> Iterator[CRM]:
    """A CRM whose clock the test sets."""
    with CRM.open(crm_url, clock=Clock(system=hands)) as crm:
        yield crm


def shown(findings: Sequence[Finding], code: str) -> list[str]:
    """Return the findings of a code as "level: message", as English people read them."""
    return [f"{item.level}: {translate(item.message, 'en', **item.values)}" for item in findings if item.code == code]


def bad(findings: Sequence[Finding]) -> list[str]:
    """Return the codes of warnings and errors."""
    return [item.code for item in findings if item.level in ("warning", "error")]


# --- a sound installation --------------------------------------------------------------------------------------------


def test_a_new_database_is_sound_but_for_its_backup(shop: CRM) -> None:
    """Schema and database are said to be good; that nobody has backed up yet is the one warning."""
    found = examine(shop)
    # Tests connect to PostgreSQL as the one role that their server has.
    assert [code for code in bad(found) if code != "postgresql.superuser"] == ["backup.none", "key.backup"]
    assert shown(found, "schema") == ["ok: The schema is current."]
    assert len(shown(found, "database")) == 1
    assert shown(found, "worker.none") == ["info: No worker is running."]


def test_every_finding_can_be_shown(shop: CRM, hands: Hands) -> None:
    """All messages and hints have the values that they name."""
    declare(shop, Job(name="test.make", acts_as="system", handler=failing(lambda: JobError("no"))))
    put(shop, "one")
    shop.worker().run_until_idle()
    hands.move(days=2)
    for item in examine(shop):
        assert translate(item.message, "zh_Hans", **item.values)
        assert translate(item.hint, "zh_Hans", **item.values) or not item.hint


# --- workers and jobs ------------------------------------------------------------------------------------------------


def test_late_ticks_are_named_with_their_age(shop: CRM, hands: Hands) -> None:
    """While no worker runs the ticks pile up: a warning, after a day an error; a worker mends it."""
    declare(shop, Job(name="test.hourly", acts_as="system", handler=lambda session, tick: None, every="hour"))
    Scheduler(shop.gate).tick()
    hands.move(hours=3, minutes=10)
    wanted = "The last tick of test.hourly was 3 h ago and 3 are missed: no worker is running."
    assert f"warning: {wanted}" in shown(examine(shop), "tick.late")
    hands.move(days=2)
    found = shown(examine(shop), "tick.late")
    assert [True] == [text.startswith("error:") for text in found if "test.hourly" in text]
    shop.worker().run_until_idle()
    found = examine(shop)
    assert (shown(found, "tick.late"), shown(found, "tick")) == ([], ["ok: Periodic jobs are on time."])


def test_jobs_that_wait_too_long_are_counted(shop: CRM, hands: Hands) -> None:
    """Due jobs that nobody does are found."""
    declare(shop, Job(name="test.make", acts_as="system", handler=make_team))
    put(shop, "one")
    hands.move(minutes=10)
    assert shown(examine(shop), "job.late") == ["warning: 1 jobs are due and not done, the oldest for 10 min."]


def test_dead_and_unknown_jobs_are_named(shop: CRM) -> None:
    """Those on the dead-letter list, and those whose plugin is not running."""
    declare(
        shop,
        Job(name="test.make", acts_as="system", handler=failing(lambda: JobError("no"))),
        Job(name="test.gone", acts_as="system", handler=make_team),
    )
    put(shop, "one")
    put(shop, "two", job="test.gone")
    del shop.registry.jobs["test.gone"]
    shop.worker().run_until_idle()
    found = examine(shop)
    assert shown(found, "job.dead") == ["warning: 1 jobs of test.make failed for good."]
    assert shown(found, "job.unknown") == ["warning: 1 jobs of test.gone wait for a plugin that is not running."]


def test_workers_are_told_apart(shop: CRM, hands: Hands) -> None:
    """One that runs, one that runs with old plugins, one that vanished."""
    rows = [("now", 0, 0), ("old", 0, -1), ("gone", 90, 0)]
    with shop.engines.system_write.begin() as connection:
        for name, ago, behind in rows:
            connection.execute(
                Heartbeat.__table__.insert().values(
                    worker=name,
                    started_at=hands.now,
                    seen_at=hands.now - timedelta(minutes=ago),
                    generation=shop.generation + behind,
                )
            )
    found = examine(shop)
    assert shown(found, "worker") == ["ok: 2 workers are running: now, old"]
    assert shown(found, "worker.stale") == ["warning: The worker old runs with plugins as they were before."]
    assert shown(found, "worker.gone") == [
        "info: The worker gone has not been seen for 90 min; it did not end by itself."
    ]


def test_an_unreadable_period_is_an_error(shop: CRM) -> None:
    """A job that can never run is said so."""
    declare(shop, Job(name="test.bad", acts_as="system", handler=make_team, every="blue moon"))
    (text,) = shown(examine(shop), "tick.unreadable")
    assert text.startswith('error: The periodic job test.bad cannot be scheduled: "blue moon" is not a period.')


# --- plugins' own checks ---------------------------------------------------------------------------------------------


def test_plugins_checks_are_run_and_their_failures_named(shop: CRM) -> None:
    """A check's findings are among the others; one that raises is a finding, without what it said."""

    def fine(session: CrmSession) -> list[Finding]:
        return [Finding(level="ok", code="test.fine", message="Fine.")]

    def broken(session: CrmSession) -> list[Finding]:
        raise ValueError("Anna Smith")

    checks = [Check(name="test.fine", title="", run=fine), Check(name="test.broken", title="", run=broken)]
    shop.registry.add("crmkit", "check", checks)
    found = examine(shop)
    assert shown(found, "test.fine") == ["ok: Fine."]
    (text,) = shown(found, "test.broken.failed")
    assert text.startswith("error: The examination of test.broken failed: ValueError (")
    assert "Anna" not in text


# --- backup and clock ------------------------------------------------------------------------------------------------


def test_an_old_backup_is_a_warning(shop: CRM, hands: Hands, tmp_path: Path) -> None:
    """A week without a backup is too long."""
    backup(shop, tmp_path / "backup")
    assert shown(examine(shop), "backup") == ["ok: The last backup is 0 min old."]
    hands.move(days=8)
    assert shown(examine(shop), "backup.old") == ["warning: The last backup is 8 d old."]


def test_a_fixed_business_clock_is_told(crm_url: str) -> None:
    """Who looks at a demonstration's data should know that its time stands still."""
    with CRM.open(crm_url, clock=Clock(fixed=datetime(2011, 12, 10, tzinfo=UTC))) as crm:
        found = examine(crm)
    assert shown(found, "clock.fixed") == ["info: The business's clock stands still at 2011-12-10 00:00+00:00."]


# --- the database ----------------------------------------------------------------------------------------------------


def test_a_schema_that_differs_is_found(shop: CRM, crm_url: str) -> None:
    """A column that somebody dropped by hand is a warning with its name."""
    with shop.engines.system_write.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE crm_heartbeat ADD COLUMN by_hand INTEGER")
    (text,) = shown(examine(shop), "schema.drift")
    assert text.startswith("warning: The tables of crmkit differ from its models in 1 places")
    assert "by_hand" in text


def test_a_hosts_careless_engine_is_found(sqlite_url: str) -> None:
    """A host's own SQLite engine without durability is an error; foreign keys are on while crmkit uses it."""
    CRM.init(sqlite_url).close()
    engine = create_engine(sqlite_url)
    event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA synchronous = OFF"))
    with CRM.open(engine=engine) as crm:
        found = examine(crm)
    engine.dispose()
    assert "error: SQLite's synchronous is 0 and should be 2." in shown(found, "sqlite.pragma")


def test_sqlite_that_does_not_overwrite_what_is_deleted_is_found(sqlite_url: str) -> None:
    """Deleted rows would stay readable in the file."""
    CRM.init(sqlite_url).close()
    engine = create_engine(sqlite_url)
    event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA secure_delete = OFF"))
    with CRM.open(engine=engine) as crm:
        found = examine(crm)
    engine.dispose()
    assert "error: SQLite's secure_delete is 0 and should be 1." in shown(found, "sqlite.pragma")


def test_a_server_that_is_talked_to_in_plain_is_an_error(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a network everybody on the way could read along; on this machine nobody can."""
    engines = open_engines(Settings(database=postgres_server.url("postgres")))
    assert [item.code for item in examine_database(engines, Settings(database="")) if item.level == "error"] == []
    monkeypatch.setattr("crmkit.soundness.network_hosts", lambda arguments, environ: ["db.shop.test"])
    found = list(examine_database(engines, Settings(database="")))
    engines.dispose()
    assert shown(found, "postgresql.plain") == [
        "error: What is said between this machine and db.shop.test is not encrypted."
    ]


def test_a_superuser_is_a_warning(postgres_server: PostgresServer) -> None:
    """An application that may do everything on a server is one mistake away from doing it."""
    with postgres_server.connect() as connection:
        connection.execute("CREATE ROLE modest LOGIN")
    for role, codes in (("crmkit", ["postgresql.superuser"]), ("modest", [])):
        url = postgres_server.url("postgres").replace("crmkit@", f"{role}@")
        engines = open_engines(Settings(database=url))
        found = examine_database(engines, Settings(database=""))
        assert [item.code for item in found if item.level == "warning"] == codes
        engines.dispose()


def test_lower_durability_is_told(sqlite_url: str) -> None:
    """Who chose speed over the last commits is reminded of it."""
    with CRM.init(Settings(database=sqlite_url, synchronous="normal")) as crm:
        assert len(shown(examine(crm), "sqlite.synchronous")) == 1


def test_a_damaged_database_is_an_error(sqlite_url: str, tmp_path: Path) -> None:
    """Whether it can be opened or not, the damage is a finding and never a traceback."""
    CRM.init(sqlite_url).close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    data = bytearray(path.read_bytes())
    for start in range(40_000, len(data), 4096):
        data[start : start + 2000] = os.urandom(min(2000, len(data) - start))
    path.write_bytes(data)
    found = examine_settings(Settings(database=sqlite_url))
    assert any(item.level == "error" for item in found)
    path.write_bytes(os.urandom(5000))
    assert shown(examine_settings(Settings(database=sqlite_url)), "database.damaged") == [
        "error: The database is damaged: file is not a database"
    ]


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """A database that refuses the connection is a finding that says so."""
    found = examine_settings(Settings(database=f"postgresql://nobody@/x?host={tmp_path}"))
    (said,) = shown(found, "open")
    assert said.startswith("error: The installation cannot be opened: The database reported an error: connection")


# --- the audit log and the accounts ----------------------------------------------------------------------------------


def earnest(crm: CRM, **changes: object) -> None:
    """Make an installation one of production."""
    crm.settings = evolve(crm.settings, profile="production", **changes)


def test_a_log_that_nobody_signs_is_an_error_in_production(shop: CRM, hands: Hands) -> None:
    """Never signed, or more than a day ago although there are new records; elsewhere it is told and no more."""
    shop.run(ACTOR, "team.create", {"name": "one"})
    settle(shop)
    assert [text[:5] for text in shown(examine(shop), "audit.unsigned")] == ["info:"]
    earnest(shop)
    assert [text[:6] for text in shown(examine(shop), "audit.unsigned")] == ["error:"]
    shop.run(ACTOR, "audit.checkpoint")
    assert len(shown(examine(shop), "audit.checkpoint")) == 1
    hands.move(days=2)
    assert len(shown(examine(shop), "audit.checkpoint")) == 1
    shop.run(ACTOR, "team.create", {"name": "two"})
    settle(shop)
    (text,) = shown(examine(shop), "audit.unsigned")
    assert text.startswith("error: The end of the audit log was last signed on")


def test_statements_beside_the_database_are_an_error_in_production(shop: CRM, tmp_path: Path) -> None:
    """Who can change the log must not be able to change what it is compared with."""
    beside = str(tmp_path / "sink" / "checkpoints.jsonl")
    elsewhere = str(tmp_path.parent / "sink" / "checkpoints.jsonl")
    assert shown(examine(shop), "audit.sink") == []
    found = {}
    for sink in (beside, elsewhere, "none", "syslog:logs.shop.test:514"):
        earnest(shop, audit_sink=sink, home=tmp_path / "home")
        found[sink] = [text[:6] for text in shown(examine(shop), "audit.sink")]
    wanted = ["error:"] if shop.engines.dialect == "sqlite" else []
    assert found == {beside: wanted, elsewhere: [], "none": ["error:"], "syslog:logs.shop.test:514": []}


def test_administrators_who_are_gone_are_an_error(shop: CRM, hands: Hands) -> None:
    """Who may administer something and was not seen for three months should not be able to any more."""
    for login, role in (("boss", "admin"), ("anna", "manager")):
        made = shop.run(ACTOR, "user.create", {"login": login, "name": login.title()})
        shop.run(ACTOR, "user.assign_role", {"role": role}, target=made.id)
    assert shown(examine(shop), "accounts.dormant") == []
    hands.move(days=100)
    (text,) = shown(examine(shop), "accounts.dormant")
    assert text == "error: 1 administrators were not seen for 90 days: boss."


def test_users_without_any_way_in_are_told(shop: CRM, hands: Hands) -> None:
    """No password, no token and no invitation that is still good; where nobody signs in here nothing is said."""
    for login in ("anna", "ben", "carl"):
        shop.run(ACTOR, "user.create", {"login": login, "name": login.title()})
    assert shown(examine(shop), "accounts.locked_out") == []
    with shop.engines.system_write.begin() as connection:
        ids = {row.login: row.id for row in connection.execute(select(User.login, User.id))}
        connection.execute(Password.__table__.insert().values(user_id=ids["anna"], hash="x", changed_at=hands.now))
        connection.execute(
            ApiToken.__table__.insert().values(
                id=ids["ben"],
                user_id=ids["ben"],
                name="x",
                prefix="x",
                hash=b"x" * 32,
                scopes=[],
                created_at=hands.now,
                expires_at=hands.now + timedelta(days=1),
            )
        )
    assert shown(examine(shop), "accounts.locked_out") == [
        "info: 1 active users have no password, and no token that is still good: carl."
    ]
    hands.move(days=2)
    assert shown(examine(shop), "accounts.locked_out") == [
        "info: 2 active users have no password, and no token that is still good: ben, carl."
    ]


# --- keys ------------------------------------------------------------------------------------------------------------


def test_keys_that_were_never_backed_up_are_an_error_once_they_are_needed(shop: CRM) -> None:
    """While nothing is sealed nothing can be lost; then everything can."""
    assert [text[:8] for text in shown(examine(shop), "key.backup")] == ["warning:"]
    points = [{"kind": "phone", "value": "+8613800138000"}]
    shop.run(ACTOR, "customer.create", {"name": "Wang", "contact_points": points})
    assert [text[:6] for text in shown(examine(shop), "key.backup")] == ["error:"]


def test_keys_that_are_missing_are_an_error(tmp_path: Path) -> None:
    """Without its keys an installation opens, and reads nothing that is sealed."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'shop.db'}", keys=tmp_path / "keys")
    CRM.init(settings).close()
    (tmp_path / "keys").rename(tmp_path / "elsewhere")
    errors = [item.code for item in examine_settings(settings) if item.level == "error"]
    assert "key.unusable" in errors or "crmkit.keys.failed" in errors


# --- installations that cannot be opened, folders --------------------------------------------------------------------


def test_an_installation_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    """Empty database, missing folder, no database at all: each is said, none raised."""
    empty = examine_settings(Settings(database=f"sqlite:///{tmp_path / 'empty.db'}"))
    assert shown(empty, "open") == [
        "error: The installation cannot be opened: The database has not been set up yet. "
        "Run crmkit init, or open it with create=True."
    ]
    missing = examine(Settings(database=f"sqlite:///{tmp_path / 'no' / 'x.db'}"))
    assert "does not exist" in shown(missing, "open")[0]
    (tmp_path / "text.db").write_text("This is no database, whatever its name says. " * 50)
    wrong = examine(Settings(database=f"sqlite:///{tmp_path / 'text.db'}"))
    assert [item.level for item in wrong if item.code == "database.damaged"] == ["error"]


def open_files(settings: Settings) -> list[tuple[str, str]]:
    """Return the level and the name of each file that is said to be open to others."""
    found = [item for item in examine_files(settings) if item.code == "files.mode"]
    return [(item.level, Path(str(item.values["path"])).name) for item in found]


@pytest.fixture
def installed(tmp_path: Path) -> Settings:
    """A home with every kind of file in it, all of them closed."""
    home = tmp_path / "home"
    for name in ("", "data", "data/files", "backups", "keys"):
        (home / name).mkdir(mode=0o700)
    for name in ("data/crmkit.db", "data/crmkit.db-wal", "keys/root-0001.key"):
        (home / name).touch(mode=0o600)
    (home / "crmkit.toml").write_text('database = "postgresql://u:secret@localhost/x"')
    (home / "crmkit.toml").chmod(0o600)
    return Settings.from_mapping({"keys": home / "keys"}, home=home)


def test_closed_files_are_nothing(installed: Settings) -> None:
    """A home as crmkit init makes it has no finding."""
    assert list(examine_files(installed)) == []


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("crmkit.toml", 0o644),
        ("data", 0o750),
        ("data/files", 0o755),
        ("data/crmkit.db", 0o640),
        ("data/crmkit.db-wal", 0o604),
        ("backups", 0o755),
    ],
)
def test_open_files_in_an_open_home_are_errors(installed: Settings, path: str, mode: int) -> None:
    """Each file and folder that others can read is named, unless the folder it lies in or the home keeps them out."""
    assert installed.home is not None
    (installed.home / path).chmod(mode)
    assert open_files(installed) == []
    for folder in {installed.home, (installed.home / path).parent}:
        folder.chmod(0o755)
    found = open_files(installed)
    assert ("error", "home") in found
    assert ("error", Path(path).name) in found


def test_open_keys_are_errors_wherever_they_are(installed: Settings) -> None:
    """A closed home is no excuse for a key that is not."""
    assert installed.home is not None
    (installed.home / "keys" / "root-0001.key").chmod(0o604)
    assert open_files(installed) == [("error", "root-0001.key")]
    (installed.home / "keys").chmod(0o750)
    assert open_files(installed) == [("error", "keys"), ("error", "root-0001.key")]


def test_settings_without_a_password_may_be_read_and_not_written(installed: Settings) -> None:
    """What names the database may be known; who could change it could name another."""
    assert installed.home is not None
    installed.home.chmod(0o755)
    path = installed.home / "crmkit.toml"
    path.write_text('language = "en"')
    path.chmod(0o644)
    assert open_files(installed) == [("error", "home")]
    path.chmod(0o664)
    assert open_files(installed) == [("error", "home"), ("error", "crmkit.toml")]


@pytest.mark.parametrize("inside", ["data", "data/files", "backups"])
def test_keys_inside_the_data_are_an_error(installed: Settings, inside: str) -> None:
    """Keys that a copy of the data, the attachments or the backups takes along protect nothing."""
    assert installed.home is not None
    keys = installed.home / inside / "keys"
    keys.mkdir(mode=0o700)
    found = shown(list(examine_files(evolve(installed, keys=keys))), "keys.place")
    assert len(found) == 1
    assert found[0].startswith(f"error: The keys in {keys} lie inside {installed.home}")


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a gigabyte is a warning, below a tenth of one an error."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'x.db'}")

    def level(free: int) -> list[str]:
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr("crmkit.soundness.shutil.disk_usage", lambda path: usage)
        return [item.level for item in examine_folders(settings) if item.code == "disk"]

    assert [level(free) for free in (2 << 30, 500 << 20, 50 << 20)] == [["ok"], ["warning"], ["error"]]


def test_a_network_file_system_is_an_error_for_sqlite(tmp_path: Path) -> None:
    """The deepest mount that holds the file decides; PostgreSQL does not mind."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/x {tmp_path}/far\\040away nfs4 rw 0 0\n")
    far = tmp_path / "far away" / "x.db"
    assert [filesystem_of(path, mounts) for path in (far, tmp_path / "near.db")] == ["nfs4", "ext4"]
    settings = Settings(database=f"sqlite:///{far}")
    assert [item.code for item in examine_folders(settings, mounts)] == ["sqlite.network"]
    assert list(examine_folders(evolve(settings, database="postgresql://host/x"), mounts)) == []


def test_ages_are_short() -> None:
    """One unit is enough."""
    lengths = [timedelta(minutes=5), timedelta(hours=3), timedelta(days=12, hours=5)]
    assert [age(length) for length in lengths] == ["5 min", "3 h", "12 d"]


def test_a_demonstration_is_sound_without_a_backup_of_its_keys(sqlite_url: str, hands: Hands) -> None:
    """Where the clock stands still the customers are made up and can be made again: it is told, and is no error."""
    with CRM.init(Settings(database=sqlite_url, clock=hands.now)) as crm:
        points = [{"kind": "phone", "value": "+8613800138000"}]
        crm.run(ACTOR, "customer.create", {"name": "Wang", "contact_points": points})
        assert [text[:8] for text in shown(examine(crm), "key.backup")] == ["warning:"]
