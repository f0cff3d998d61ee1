"""The throw-away PostgreSQL server: it is real, it is private, and it goes away."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.conftest import ENGINES, Scale
from tests.servers.postgres import NoServer, PostgresServer, _reachable, find_programs, running_server
from tests.servers.templates import copy_template, sqlite_file

ROOT = Path(__file__).resolve().parents[2]

OWNER = """
import sys, time
from tests.servers.postgres import running_server
with running_server() as server:
    print(server.pid, server.folder, flush=True)
    time.sleep(120)
"""


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and was not waited for yet does not."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone_soon(pid: int) -> bool:
    """Wait for a process to end, at most as long as a hanging test may."""
    until = time.monotonic() + 60
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_server_knows_every_script(postgres_server: PostgresServer) -> None:
    """Text of any script is stored and returned as it was."""
    with postgres_server.connect() as connection:
        row = connection.execute("SELECT %s::text, current_setting('server_encoding')", ("王小明 Zoë",)).fetchone()
    assert row == ("王小明 Zoë", "UTF8")


def test_server_is_reached_by_socket_and_by_port(postgres_server: PostgresServer) -> None:
    """Both addresses lead to the same server."""
    answers = []
    for url in (postgres_server.url("postgres"), postgres_server.tcp_url("postgres")):
        engine = create_engine(url)
        with engine.connect() as connection:
            answers.append(connection.scalar(text("SELECT current_setting('port')")))
        engine.dispose()
    assert answers == [str(postgres_server.port)] * 2


def test_port_wants_the_password(postgres_server: PostgresServer) -> None:
    """Another user of the machine does not get in by the port."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=postgres_server.port, user="crmkit", dbname="postgres", password="wrong"
        ).close()


def test_each_database_is_empty(postgres_url: str) -> None:
    """A test's database has no table of its own."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    engine.dispose()
    assert tables == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_copy_of_a_template_is_apart(
    engine: str, tmp_path: Path, postgres_server: PostgresServer, sqlite_url: str, postgres_url: str
) -> None:
    """A copy has the template's rows, and what is written to it stays out of the template."""
    template = sqlite_url if engine == "sqlite" else postgres_url
    target = f"sqlite:///{tmp_path}/copy.db" if engine == "sqlite" else postgres_server.url("copied")
    source = create_engine(template)
    with source.begin() as connection:
        connection.execute(text("CREATE TABLE thing (n INTEGER)"))
        connection.execute(text("INSERT INTO thing VALUES (1)"))
    source.dispose()

    copy = create_engine(copy_template(template, target, server=postgres_server))
    with copy.begin() as connection:
        copied = connection.scalar(text("SELECT sum(n) FROM thing"))
        connection.execute(text("INSERT INTO thing VALUES (2)"))
    copy.dispose()
    with source.connect() as connection:
        kept = connection.scalar(text("SELECT sum(n) FROM thing"))
    source.dispose()
    if engine == "postgresql":
        postgres_server.drop_database("copied")

    assert (copied, kept) == (1, 1)


def test_copy_of_a_file_has_what_the_log_still_holds(tmp_path: Path, sqlite_url: str) -> None:
    """A template whose rows are still in SQLite's write-ahead log is copied whole."""
    file = sqlite_file(sqlite_url)
    script = (
        f"import os, sqlite3; c = sqlite3.connect({str(file)!r}); c.execute('PRAGMA journal_mode=WAL');"
        "c.execute('CREATE TABLE t (n)'); c.execute('INSERT INTO t VALUES (7)'); c.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert file.with_name("crmkit.db-wal").stat().st_size > 0
    copy = sqlite_file(copy_template(sqlite_url, f"sqlite:///{tmp_path}/copy.db"))
    connection = sqlite3.connect(copy)
    rows = connection.execute("SELECT n FROM t").fetchall()
    connection.close()
    assert rows == [(7,)]


def test_database_url_is_empty_on_both_engines(database_url: str) -> None:
    """The fixture for both engines gives an address that takes a table."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE first_table (n INTEGER)"))
    engine.dispose()
    assert make_url(database_url).get_backend_name() in ENGINES


def test_durable_server_syncs() -> None:
    """A server for benchmarks keeps the durability of a real one, and is gone with its folder afterwards."""
    with running_server(durable=True) as server, server.connect() as connection:
        settings = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
    assert settings == [("on",), ("on",)]
    assert not server.folder.exists()
    assert not alive(server.pid)


@pytest.mark.parametrize(("ending", "folder_left"), [(signal.SIGINT, False), (signal.SIGKILL, True)])
def test_server_goes_with_its_owner(ending: signal.Signals, folder_left: bool) -> None:
    """Neither Ctrl-C nor a kill of the owner leaves a server running; only a kill can leave the folder."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with owner:
        assert owner.stdout is not None
        pid, folder = owner.stdout.readline().split()
        owner.send_signal(ending)
    try:
        assert gone_soon(int(pid))
        assert Path(folder).exists() == folder_left
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_wheel_brings_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the wheel, for machines without one, works the same."""
    monkeypatch.setattr("tests.servers.postgres._system_folders", lambda: iter(()))
    monkeypatch.delenv("CRMKIT_POSTGRES_BIN", raising=False)
    with running_server() as server, server.connect() as connection:
        row = connection.execute("SELECT upper('ü'), current_setting('server_encoding')").fetchone()
    assert server.programs.from_wheel
    assert row == ("Ü", "UTF8")


def test_wheel_in_a_closed_folder_is_copied_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the server's user cannot walk to the wheel, a copy with its libraries runs."""
    monkeypatch.setattr("tests.servers.postgres._system_folders", lambda: iter(()))
    monkeypatch.delenv("CRMKIT_POSTGRES_BIN", raising=False)
    monkeypatch.setattr("tests.servers.postgres._open_to_all", lambda folder: False)
    programs = _reachable(find_programs(), tmp_path, pwd.getpwuid(os.getuid()))
    done = subprocess.run([programs.folder / "initdb", "--version"], capture_output=True, text=True)
    assert programs.folder.is_relative_to(tmp_path)
    assert done.stdout.startswith("initdb (PostgreSQL)"), done.stderr


def test_missing_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that insists on the system's server fails with the package's name where there is none."""
    monkeypatch.setattr("tests.servers.postgres._system_folders", lambda: iter(()))
    monkeypatch.delenv("CRMKIT_POSTGRES_BIN", raising=False)
    with pytest.raises(NoServer, match="Install the package postgresql"):
        find_programs(system_only=True)


@pytest.mark.parametrize(("full", "size"), [(False, 3), (True, 50)])
def test_scale_picks_the_size_of_the_run(full: bool, size: int) -> None:
    """A test with a full-size form runs small unless the bars are asked for."""
    assert Scale(full=full)(small=3, full=50) == size
