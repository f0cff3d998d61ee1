"""``crmkit serve`` and ``crmkit customer link``: what is said before anything listens, and a link to hand over."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Crmkit


def test_without_the_extra_it_says_how_to_install_it(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback, but what to type."""
    usual = importlib.util.find_spec

    def without(name: str, *rest: Any) -> Any:
        return None if name == "granian" else usual(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    done = crmkit("serve", "--port", str(free))
    assert 7 == done.code
    assert "granian" in done.err
    assert 'pip install "crmkit[web]"' in done.err


def test_plain_connections_over_a_network_are_refused(crmkit: Crmkit) -> None:
    """With what to do instead; nothing was opened."""
    done = crmkit("serve", "--host", "0.0.0.0")
    assert 7 == done.code
    assert "--certificate" in done.err
    assert "--behind-proxy" in done.err


def test_a_database_of_another_version_is_told_before_serving(crmkit: Crmkit) -> None:
    """The same error as of any command, and the way out."""
    import sqlite3

    assert crmkit.home is not None
    with sqlite3.connect(crmkit.home / "data" / "crmkit.db") as connection:
        connection.execute("update crm_migration set version_num = 'crmkit_9999'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    done = crmkit("serve", "--port", str(free))
    assert 7 == done.code
    assert "CK602" in done.err


def test_the_unit_serves_with_the_same_options(crmkit: Crmkit) -> None:
    done = crmkit.ok("serve", "--workers", "3", "--behind-proxy", "--host", "0.0.0.0", "--no-jobs", "--print-unit")
    (line,) = (line for line in done.out.splitlines() if line.startswith("ExecStart="))
    assert line.endswith("--host 0.0.0.0 --port 8000 --workers 3 --threads 12 --logs json --behind-proxy --no-jobs")
    assert f"CRMKIT_HOME={crmkit.home}" in done.out


def test_a_link_is_printed_with_the_address_of_the_installation(crmkit: Crmkit) -> None:
    """For a customer who is named as everywhere."""
    crmkit.ok("customer", "add", "name=Ada Byron", "email=ada@example.com")
    shown = crmkit.ok("customer", "link", "ada@example.com", "--days", "3")
    assert "/p/preferences/" in shown.out
    assert "public_url" in shown.out
    made = crmkit.ok(
        "customer", "link", "ada@example.com", "--json", env={"CRMKIT_PUBLIC_URL": "https://crm.example.com/"}
    ).json
    assert made["link"].startswith("https://crm.example.com/p/preferences/")


def test_a_page_that_there_is_not_is_told(crmkit: Crmkit) -> None:
    crmkit.ok("customer", "add", "name=Ada Byron")
    assert 3 == crmkit("customer", "link", "Ada Byron", "--page", "nothing").code


def test_the_demonstration_ends_by_serving(tmp_path: Path) -> None:
    """It says where, with a link that signs in once, on a free port; Ctrl-C ends it."""
    # What is before the end takes long and is tested elsewhere: here an installation stands for it.
    code = (
        "import sys;from pathlib import Path;from crmkit.app import CRM;from crmkit.cli.invocation import Invocation;"
        "from crmkit.demo.serving import serve;from crmkit.settings import Settings;home=Path(sys.argv[1]);"
        "(home/'data').mkdir(parents=True);CRM.init(Settings.from_mapping({},home=home)).close();"
        "(home/'crmkit.toml').write_text('');cli=Invocation();cli.home_option=str(home);serve(cli)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "shop")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        link = next(line.strip() for line in process.stdout if "/sign-in/link/" in line)
        assert link.startswith("http://localhost:80")
        with urllib.request.urlopen(link, timeout=30) as page:
            assert 200 == page.status
            assert b"<form" in page.read()
        process.send_signal(signal.SIGINT)
        assert 0 == process.wait(30)
    finally:
        process.kill()
        process.communicate()


def test_whoever_writes_a_plugin_is_told_what_the_database_lacks(
    crmkit: Crmkit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Models that are ahead of its tables, and permissions that nobody was given; nothing where all is as it should."""
    import sqlite3

    from crmkit.cli.invocation import Invocation
    from crmkit.cli.serving import tell_what_waits

    assert crmkit.home is not None
    assert crmkit("plugin", "enable", "sales", "--yes").code == 0
    cli = Invocation()
    cli.home_option = str(crmkit.home)
    tell_what_waits(cli)
    cli.close()
    assert capsys.readouterr().err == ""
    with sqlite3.connect(crmkit.home / "data" / "crmkit.db") as connection:
        connection.execute("ALTER TABLE sales_quota RENAME COLUMN territory TO area")
        connection.execute(
            "UPDATE crm_plugin SET manifest = json_remove(manifest, '$.permissions[0]') WHERE name = 'sales'"
        )
    tell_what_waits(cli)
    cli.close()
    models, permissions = capsys.readouterr().err.splitlines()
    assert 'The models of "sales" are not what the database has (' in models
    assert "territory" in models
    assert models.endswith("Run: crmkit db revision sales")
    assert 'No role was given the new permissions of "sales" yet: sales.' in permissions
    assert permissions.endswith("Run: crmkit db upgrade")
