"""Calls of the server, bar 26: no address of the own network is reached unless it was said so, however it is put."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from crmkit.errors import Refused
from crmkit.security.outgoing import addresses
from crmkit.security.outgoing.addresses import addresses_of, is_allowed
from crmkit.security.outgoing.calls import LONGEST, call_address, checked_address

INSIDE = (
    *(
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
    ),
    *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1"),
    *("240.0.0.1", "255.255.255.255", "192.88.99.1", "0.1.2.3"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2002:a00:1::", "2001::1", "2001:db8::1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0"),
    *("fec0::1", "ff02::1", "100::1", "fd00:ec2::254", "::ffff:169.254.169.254", "not an address", ""),
)
OUTSIDE = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8")
NEVER = ("169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1", "fd00:ec2::254")


def test_only_public_addresses_are_called() -> None:
    """Whatever form they are written in."""
    assert ([], []) == (
        [item for item in INSIDE if is_allowed(item)],
        [item for item in OUTSIDE if not is_allowed(item)],
    )


def test_the_own_network_is_called_where_it_was_said_so() -> None:
    """And never where clouds hand out credentials."""
    own = ("127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fd00::1", "100.64.0.1")
    assert [] == [item for item in (*own, *OUTSIDE) if not is_allowed(item, private=True)]
    assert [] == [item for item in NEVER if is_allowed(item, private=True)]


NUMBERS = ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "①②⑦.⓪.⓪.①", "localhost", "localhost.", "127.0.0.1.")


@pytest.mark.parametrize("host", NUMBERS)
def test_a_name_is_judged_by_what_it_leads_to(host: str) -> None:
    """Numbers that are no addresses by their form lead to this machine all the same."""
    with pytest.raises(Refused):
        addresses_of(host, 443)


def test_one_wrong_address_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a public and an inner address is refused."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *arguments, **options: found)
    with pytest.raises(Refused):
        addresses_of("two.example", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/",
        "ftp://id.example/",
        "file:///etc/passwd",
        "https://",
        "https://me@id.example/",
        "https://id.example@127.0.0.1/",
        "https://id.example:22/",
        "https://id.example:99999/",
        "https://id.example/#x",
        "https://id.example/\r\nHost: x",
        "https://id.example /",
        "https://ｉd.example/",
        "javascript:alert(1)",
        "//id.example/",
        "",
    ],
)
def test_an_address_has_a_form(url: str) -> None:
    """Encrypted, with a name, on the usual ports, and nothing else in it."""
    with pytest.raises(Refused):
        checked_address(url)


class Quiet(http.server.BaseHTTPRequestHandler):
    """Answers by the path, and counts who came."""

    came: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.came.append(self.path)
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/arrived")
            self.end_headers()
            return
        body = b"x" * (LONGEST + 2 if self.path == "/long" else 2)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def canary() -> Iterator[str]:
    """The address of a server on this machine that nobody is to reach."""
    Quiet.came = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_nothing_on_this_machine_is_reached(canary: str) -> None:
    """By no way of writing it, nor by a name."""
    port = canary.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]"):
        for scheme in ("http", "https"):
            with pytest.raises(Refused):
                call_address(f"{scheme}://{host}:{port}/")
    assert [] == Quiet.came


def test_the_connection_goes_where_it_was_judged(canary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere when it is asked the second time is asked once."""
    host, _colon, port = canary.rpartition(":")
    asked: list[str] = []
    real = socket.getaddrinfo

    def changing(name: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(str(name))
        return real("192.0.2.1" if len(asked) > 1 and name == "localhost" else host, *arguments, **options)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", changing)
    assert 200 == call_address(f"http://localhost:{port}/", private=True).status
    assert 1 == asked.count("localhost")


def test_no_redirection_is_followed_and_no_long_answer_read(canary: str) -> None:
    """What is answered is judged by the caller."""
    assert 302 == call_address(f"http://{canary}/away", private=True).status
    assert ["/away"] == Quiet.came
    with pytest.raises(Refused):
        call_address(f"http://{canary}/long", private=True)


def test_who_does_not_answer_is_named() -> None:
    """By the host alone."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Refused, match=r"127\.0\.0\.1 does not answer"):
        call_address(f"http://127.0.0.1:{port}/", private=True)
