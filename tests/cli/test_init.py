"""``crmkit init`` makes an installation, once."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit


def mode(path: Path) -> int:
    """Return the permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_is_closed_to_others(homeless: Crmkit) -> None:
    """The keys, the data and the settings can be read by their owner alone."""
    homeless.ok("--home", "shop", "init", "--yes")
    home = homeless.folder / "shop"
    assert {name: mode(home / name) for name in ("keys", "data", "crmkit.toml")} == {
        "keys": 0o700,
        "data": 0o700,
        "crmkit.toml": 0o600,
    }
    assert (home / "data" / "crmkit.db").is_file()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_modes_do_not_hang_on_the_umask(homeless: Crmkit, umask: int) -> None:
    """Home, settings, data, database and attachments are their owner's alone, however careless the umask, and their
    owner's still, however strict."""
    (homeless.folder / "shop").mkdir(mode=0o755)
    before = os.umask(umask)
    try:
        homeless.ok("--home", "shop", "init", "--yes")
    finally:
        os.umask(before)
    home = homeless.folder / "shop"
    modes = {path: mode(home / path) for path in ("", "data", "data/files", "data/crmkit.db", "crmkit.toml")}
    assert modes == {
        "": 0o700,
        "data": 0o700,
        "data/files": 0o700,
        "data/crmkit.db": 0o600,
        "crmkit.toml": 0o600,
    }


def test_options_reach_the_business(homeless: Crmkit) -> None:
    """Name, currency, zone, country and language are those that were given."""
    made = homeless.json(
        "--home", "a b", "init", "--yes", "--name", "店", "--currency", "cny", "--zone", "Asia/Shanghai",
        "--country", "cn", "--language", "zh-CN",
    )  # fmt: skip
    expected = {"name": "店", "base_currency": "CNY", "zone": "Asia/Shanghai", "country": "CN", "language": "zh_Hans"}
    assert expected == {name: made[name] for name in expected}
    assert made["created"] is True
    settings = tomllib.loads((homeless.folder / "a b" / "crmkit.toml").read_text("utf-8"))
    assert settings == {"database": "sqlite:///data/crmkit.db", "language": "zh_Hans"}


def test_the_country_of_the_terminal_is_suggested(homeless: Crmkit) -> None:
    """Without options the terminal's locale says country and currency."""
    env = {"LANG": "de_DE.UTF-8", "LC_ALL": "", "TZ": "Europe/Berlin"}
    made = homeless.ok("--home", "x", "init", "--yes", "--json", env=env).json
    assert (made["country"], made["base_currency"], made["zone"], made["name"]) == ("DE", "EUR", "Europe/Berlin", "x")


def test_a_second_time_changes_nothing(crmkit: Crmkit) -> None:
    """Done again it says so and leaves everything as it is."""
    before = (crmkit.home / "crmkit.toml").read_bytes()
    assert "already" in crmkit.ok("init", "--yes").out
    assert crmkit.json("init", "--yes")["created"] is False
    assert before == (crmkit.home / "crmkit.toml").read_bytes()


def test_another_database_or_business_is_refused(crmkit: Crmkit) -> None:
    """An installation is not made over by options that contradict it."""
    other = crmkit("init", "--yes", "--database", "sqlite:///other.db")
    assert (other.code, "CK002" in other.err) == (7, True)
    money = crmkit("init", "--yes", "--currency", "USD")
    assert (money.code, "base_currency" in money.err) == (6, True)
    assert crmkit("init", "--yes", "--currency", "CNY", "--database", "sqlite:///data/crmkit.db").code == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [("--currency", "EURO"), ("--zone", "Mars/Base"), ("--country", "Nowhere"), ("--language", "tlh")],
)
def test_what_cannot_be_is_refused_before_anything_is_made(homeless: Crmkit, option: str, value: str) -> None:
    """A currency, zone, country or language that does not exist leaves no folder behind."""
    done = homeless("--home", "shop", "init", "--yes", option, value)
    assert done.code in (3, 7)
    assert value in done.err
    assert not (homeless.folder / "shop").exists()


def test_a_database_that_cannot_be_opened_leaves_no_installation(homeless: Crmkit) -> None:
    """Without its database a folder is no installation, so that init can be tried again."""
    done = homeless("--home", "shop", "init", "--yes", "--database", "sqlite:////no/such/folder/crm.db")
    assert done.code == 7, done
    assert not (homeless.folder / "shop" / "crmkit.toml").exists()
    homeless.ok("--home", "shop", "init", "--yes")


def test_a_file_in_the_way_is_named(homeless: Crmkit) -> None:
    """A home that is a file is refused with its path."""
    (homeless.folder / "shop").write_text("")
    done = homeless("--home", "shop", "init", "--yes")
    assert (done.code, "shop" in done.err) == (2, True)


def test_questions_on_a_terminal(homeless: Crmkit, on_a_terminal: None) -> None:
    """On a terminal it asks, and an empty answer takes the suggestion."""
    done = homeless("--home", "shop", "init", input="Laden\nDE\n\nEurope/Berlin\n\nboss\n")
    assert done.code == 0, done
    assert "Name of the business [shop]" in done.out
    assert "One-time code: " in done.out
    again = homeless.json("--home", "shop", "init")
    assert False is again["created"]
    assert homeless("--home", "shop", "init", "--name", "Other").code == 6
    homeless.ok("--home", "shop", "init", "--name", "Laden", "--zone", "Europe/Berlin", "--country", "DE")


def test_an_installation_works_on_postgresql(homeless: Crmkit, postgres_url: str) -> None:
    """Settings and keys are in the folder, the data in a PostgreSQL database, whose password is not printed."""
    made = homeless.json("--home", "shop", "init", "--yes", "--database", postgres_url, "--currency", "EUR")
    assert made["database"].startswith("postgresql")
    homeless.ok("--home", "shop", "customer", "add", "name=Zoë", "city=Köln")
    homeless.ok("--home", "shop", "init", "--yes", "--database", postgres_url)
    assert homeless.json("--home", "shop", "customer", "list", "--where", "city=Köln", "--count") == {"count": 1}
    assert [row["name"] for row in homeless.json("--home", "shop", "product", "list")["items"]] == []
    assert homeless.json("--home", "shop", "interaction", "list", "--limit", "1")["next"] is None


def test_a_server_that_does_not_answer_is_named(homeless: Crmkit) -> None:
    """A PostgreSQL that cannot be reached gives one line and code 7."""
    done = homeless("--home", "shop", "init", "--yes", "--database", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert (done.code, len(done.err.splitlines()), "secret" in done.err) == (7, 1, False), done
