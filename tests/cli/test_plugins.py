"""Plugins on the command line: their states, and the commands that they bring."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve

from tests.cli.conftest import Call, Crmkit
from tests.cli.distributions import Install, install

__all__ = ["install"]

COMMANDS = """
    import click

    @click.command(help="Greet somebody.")
    @click.argument("name")
    @click.pass_obj
    def greet(cli, name):
        if cli.json:
            cli.output.document({"greeting": name, "zone": cli.crm.business().zone})
        else:
            cli.output.say("Hello {name}, from {shop}", name=name, shop=cli.crm.business().name)

    nothing = 7
"""


def state(crmkit: Crmkit, name: str) -> str:
    """Return the state that the list shows of a plugin."""
    (row,) = [row for row in crmkit.json("plugin", "list")["items"] if row["name"] == name]
    return str(row["state"])


def test_a_plugin_is_enabled_disabled_and_purged(crmkit: Crmkit) -> None:
    """A plugin goes through its states, and lists show each."""
    assert state(crmkit, "sales") == "available"
    done = crmkit.json("plugin", "enable", "sales", "--yes")
    assert done["enabled"] == ["work", "sales"]
    assert "sales_opportunity" in done["plan"][1]["tables"]
    assert state(crmkit, "sales") == "enabled"
    assert "sales_opportunity" in [row["name"] for row in crmkit.json("plugin", "info", "sales")["tables"]]
    assert crmkit.json("plugin", "disable", "sales")["disabled"] == ["sales"]
    assert state(crmkit, "sales") == "disabled"
    assert crmkit.json("plugin", "purge", "sales", "--yes")["purged"] is True
    assert state(crmkit, "sales") == "available"


def test_a_plan_is_shown_and_nothing_done(crmkit: Crmkit) -> None:
    """``--plan`` shows permissions, migrations and tables, and enables nothing."""
    shown = crmkit("plugin", "enable", "sales", "--plan")
    assert all(text in shown.out for text in ("sales_opportunity", "sales.opportunity.create", "medium"))
    assert "customer.convert" in shown.err
    assert state(crmkit, "sales") == "available"


def test_it_asks_first(crmkit: Crmkit, on_a_terminal: None) -> None:
    """On a terminal a plan is asked about; a no leaves everything as it is."""
    done = crmkit("plugin", "enable", "sales", input="n\n")
    assert (done.code, 'Enable "sales"?' in done.err) == (130, True)
    assert state(crmkit, "sales") == "available"
    assert crmkit("plugin", "enable", "sales", input="y\n").code == 0
    assert state(crmkit, "sales") == "enabled"


def test_nobody_to_ask_is_an_error_of_use(crmkit: Crmkit) -> None:
    """Without a terminal, and with ``--json``, a question is refused and names ``--yes``."""
    for words in (["plugin", "enable", "sales"], ["plugin", "enable", "sales", "--json"]):
        done = crmkit(*words)
        assert (done.code, "--yes" in done.out + done.err) == (2, True)
    assert state(crmkit, "sales") == "available"


def test_purging_exports_first(crmkit: Crmkit, tmp_path: Path) -> None:
    """``--export`` writes the rows before they are dropped."""
    crmkit.ok("plugin", "enable", "sales", "--yes", "--quiet")
    crmkit.ok("plugin", "disable", "sales")
    plan = crmkit.json("plugin", "purge", "sales", "--plan")
    assert {"name": "sales_opportunity", "rows": 0} in plan["tables"]
    assert plan["purged"] is False
    done = crmkit.json("plugin", "purge", "sales", "--yes", "--export", str(tmp_path / "saved"))
    assert "sales_opportunity" in [item["table"] for item in done["exported"]]
    assert (tmp_path / "saved" / "sales_opportunity.jsonl").is_file()


def test_a_plugin_is_disabled_without_its_database(crmkit: Crmkit) -> None:
    """Where the database cannot be opened word is left, which the next opening heeds."""
    crmkit.ok("plugin", "enable", "sales", "--yes", "--quiet")
    database = crmkit.home / "data" / "crmkit.db"
    good = database.read_bytes()
    database.write_bytes(b"no database" * 1000)
    done = crmkit("plugin", "disable", "sales", "--json")
    assert (done.code, done.json) == (0, {"disabled": ["sales"], "at_next_opening": True})
    database.write_bytes(good)
    (row,) = [row for row in crmkit.json("plugin", "list")["items"] if row["name"] == "sales"]
    assert row["disabling"] is True
    crmkit.ok("user", "list")
    assert state(crmkit, "sales") == "disabled"


def test_a_broken_plugin_costs_itself(crmkit: Crmkit, install: Install) -> None:
    """A plugin that breaks after it was enabled is named on standard error, and everything else works."""
    install("acme")
    crmkit.ok("plugin", "enable", "acme", "--yes")
    (crmkit.folder.parent / "site" / "crmkit_acme" / "plugin.py").write_text("1 / 0\n")
    sys.modules.pop("crmkit_acme.plugin", None)
    done = crmkit("user", "list", "--json")
    assert (done.code, done.json["items"]) == (0, [])
    named_once = 'warning The plugin "acme" is set aside: crmkit_acme'
    assert all(text in done.err for text in (named_once, "ZeroDivisionError"))
    assert crmkit("user", "list", "--quiet").err == ""
    assert state(crmkit, "acme") == "broken"
    assert crmkit("plugin", "disable", "acme").code == 0


def test_new_permissions_are_shown_and_given_where_a_plugin_is_enabled_already(
    crmkit: Crmkit, install: Install
) -> None:
    """Enabled again, or with the database's upgrade: each time with the risk and the roles, and nothing a second
    time."""
    install("acme")
    crmkit.ok("plugin", "enable", "acme", "--yes")
    manifest = crmkit.folder.parent / "site" / "crmkit_acme" / "manifest.py"
    declared = ""
    for words, name in (("plugin enable acme --yes", "drop"), ("db upgrade", "sell")):
        declared += f"Permission(name='acme.thing.{name}', title='X', risk='high', default_roles=['manager']), "
        manifest.write_text(
            "from crmkit.manifest import Permission, PluginManifest\n"
            "MANIFEST = PluginManifest(\n"
            f"    name='acme', title='Acme', module='crmkit_acme.plugin', permissions=[{declared}]\n)\n"
        )
        sys.modules.pop("crmkit_acme.manifest", None)
        shown = crmkit(*words.split())
        assert (shown.code, f"acme.thing.{name}" in shown.out) == (0, True), shown
        assert all(word in shown.out for word in ("high", "manager", "Given to"))
        assert f"acme.thing.{name}" not in crmkit(*words.split()).out
    granted = crmkit.ok("role", "show", "manager").out
    assert ("acme.thing" in granted, "drop" in granted, "sell" in granted) == (True, True, True)


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.fixture
def acme(crmkit: Crmkit, install: Install) -> Crmkit:
    """An installation with a plugin that brings commands."""
    install(
        "acme",
        'commands={"greet": "crmkit_acme.commands:greet", "user": "crmkit_acme.commands:greet", '
        '"broken": "crmkit_acme.missing:command", "nothing": "crmkit_acme.commands:nothing", '
        '"customer greet": "crmkit_acme.commands:greet", "customer list": "crmkit_acme.commands:greet", '
        '"nobody greet": "crmkit_acme.commands:greet"}',
        commands=COMMANDS,
    )
    crmkit.ok("plugin", "enable", "acme", "--yes")
    return crmkit


def test_commands_of_enabled_plugins_are_listed_without_import(acme: Crmkit) -> None:
    """The help names them, and no module of the plugin is imported for it."""
    for name in [name for name in sys.modules if name.startswith("crmkit_acme")]:
        del sys.modules[name]
    shown = acme.ok("--help").out
    assert all(name in shown for name in ("greet", "acme-user", "broken"))
    assert [name for name in sys.modules if name.startswith("crmkit_acme")] == []
    acme.ok("plugin", "disable", "acme")
    assert "greet" not in acme.ok("--help").out


def test_a_command_of_a_plugin_works_like_the_others(acme: Crmkit) -> None:
    """It gets the installation, and takes the options of crmkit itself."""
    assert acme.ok("greet", "Li").out == "Hello Li, from Shop\n"
    assert acme.ok("greet", "Li", "--json").json == {"greeting": "Li", "zone": "Asia/Shanghai"}
    assert acme.ok("acme-user", "Li").out == acme.ok("greet", "Li").out
    assert acme.ok("user", "list", "--json").json["items"] == []


def test_a_command_of_a_plugin_joins_a_group_of_the_kernel(acme: Crmkit) -> None:
    """It stands among the group's own commands, of which none can be taken over; a group that is not there has none."""
    assert "greet " in acme.ok("customer", "--help").out
    assert acme.ok("customer", "greet", "Li").out == acme.ok("greet", "Li").out
    assert acme.ok("customer", "list", "--json").json["items"] == []
    elsewhere = evolve(acme, home=None)
    for words in (("greet", "Li"), ("customer", "greet", "Li")):
        assert elsewhere.ok("--home", str(acme.home), *words).out == "Hello Li, from Shop\n"
    assert "nobody" not in acme.ok("--help").out


@pytest.mark.parametrize("words", [("greet", "Li"), ("customer", "greet", "Li")])
def test_a_command_of_a_plugin_that_is_not_enabled_names_it(acme: Crmkit, words: Sequence[str]) -> None:
    """Who calls it reads which plugin brings it, and how to enable that."""
    acme.ok("plugin", "disable", "acme")
    done: Call = acme(*words)
    assert (2, True) == (done.code, "crmkit plugin enable acme" in done.err)


@pytest.mark.parametrize("name", ["broken", "nothing"])
def test_a_broken_command_costs_itself(acme: Crmkit, name: str) -> None:
    """A command that cannot be loaded names its plugin; the others work."""
    done: Call = acme(name)
    assert (done.code, '"acme"' in done.err) == (7, True)
    acme.ok("greet", "Li")


def test_a_mirror_that_cannot_be_read_costs_the_commands_only(acme: Crmkit) -> None:
    """A damaged list beside the settings leaves the kernel's commands as they are."""
    (acme.home / "plugins.json").write_text("{")
    assert "customer" in acme.ok("--help").out
    acme.ok("user", "list")
    assert json.loads((acme.home / "plugins.json").read_text("utf-8"))["plugins"]["acme"]["state"] == "enabled"


# --- for vendors -----------------------------------------------------------------------------------------------------


def test_a_plugin_is_checked(crmkit: Crmkit) -> None:
    """Checking an installed plugin says for each rule whether it holds."""
    done = crmkit.json("plugin", "check", "integration")
    assert (done["ok"], done["grade"], done["missing"]) == (True, "gold", [])
    assert {item["level"] for item in done["items"]} == {"ok"}


def test_a_plugin_that_breaks_the_rules_fails_the_check(crmkit: Crmkit, install: Install) -> None:
    """A finding that is an error ends with 7 and names the plugin."""
    install("acme", plugin="raise RuntimeError('no')")
    done = crmkit("plugin", "check", "acme")
    assert (done.code, "CK105" in done.out) == (7, True)
    assert crmkit("plugin", "check", "acme", "--json").json["ok"] is False
    demanded = crmkit("plugin", "check", "acme", "--grade", "bronze", "--json")
    assert (demanded.code, demanded.json["grade"], demanded.json["next"]) == (7, "none", "bronze")


def test_a_new_plugin_is_written(crmkit: Crmkit) -> None:
    """A name gives a folder with a package, and the same name again is a conflict."""
    done = crmkit.json("plugin", "new", "acme", "--title", "Acme", "--with", "models,commands")
    assert Path(done["folder"]) == crmkit.folder / "crmkit-acme"
    assert (crmkit.folder / "crmkit-acme" / "pyproject.toml").is_file()
    assert all(Path(file).is_file() for file in done["files"])
    assert crmkit("plugin", "new", "acme").code == 6
    assert crmkit("plugin", "new", "Not A Name").code == 2
    assert "crmkit-other" in crmkit.ok("plugin", "new", "other", "--to", "crmkit-other").out
