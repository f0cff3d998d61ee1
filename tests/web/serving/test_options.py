"""What is refused before anything listens, where jobs are carried out, and which port is taken."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from crmkit.errors import ConfigurationError
from crmkit.settings import Settings
from crmkit.web.serving.options import ServeOptions, check_options
from crmkit.web.serving.server import choose_port
from crmkit.web.serving.unit import unit

SQLITE = Settings(database="sqlite:///x.db")
POSTGRES = Settings(database="postgresql://x/y")
PRODUCTION = Settings(database="sqlite:///x.db", profile="production")


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        (SQLITE, {"host": "0.0.0.0"}),
        (SQLITE, {"host": "::"}),
        (SQLITE, {"host": "192.0.2.7"}),
        (SQLITE, {"host": "crm.example.com"}),
        (SQLITE, {"certificate": Path(__file__)}),
        (SQLITE, {"key": Path(__file__)}),
        (SQLITE, {"certificate": Path("/nowhere.pem"), "key": Path("/nowhere.key")}),
        (PRODUCTION, {"behind_proxy": True}),
        (SQLITE, {"jobs": True, "workers": 2}),
    ],
)
def test_what_is_not_safe_is_refused(settings: Settings, options: dict[str, Any]) -> None:
    """Plain connections over a network, half a certificate, proxies that nobody named, two writers of one file."""
    with pytest.raises(ConfigurationError):
        check_options(settings, ServeOptions(**options))


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        (SQLITE, {}),
        (SQLITE, {"host": "localhost"}),
        (SQLITE, {"host": "127.0.0.5"}),
        (SQLITE, {"host": "::1"}),
        (PRODUCTION, {}),
        (SQLITE, {"host": "0.0.0.0", "behind_proxy": True}),
        (SQLITE, {"host": "0.0.0.0", "certificate": Path(__file__), "key": Path(__file__)}),
        (POSTGRES, {"jobs": True, "workers": 2}),
    ],
)
def test_what_is_safe_is_not(settings: Settings, options: dict[str, Any]) -> None:
    """This machine alone, an encrypted connection, or a proxy that encrypts."""
    check_options(settings, ServeOptions(**options))


@pytest.mark.parametrize(
    ("settings", "options", "expected"),
    [
        (SQLITE, {}, True),
        (SQLITE, {"jobs": False}, False),
        (SQLITE, {"workers": 2}, False),
        (POSTGRES, {}, False),
        (POSTGRES, {"jobs": True}, True),
    ],
)
def test_jobs_are_carried_out_beside_where_nobody_else_does(
    settings: Settings, options: dict[str, Any], expected: bool
) -> None:
    """One process on an SQLite file carries out its jobs; otherwise it is said."""
    assert expected is ServeOptions(**options).works_jobs(settings)


def test_a_port_that_is_taken_is_told_or_passed_over() -> None:
    """A server of one's own says so; the demonstration takes the next one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=str(port)):
            choose_port(ServeOptions(port=port))
        assert port < choose_port(ServeOptions(port=port, first_free=True)).port <= port + 20


def test_the_unit_is_hardened_and_says_how_to_serve() -> None:
    """Signals go to the first process alone, a reload loses nothing, and what cannot be mended is not tried again."""
    text = unit(Path("/srv/crm 100%"), ["--port", "9000", "--public-url", "https://x/?a=b c"], python="/opt/py")
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    assert "/opt/py -m crmkit serve --port 9000 --public-url 'https://x/?a=b c'" == lines["ExecStart"]
    assert r"/srv/crm\x20100%%" == lines["ReadWritePaths"]
    assert ("mixed", "2 7") == (lines["KillMode"], lines["RestartPreventExitStatus"])
    assert "/bin/kill -HUP $MAINPID" == lines["ExecReload"]
    for name, value in {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes"}.items():
        assert value == lines[name]
    assert (
        "no"
        == dict(line.split("=", 1) for line in unit(Path("/home/a/crm"), []).splitlines() if "=" in line)["ProtectHome"]
    )
