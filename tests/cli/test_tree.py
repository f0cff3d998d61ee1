"""Every command is documented, explains itself, and can be read by a program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest

from crmkit.cli.errors import EXIT_CODES
from crmkit.cli.root import COMMANDS, root
from crmkit.i18n import Text
from tests.cli.conftest import Crmkit
from tests.cli.tree import commands, options

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
ALL = dict(commands())


def sections() -> dict[str, str]:
    """Return the text below each heading of a command in the page."""
    parts = re.split(r"^#+ (.*)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        heading.strip("`").removeprefix("crmkit "): text
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
        if heading.startswith("`crmkit ")
    }


@pytest.mark.parametrize("path", ALL)
def test_every_command_is_documented_with_its_options(path: str) -> None:
    """The page has a section for each command that names its options, and no others."""
    text = sections()[path]
    named = {
        name for row in re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE) for name in re.findall(r"`(-[\w-]+)`", row)
    }
    assert named == set(options(ALL[path]))


def test_nothing_is_documented_that_there_is_not() -> None:
    """Every section of the page is of a command or group."""
    groups = {path.rsplit(" ", up)[0] for path in ALL for up in range(1, path.count(" ") + 1)}
    assert set(sections()) == {*ALL, *groups}


def test_exit_codes_are_documented() -> None:
    """The page has each exit code with its meaning."""
    page = PAGE.read_text("utf-8")
    assert [code for code, meaning in EXIT_CODES.items() if f"| {code} | {meaning} |" not in page] == []


def test_options_of_crmkit_itself_and_variables_are_documented() -> None:
    """The page names every option of the root, and every variable that the code reads."""
    page = PAGE.read_text("utf-8")
    assert [name for item in root.params for name in item.opts if name not in page] == []
    source = "".join(path.read_text("utf-8") for path in (PAGE.parents[1] / "crmkit" / "cli").rglob("*.py"))
    assert [
        name for name in set(re.findall(r'"(CRMKIT_[A-Z]+|NO_COLOR|TZ|LANG|LC_ALL)"', source)) if name not in page
    ] == []


@pytest.mark.parametrize("path", ALL)
def test_every_command_explains_itself(path: str) -> None:
    """Each command and each option has a help that can be translated."""
    command = ALL[path]
    assert isinstance(command.help, Text)
    for item in command.params:
        if isinstance(item, click.Option):
            assert isinstance(getattr(item, "text", None), Text), item.opts


def test_help_of_every_command_is_printed(crmkit: Crmkit) -> None:
    """``--help`` works on every command and group, and ends with 0."""
    for path in {*ALL, *COMMANDS}:
        assert crmkit.ok(*path.split(), "--help").out.startswith("Usage: crmkit")


# --- JSON everywhere -------------------------------------------------------------------------------------------------

UNKNOWN = "0197a1b2-0000-7000-8000-000000000000"

RULE = """then:=[{"operation": "customer.tag", "arguments": {"names": ["'thanked'"]}}]"""
EXPERIMENT = """
name = "winback"
title = "Win back"
arms = [{ name = "none", share = 0.5 }, { name = "mail", share = 0.5 }]
metrics = [{ name = "buys", value = "purchase.count", kind = "share", effect = 0.02 }]
"""

CALLS: dict[str, list[str]] = {
    "init": ["--yes"],
    "doctor": [],
    "plugin list": [],
    "plugin parts": [],
    "plugin info": ["sales"],
    "plugin enable": ["sales", "--yes"],
    "plugin disable": ["sales"],
    "plugin purge": ["sales", "--yes"],
    "plugin check": ["integration"],
    "db upgrade": [],
    "db check": [],
    "key list": [],
    "key status": [],
    "key rotate": [],
    "key rotate-data-key": ["{customer}"],
    "db revision": ["crmkit"],
    "customer list": [],
    "customer show": ["{customer}", "--history"],
    "customer add": ["name=Ann"],
    "customer edit": ["{customer}", "city=Berlin"],
    "customer timeline": ["{customer}"],
    "interaction add": ["note", "--customer", "{customer}", "subject=x"],
    "interaction list": [],
    "product list": [],
    "import": ["{file}", "--as", "customers", "--yes"],
    "imports list": [],
    "imports show": ["{import}"],
    "imports revert": ["{import}", "--yes"],
    "imports mappings list": [],
    "imports mappings show": ["{mapping}"],
    "imports mappings rename": ["{mapping}", "towns"],
    "imports mappings forget": ["{mapping}", "--yes"],
    "export": ["out.csv"],
    "operation list": [],
    "operation show": ["customer.create"],
    "run": ["team.create", "name=A"],
    "job list": [],
    "job retry": ["{job}"],
    "job discard": ["{job}"],
    "worker": ["--once"],
    "backup": ["--to", "saved"],
    "restore": ["{backup}", "--force", "--yes"],
    "user list": [],
    "user add": ["bob", "Bob", "--role", "seller", "--invite"],
    "user show": ["anna"],
    "user edit": ["anna", "--name", "Anna Li"],
    "user deactivate": ["anna", "--to", "boss", "--yes"],
    "user hand-over": ["anna", "boss", "--yes"],
    "user roles": ["anna", "--add", "manager"],
    "user invite": ["anna"],
    "user link": ["anna"],
    "user sessions": ["anna"],
    "user end-sessions": ["anna"],
    "user reset-factor": ["anna", "--yes"],
    "team list": [],
    "team create": ["North"],
    "team add": ["{team}", "anna", "--main"],
    "team remove": ["{team}", "anna"],
    "role list": [],
    "role show": ["seller"],
    "role create": ["night", "Night shift"],
    "role grant": ["seller", "customer", "export", "own"],
    "role revoke": ["seller", "customer", "reveal"],
    "role field": ["seller", "personal", "masked"],
    "role include": ["manager", "analyst"],
    "role edit": ["seller", "--title", "Sales"],
    "role delete": ["{role}", "--yes"],
    "access explain": ["anna", "customer.update", "{customer}"],
    "access why-not": ["anna", "customer.delete"],
    "access rights": ["customer"],
    "access rls": ["seller"],
    "token create": ["script", "--scope", "customer.read", "--for", "anna"],
    "token list": ["--all"],
    "token revoke": ["{token}"],
    "audit list": ["--customer", "{customer}"],
    "audit verify": [],
    "audit checkpoint": [],
    "audit report seen": ["{customer}"],
    "audit report sign-ins": [],
    "audit report privileges": [],
    "audit report admins": [],
    "audit report reveals": [],
    "audit report exports": [],
    "privacy export": ["{customer}"],
    "privacy plan": ["{customer}"],
    "privacy erase": ["{customer}", "--reason", "asked", "--yes"],
    "privacy certificate": ["{erasure}"],
    "privacy hold": ["{customer}", "--reason", "court"],
    "privacy release": ["{held}", "--reason", "over"],
    "privacy holds": ["--all"],
    "privacy schedule": [],
    "privacy keep": ["crm_interaction", "--days", "700", "--kind", "note"],
    "privacy retain": ["--dry-run"],
    "field list": [],
    "field add": ["size"],
    "field retire": ["colour"],
    "option list": [],
    "option add": ["source", "fair"],
    "option retire": ["source", "web"],
    "completion": ["bash"],
    "config export": ["conf"],
    "config diff": ["conf"],
    "config apply": ["conf", "--yes"],
    "search": ["Ann"],
    "fact list": [],
    "fact show": ["purchase.count"],
    "fact frame": ["purchase.count", "--format", "table"],
    "fact materialise": ["purchase.count"],
    "dimension list": [],
    "dimension show": ["value"],
    "dimension save": ["{dimension}"],
    "dimension enable": ["value"],
    "dimension disable": ["value"],
    "dimension reset": ["value"],
    "classify run": [],
    "classify show": ["value"],
    "classify preview": ["value"],
    "classify history": ["{customer}"],
    "classify matrix": ["value", "--from", "2026-01-01"],
    "customer pin": ["{customer}", "need", "custom", "--reason", "said so"],
    "customer unpin": ["{customer}", "need"],
    "customer merge": ["{customer}", "{twin}", "--yes"],
    "customer unmerge": ["{merge}", "--yes"],
    "customer merges": ["{customer}"],
    "customer link": ["{customer}", "--page", "preferences"],
    "serve": ["--print-unit"],
    "rule list": [],
    "rule show": ["{rule}"],
    "rule save": ["thanks", "on=interaction.recorded", RULE],
    "rule enable": ["{rule}"],
    "rule disable": ["{rule}"],
    "rule reset": ["{rule}", "--yes"],
    "rule test": ["{rule}", "{customer}"],
    "rule backtest": ["{rule}"],
    "rule log": [],
    "report list": [],
    "report show": ["purchase.summary"],
    "report run": ["purchase.summary", "--format", "json"],
    "report schedule": ["weekly", "purchase.summary", "--cron", "0 6 * * 1", "--for", "boss"],
    "report schedules": [],
    "report template": ["purchase.summary", "--file", "{template}"],
    "goal list": [],
    "goal set": ["growth", "--title", "Growth", "--count", "--target", "10", "--period", "this year"],
    "goal show": ["{goal}"],
    "experiment list": [],
    "experiment plan": ["--base", "0.1", "--effect", "0.02"],
    "experiment save": ["{experiment}"],
    "experiment show": ["{saved}"],
    "experiment start": ["{saved}"],
    "experiment stop": ["{saved}"],
    "experiment result": ["{saved}"],
    "segment list": [],
    "segment show": ["{segment}"],
    "segment count": ["{segment}"],
    "segment sample": ["{segment}"],
    "segment overlap": ["{segment}"],
    "segment reach": ["{segment}"],
    "segment why": ["{segment}", "{customer}"],
    "segment stability": ["{segment}"],
    "segment save": ["silent", "--where", "purchase.count == 0"],
    "segment enable": ["{segment}"],
    "segment disable": ["{segment}"],
    "segment freeze": ["{segment}"],
    "segment thaw": ["{segment}"],
    "segment reset": ["{segment}", "--yes"],
    "segment run": [],
    "segment export": ["out.csv", "{segment}"],
}
"""A call of each command that succeeds. ``demo`` and ``plugin new`` make whole folders, some ask for secrets: they have
tests elsewhere."""

WITHOUT_INSTALLATION = ("init", "plugin list", "plugin parts", "plugin check", "completion", "experiment plan")

ELSEWHERE = {
    *("key retire", "key backup", "key restore", "key rotate-index"),
    *("user redeem", "user password", "demo", "plugin new", "privacy retained"),
}


def prepared(crmkit: Crmkit, path: str) -> dict[str, str]:
    """Make what a call needs, and return its names."""
    names: dict[str, str] = {}
    words: Any = " ".join(CALLS[path])
    if {"{customer}", "{erasure}", "{held}"} & set(CALLS[path]):
        names["customer"] = crmkit.json("customer", "add", "name=王小明")["result"]["id"]
    if "{twin}" in words or "{merge}" in words:
        names["twin"] = crmkit.json("customer", "add", "name=王晓明")["result"]["id"]
    if "{merge}" in words:
        survivor = crmkit.json("customer", "add", "name=王小明")["result"]["id"]
        names["merge"] = crmkit.json("customer", "merge", survivor, names["twin"], "--yes")["merge_id"]
    if "{erasure}" in words:
        names["erasure"] = crmkit.json("privacy", "erase", names["customer"], "--reason", "asked", "--yes")[
            "erasure_id"
        ]
    if "{held}" in words:
        crmkit.ok("privacy", "hold", names["customer"], "--reason", "court")
        names["held"] = names["customer"]
    if "{file}" in words or "{import}" in words:
        (crmkit.folder / "in.csv").write_text("name,city\nAnn,Berlin\n", encoding="utf-8")
        names["file"] = "in.csv"
    if "{import}" in words:
        names["import"] = crmkit.json("import", "in.csv", "--as", "customers", "--yes")["import_id"]
    if "{mapping}" in words:
        (crmkit.folder / "in.csv").write_text("name,town\nAnn,Berlin\n", encoding="utf-8")
        crmkit.ok("import", "in.csv", "--map", "town=city", "--keep-mapping", "people", "--yes", "--quiet")
        names["mapping"] = "people"
    if "{backup}" in words:
        names["backup"] = crmkit.json("backup", "--to", "made")["folder"]
    if {"anna", "boss", "{token}"} & set(CALLS[path]):
        for login in ("anna", "boss"):
            crmkit.ok("user", "add", login, login.title(), "--role", "seller")
    if path == "user reset-factor":
        set_up_factor(crmkit, "anna")
    if "{team}" in words:
        names["team"] = crmkit.json("team", "create", "South")["result"]["id"]
    if "{role}" in words:
        names["role"] = crmkit.json("role", "create", "clerk")["result"]["name"]
    if "{token}" in words:
        names["token"] = crmkit.json("token", "create", "x", "--scope", "customer.read", "--for", "anna")["id"]
    if path in ("plugin disable", "plugin purge"):
        crmkit.ok("plugin", "enable", "sales", "--yes", "--quiet")
    if path == "plugin purge":
        crmkit.ok("plugin", "disable", "sales")
    if "{segment}" in words:
        names["segment"] = crmkit.json("segment", "save", "buyers", "--where", "purchase.count >= 1")["result"]["name"]
    if path in ("config diff", "config apply"):
        crmkit.ok("config", "export", "conf")
    if "{dimension}" in words:
        (crmkit.folder / "value.toml").write_text(
            'name = "grade"\ntitle = "Grade"\nlabels = [{ name = "a", title = "A" }]\ndecider = { by = "pin" }\n'
        )
        names["dimension"] = "value.toml"
    if path == "customer unpin":
        crmkit.ok("customer", "pin", names["customer"], "need", "custom", "--reason", "said so")
    if "{rule}" in words:
        crmkit.ok("rule", "save", "thanks", "on=interaction.recorded", RULE)
        names["rule"] = "thanks"
    if path == "rule test":
        crmkit.ok("interaction", "add", "note", "--customer", names["customer"], "subject=x")
    if "{template}" in words:
        (crmkit.folder / "page.html").write_text("<p>{{ title }}</p>")
        names["template"] = "page.html"
    if "{goal}" in words:
        crmkit.ok("goal", "set", "growth", "--title", "Growth", "--count", "--target", "10", "--period", "this year")
        names["goal"] = "growth"
    if "{experiment}" in words or "{saved}" in words:
        (crmkit.folder / "winback.toml").write_text(EXPERIMENT)
        names["experiment"] = "winback.toml"
    if "{saved}" in words:
        crmkit.ok("experiment", "save", "winback.toml")
        names["saved"] = "winback"
    if path in ("experiment stop", "experiment result"):
        crmkit.ok("experiment", "start", "winback")
    if path == "segment thaw":
        crmkit.ok("segment", "freeze", "buyers")
    if path == "field retire":
        crmkit.ok("field", "add", "colour")
    return names


def set_up_factor(crmkit: Crmkit, login: str) -> None:
    """Give a user a second factor, as the pages do."""
    import pyotp

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.settings import Settings

    assert crmkit.home is not None
    user_id = UUID(crmkit.json("user", "show", login)["id"])
    with CRM.open(Settings.from_home(crmkit.home, {})) as crm:
        actor = Actor.user(user_id)
        secret = crm.run(actor, "factor.begin").secret
        crm.run(actor, "factor.confirm", {"code": pyotp.TOTP(secret).now()})


def filled(word: str, names: dict[str, str]) -> str:
    """Return a word of a call with the name that it stands for."""
    return names[word[1:-1]] if re.fullmatch(r"\{\w+\}", word) else word


def test_every_command_has_a_call() -> None:
    """A new command is put into the calls below."""
    assert set(ALL) == {*CALLS, *ELSEWHERE}


@pytest.mark.parametrize("path", [path for path in CALLS if "{job}" not in CALLS[path]])
def test_every_command_prints_one_document(crmkit: Crmkit, path: str) -> None:
    """With ``--json`` a command that succeeds prints one JSON object and nothing else."""
    names = prepared(crmkit, path)
    done = crmkit(*path.split(), *(filled(word, names) for word in CALLS[path]), "--json")
    assert (done.code, done.err) == (0, ""), done
    assert isinstance(done.json, dict)
    assert done.out.endswith("}\n")


@pytest.mark.parametrize(
    "path",
    [path for path in CALLS if path not in WITHOUT_INSTALLATION],
)
def test_every_error_is_one_document(homeless: Crmkit, path: str) -> None:
    """Without an installation every command that needs one says so in one document, with code 7."""
    ids = dict.fromkeys(("import", "job", "token", "team", "erasure", "merge"), UNKNOWN)
    named = ("customer", "twin", "held", "backup", "role", "segment", "rule", "goal", "saved", "mapping")
    names = {
        **dict.fromkeys(named, "x"),
        **ids,
        "file": "x.csv",
        **dict.fromkeys(("dimension", "experiment", "template"), "x.toml"),
    }
    words = [filled(word, names) for word in CALLS[path]]
    (homeless.folder / "x.csv").write_text("name\nA\n", encoding="utf-8")
    (homeless.folder / "x.toml").write_text('name = "x"\n', encoding="utf-8")
    done = homeless(*path.split(), *words, "--json")
    if path == "plugin info":
        assert done.json["state"] == "available"
        return
    assert (done.code, done.err) == (7, ""), done
    assert done.json["error"]["code"] == "CK002"
