"""In production a PostgreSQL server over a network is talked to only when its certificate is checked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import frozen
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from crmkit import CRM, Settings
from crmkit.core.store.engine import open_engines
from crmkit.core.store.transit import check_transit, is_local, network_hosts
from crmkit.errors import ConfigurationError
from tests.servers.certificates import Authority
from tests.servers.postgres import PostgresServer, running_server

HOST = "db.shop.test"


@frozen(kw_only=True)
class Encrypted:
    """A server that encrypts, the authority of its certificate, and one that has nothing to do with it."""

    server: PostgresServer
    authority: Authority
    stranger: Authority

    def url(self, *, host: str = HOST, mode: str = "verify-full", trusted: Authority | None = None) -> str:
        """Return an address by which the server is known as ``host``."""
        server = self.server
        return (
            f"postgresql+psycopg://crmkit:{server.password}@{host}:{server.port}/postgres?hostaddr=127.0.0.1"
            f"&sslmode={mode}&sslrootcert={(trusted or self.authority).file}"
        )


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    """A real server with a certificate of its own."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, stranger = (Authority.make(folder, name) for name in ("authority", "stranger"))
    with running_server(system_only=True, tls=authority.issue(folder, HOST)) as server:
        yield Encrypted(server=server, authority=authority, stranger=stranger)


def production(url: str) -> Settings:
    """Return settings in earnest."""
    return Settings(database=url, profile="production")


def version_of_tls(url: str) -> str:
    """Connect as crmkit does and return how the connection is encrypted."""
    engines = open_engines(production(url))
    try:
        with engines.system_read.connect() as connection:
            query = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return str(connection.execute(text(query)).scalar())
    finally:
        engines.dispose()


def test_the_right_certificate_works(encrypted: Encrypted) -> None:
    """A server whose certificate is of the trusted authority and names it is talked to, with TLS 1.2 or newer."""
    assert version_of_tls(encrypted.url()) in ("TLSv1.2", "TLSv1.3")


def test_a_certificate_of_another_authority_is_refused(encrypted: Encrypted) -> None:
    """Who signs his own certificate does not get the password."""
    with pytest.raises(OperationalError, match="certificate verify failed"):
        version_of_tls(encrypted.url(trusted=encrypted.stranger))


def test_a_certificate_for_another_name_is_refused(encrypted: Encrypted) -> None:
    """A certificate of the trusted authority for another server does not serve."""
    with pytest.raises(OperationalError, match="does not match host name"):
        version_of_tls(encrypted.url(host="other.shop.test"))


def test_a_server_that_does_not_encrypt_is_refused(postgres_server: PostgresServer, encrypted: Encrypted) -> None:
    """There is no falling back to a connection in plain."""
    url = encrypted.url().replace(f":{encrypted.server.port}/", f":{postgres_server.port}/")
    with pytest.raises(OperationalError, match="does not support SSL"):
        version_of_tls(url.replace(encrypted.server.password, postgres_server.password))


@pytest.mark.parametrize("mode", ["", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=disable"])
def test_anything_less_is_refused_before_connecting(mode: str) -> None:
    """In production an address over a network is refused with what to write instead; in development it is not."""
    url = f"postgresql://crmkit:secret@db.shop.test/crm{mode}"
    with pytest.raises(ConfigurationError, match=r"db\.shop\.test") as refused:
        CRM.open(production(url))
    assert "sslmode=verify-full&sslrootcert=" in str(refused.value)
    assert "secret" not in str(refused.value)
    open_engines(Settings(database=url)).dispose()


@pytest.mark.parametrize("way", ["socket", "loopback"])
def test_this_machine_needs_no_certificate(postgres_server: PostgresServer, way: str) -> None:
    """A socket and the loopback are not read by others."""
    url = postgres_server.url("postgres") if way == "socket" else postgres_server.tcp_url("postgres")
    assert version_of_tls(url) == "None"


@pytest.mark.parametrize(
    ("arguments", "environ", "hosts"),
    [
        ({}, {}, []),
        ({}, {"PGHOST": "db.shop.test"}, ["db.shop.test"]),
        ({"host": "/run/postgresql"}, {"PGHOST": "db.shop.test"}, []),
        ({"host": "localhost", "hostaddr": "10.0.0.5"}, {}, ["10.0.0.5"]),
        ({"host": "localhost"}, {"PGHOSTADDR": "10.0.0.5"}, ["10.0.0.5"]),
        ({"host": "localhost,10.0.0.5"}, {}, ["10.0.0.5"]),
        ({"service": "shop"}, {}, ["shop"]),
        ({}, {"PGSERVICE": "shop"}, ["shop"]),
        ({"host": "localhost.shop.test"}, {}, ["localhost.shop.test"]),
    ],
)
def test_every_way_to_name_a_server_counts(
    arguments: dict[str, str], environ: dict[str, str], hosts: list[str]
) -> None:
    """Addresses, lists, the environment and services are looked at as libpq takes them."""
    assert network_hosts(arguments, environ) == hosts
    if hosts:
        with pytest.raises(ConfigurationError):
            check_transit(arguments, environ)
    check_transit({**arguments, "sslmode": "verify-full"}, environ)


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("10.0.0.1", False), ("::2", False)],
)
def test_only_the_loopback_is_this_machine(host: str, local: bool) -> None:
    """An address that merely looks private is on a network."""
    assert is_local(host) == local
