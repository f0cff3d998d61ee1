"""``crmkit key``: the root keys from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit

WORDS = "correct horse battery\n"


def test_a_rotation_from_beginning_to_end(crmkit: Crmkit) -> None:
    """A new key is made, everything wrapped under it, and the earlier one given up and destroyed."""
    assert crmkit.json("key", "rotate")["root"] == 2
    assert crmkit("key", "retire", "2").code != 0
    assert "0 keys" in crmkit.ok("key", "retire", "1", "--destroy", "--yes").out
    listed = crmkit.json("key", "list")["items"]
    assert [(each["id"], each["state"], each["present"]) for each in listed] == [
        (1, "retired", False),
        (2, "active", True),
    ]
    assert [path.name for path in (crmkit.home / "keys").iterdir()] == ["root-0002.key"]


def test_a_prepared_key_waits(crmkit: Crmkit) -> None:
    """It is listed as coming, and the next rotation takes it."""
    assert crmkit.json("key", "rotate", "--prepare") == {"root": 2, "prepared": True}
    assert [each["state"] for each in crmkit.json("key", "list")["items"]] == ["active", "coming"]
    assert crmkit.json("key", "rotate")["root"] == 2


def test_keys_are_backed_up_and_put_back(crmkit: Crmkit) -> None:
    """Status warns until there is a backup; lost keys come back from it; a wrong passphrase is an error."""
    said = crmkit("key", "status")
    assert ("root-0001" in said.out, "key backup" in said.err) == (True, True)
    crmkit.ok("key", "backup", "keys.bin", input=WORDS)
    assert crmkit.json("key", "status")["not_backed_up"] == []
    assert crmkit.home is not None
    lost = crmkit.home / "keys" / "root-0001.key"
    lost.unlink()
    assert "CK631" in crmkit("key", "status").err
    assert "CK637" in crmkit("key", "restore", "keys.bin", input="another passphrase\n").err
    assert crmkit.ok("key", "restore", "keys.bin", "--json", input=WORDS).json["written"] == ["root-0001"]
    assert lost.is_file()
    crmkit.ok("key", "status")


def test_the_lookup_key_changes(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers are found before and after, by tokens of the new version."""
    monkeypatch.setattr("crmkit.security.keys.rotating.SETTLE", 0.0)
    crmkit.ok("customer", "add", "name=Ann", "email=ann@example.com")
    done = crmkit.json("key", "rotate-index")
    assert (done["version"], done["retokened"], done["dropped"]) == (2, 1, [1])
    assert "Ann" in crmkit.ok("customer", "show", "ann@example.com").out
    assert "Version 3" in crmkit.ok("key", "rotate-index").out


def test_a_customer_gets_a_new_data_key(crmkit: Crmkit) -> None:
    """Named as other commands name one."""
    crmkit.ok("customer", "add", "name=Ann", "email=ann@example.com")
    done = crmkit.json("key", "rotate-data-key", "ann@example.com")
    assert (done["sealed"] > 0, done["kept"]) == (True, 1)
    assert "sealed anew" in crmkit.ok("key", "rotate-data-key", "ann@example.com").out
    assert "a****@example.com" in crmkit.ok("customer", "show", "ann@example.com").out


def test_init_says_where_the_keys_are(homeless: Crmkit) -> None:
    """And that they are to be backed up."""
    said = homeless.ok("--home", "shop", "init", "--yes").out
    assert (str(Path("shop") / "keys") in said, "crmkit key backup" in said) == (True, True)
