"""What can only be seen by trying a plugin is found: each code in a plugin that was spoilt for it; and its grade."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import frozen

from crmkit.hooks.contributions import Finding
from crmkit.testing import CODES
from crmkit.testing.grading import GRADES, NEVER_ASKED, graded, needed_for, reaches
from tests.vendor.wheels import ROOT

SMALL = Path(__file__).parent / "small"

RUN = """
import json, sys
from pathlib import Path
from crmkit.testing import check_plugin
from crmkit.testing.report import sentence
found = {}
for package, step in json.loads(sys.argv[1]):
    sys.path.insert(0, package)
    name = Path(package).name
    steps = None if step == "all" else [step]
    found[name] = [
        [each.level, sentence(each)]
        for each in check_plugin(f"crmkit_{name}.manifest:MANIFEST", steps=steps)
        if each.level not in ("ok", "info")
    ]
print(json.dumps(found))
"""

PLUGIN, MODELS, QUERIES, README = "plugin.py", "models.py", "queries.py", "../README.md"
OPERATIONS, MANIFEST, REVISION = "operations.py", "manifest.py", "migrations/small_0001_tables.py"
CATALOGUE = "locale/zh_Hans/LC_MESSAGES/crmkit_small.po"
AS_SYSTEM = """    with session.crm.session(session.crm.system("because it can")) as all_of:
        return list(all_of.scalars(select(Item).order_by(Item.id)))
"""
ERASING = """@hookimpl
def crmkit_erase_customer(session: CrmSession, customer_id: UUID) -> None:
    from sqlalchemy import select

    for part in session.scalars(select(models.Part).where(models.Part.item_id.is_(None))):
        session.delete(part)


@hookimpl
def crmkit_export_customer("""
HIDDEN = """with session.crm.session(session.crm.system("looking")) as all_of:
            if all_of.get(Customer, customer_id) is not None:
                raise NotFound(_("This customer is not yours."))
        raise NotFound"""
MERGING = """@hookimpl
def crmkit_merge_customers(session: CrmSession, source_id: UUID, target_id: UUID) -> None:
    raise ArithmeticError("no")


@hookimpl
def crmkit_export_customer("""
RULES = """@hookimpl
def crmkit_rules() -> Sequence[Rule]:
    finish = Do(operation="small.item.finish")
    return [Rule(name="small.late", title="Late", every="day", when="customer.nose > 3", then=[finish])]


def items_context("""
JOBS = """@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    return [Job(name="small.tick", handler=print)]


def items_context("""
EACH = """    found = [item for each in customer_ids for item in queries.items_of(session, [each])]
    return [
        Panel("""
STRANGERS = """        for item in queries.items_of(session, customer_ids)
    ] or [
        TimelineEntry(customer_id=each, occurred_at=datetime.now(UTC), kind="small.item", title="None")
        for each in customer_ids
    ]"""
PERSONAL = 'field(String(200), title=_("Name"), classified="personal")'
LOOSE = 'item_id: Mapped[UUID | None] = field(\n        ForeignKey("small_item.id", ondelete="SET NULL")'


@frozen
class Spoilt:
    """A way to spoil the small plugin: which step says so by which code, what is changed in which files, a text into
    another, what the finding says, and which other codes may say so, too. A file without a new text is removed."""

    step: str
    code: str
    changes: tuple[tuple[str, str, str], ...]
    says: str = ""
    also: tuple[str, ...] = ()


WAYS: Mapping[str, Spoilt] = {
    "right": Spoilt("all", "", ()),
    "twice": Spoilt(
        "manifest",
        "CK108",
        ((MANIFEST, '"small.item.create", title', '"small.item.read", title'),),
        "more than once",
    ),
    "rule": Spoilt(
        "life",
        "CK204",
        (
            (PLUGIN, "    Report,\n", "    Do,\n    Report,\n    Rule,\n"),
            (
                PLUGIN,
                "def items_context(",
                RULES,
            ),
        ),
        "nose",
    ),
    "acting": Spoilt(
        "contributions",
        "CK203",
        (
            (PLUGIN, "    Report,\n", "    Job,\n    Report,\n"),
            (
                PLUGIN,
                "def items_context(",
                JOBS,
            ),
        ),
        "as whom it acts",
    ),
    "leaning": Spoilt(
        "migrations",
        "CK405",
        ((REVISION, "from alembic import op\n", "from alembic import op\nfrom crmkit_small.models import Item\n"),),
        "small_0001_tables.py:11: import crmkit_small.models",
    ),
    "policy": Spoilt("access", "CK501", ((MODELS, 'Access.via("item_id")', 'Access.via("name")'),), "over name"),
    "served": Spoilt(
        "access",
        "CK501",
        ((MODELS, '    __access__ = Access.owned(via="customer_id")', "    __access__ = Access.system()"),),
        "small.item serves small_item",
        ("CK505", "CK703", "CK502", "CK503"),
    ),
    "showing": Spoilt(
        "access",
        "CK502",
        ((QUERIES, "    return list(session.scalars(select(Item).order_by(Item.id)))\n", AS_SYSTEM),),
        "crmkit_search shows rows of small_item",
        ("CK503", "CK504"),
    ),
    "denied": Spoilt(
        "access",
        "CK504",
        ((QUERIES, "    return list(session.scalars(select(Item).order_by(Item.id)))\n", AS_SYSTEM),),
        "whom a role denies",
        ("CK502", "CK503"),
    ),
    "counting": Spoilt(
        "access",
        "CK503",
        (
            (
                PLUGIN,
                "    found = queries.items_of(session, customer_ids)\n    return [\n        Panel(",
                "    with session.crm.session(session.crm.system('counting')) as all_of:\n"
                "        found = queries.items_of(all_of, customer_ids)\n    return [\n        Panel(",
            ),
        ),
        "crmkit_customer_panels",
    ),
    "telling": Spoilt("access", "CK505", ((OPERATIONS, "raise NotFound", HIDDEN),), "This customer is not yours"),
    "left": Spoilt(
        "privacy",
        "CK605",
        (
            (MODELS, 'item_id: Mapped[UUID] = field(\n        ForeignKey("small_item.id", ondelete="CASCADE")', LOOSE),
            (MODELS, 'field(String(200), title=_("Name"), classified="internal")', PERSONAL),
            (REVISION, '"item_id", crmkit.Id(), nullable=False', '"item_id", crmkit.Id(), nullable=True'),
            (REVISION, '"item_id", "small_item", "CASCADE"', '"item_id", "small_item", "SET NULL"'),
        ),
        "small_part still holds what was kept about them: name",
        ("CK608",),
    ),
    "untold": Spoilt(
        "privacy",
        "CK606",
        ((MODELS, 'field(String(200), title=_("Name"), classified="internal")', PERSONAL),),
        "What small_part keeps about a person is not in their export: name",
    ),
    "merging": Spoilt(
        "privacy", "CK607", ((PLUGIN, "@hookimpl\ndef crmkit_export_customer(", MERGING),), "ArithmeticError"
    ),
    "hooked": Spoilt(
        "privacy",
        "CK608",
        (
            (MODELS, 'item_id: Mapped[UUID] = field(\n        ForeignKey("small_item.id", ondelete="CASCADE")', LOOSE),
            (MODELS, 'field(String(200), title=_("Name"), classified="internal")', PERSONAL),
            (REVISION, '"item_id", crmkit.Id(), nullable=False', '"item_id", crmkit.Id(), nullable=True'),
            (REVISION, '"item_id", "small_item", "CASCADE"', '"item_id", "small_item", "SET NULL"'),
            (PLUGIN, "@hookimpl\ndef crmkit_export_customer(", ERASING),
        ),
        "small_part still holds what was kept: name",
    ),
    "report": Spoilt(
        "showing",
        "CK701",
        (
            (
                PLUGIN,
                '    return Table(rows=[{"title"',
                '    1 // (len(queries.every_item(session)) - 2)\n    return Table(rows=[{"title"',
            ),
        ),
        "small.items cannot be made as json in the language en: ZeroDivisionError",
        ("CK703",),
    ),
    "chart": Spoilt("enabling", "CK203", ((PLUGIN, '"title", "number")', '"title", "numbers")'),), "numbers"),
    "markup": Spoilt(
        "showing",
        "CK702",
        (("templates/items.html", "{{ item.title }}", "{{ item.title|safe }}"),),
        "/modules/small/items",
    ),
    "page": Spoilt(
        "showing", "CK703", (("templates/items.html", "{{ item.title }}", "{{ item.nose }}"),), "/modules/small/items"
    ),
    "command": Spoilt(
        "showing",
        "CK704",
        (("commands.py", 'show_default=True, help=_("How far to look ahead.")', "show_default=True"),),
        "--days of crmkit small due",
    ),
    "english": Spoilt("package", "CK705", ((OPERATIONS, 'title=_("Finish")', 'title=_("Finish it")'),), "Finish it"),
    "each": Spoilt(
        "batching",
        "CK801",
        (
            (
                PLUGIN,
                "    found = queries.items_of(session, customer_ids)\n    return [\n        Panel(",
                EACH,
            ),
        ),
        "crmkit_customer_panels sends",
    ),
    "stranger": Spoilt(
        "batching",
        "CK802",
        (
            (
                PLUGIN,
                "        for item in queries.items_of(session, customer_ids)\n    ]",
                STRANGERS,
            ),
        ),
        "crmkit_timeline",
    ),
    "sections": Spoilt("package", "CK901", ((README, "## Remove", "## Farewell"),), "remove"),
    "unsaid": Spoilt("package", "CK902", ((README, "`small.item.update`", "`small.item`"),), "small.item.update"),
    "contact": Spoilt("package", "CK903", ((README, "## Security", "## Else"),)),
    "untyped": Spoilt("package", "CK904", ((QUERIES, "last: date) ->", "last) ->"),), "crmkit_untyped/queries.py:15"),
    "unmarked": Spoilt("package", "CK904", (("py.typed", "", ""),), "crmkit_unmarked/py.typed"),
    "stale": Spoilt("package", "CK905", ((CATALOGUE, "查看事项", "看事项"),), "See items"),
    "unused": Spoilt(
        "package", "CK906", ((README, "crmkit small due --days 14", "crmkit plugin list"),), "crmkit unused"
    ),
}


def spoil(folder: Path, name: str, way: Spoilt) -> None:
    """Copy the small plugin under another name and spoil it."""
    for source in sorted(SMALL.rglob("*")):
        if source.is_dir() or "__pycache__" in source.parts:
            continue
        target = folder / str(source.relative_to(SMALL)).replace("small", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".mo":
            shutil.copy(source, target)
            continue
        text = source.read_text("utf-8")
        for file, old, new in way.changes:
            if (SMALL / "crmkit_small" / file).resolve() == source.resolve():
                assert old in text, f"{file} has no {old!r}"
                text = text.replace(old, new, 1)
        target.write_text(text.replace("small", name), encoding="utf-8")
    for file, old, new in way.changes:
        if not old and not new:
            (folder / f"crmkit_{name}" / file).unlink()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What was found in each spoilt plugin, all checked in one process."""
    folder = tmp_path_factory.mktemp("graded")
    for name, way in WAYS.items():
        spoil(folder / name, name, way)
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([(str(folder / name), way.step) for name, way in WAYS.items()])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return {name: [(level, said) for level, said in lines] for name, lines in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", WAYS)
def test_what_is_wrong_is_found(name: str, found: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """The finding has the code and names the thing; nothing else is blamed for it, and nothing in a right plugin."""
    way = WAYS[name]
    codes = {said.split()[0] for _level, said in found[name]}
    assert codes - set(way.also) == ({way.code} if way.code else set()), found[name]
    said = " ".join(said for _level, said in found[name])
    assert way.says.replace("small", name) in said


def every_code_holds() -> list[Finding]:
    """Return the findings for a plugin in which nothing is wrong."""
    return [Finding(level="ok", code=code, message=text) for code, text in CODES.items()]


def test_a_plugin_in_which_nothing_is_wrong_is_gold() -> None:
    """There is no grade above it."""
    result = graded(every_code_holds())
    assert (result.grade, result.next, result.missing) == ("gold", None, ())


@pytest.mark.parametrize(
    ("code", "grade", "following"),
    [
        ("CK303", "none", "bronze"),
        ("CK901", "none", "bronze"),
        ("CK502", "bronze", "silver"),
        ("CK903", "bronze", "silver"),
        ("CK702", "silver", "gold"),
        ("CK904", "silver", "gold"),
    ],
)
def test_what_is_wrong_costs_the_grade_that_needs_it(code: str, grade: str, following: str) -> None:
    """It is named as what is missing to that grade; better ones need it, too."""
    findings = [each for each in every_code_holds() if each.code != code]
    result = graded([*findings, Finding(level="error", code=code, message="Wrong")])
    assert (result.grade, result.next, result.missing) == (grade, following, (code,))


def test_a_warning_costs_the_grade_and_a_note_does_not() -> None:
    """A text that is not translated is no error, and no gold either."""
    rest = [each for each in every_code_holds() if each.code != "CK705"]
    assert graded([*rest, Finding(level="warning", code="CK705", message="Doubtful")]).grade == "silver"
    assert graded([*every_code_holds(), Finding(level="info", code="CK803", message="Slow")]).grade == "gold"


def test_what_was_not_asked_is_missing() -> None:
    """A plugin that could not even be loaded has no grade."""
    result = graded([Finding(level="error", code="CK102", message="Not there")])
    assert result.grade == "none"
    assert {"CK102", "CK401"} <= set(result.missing)


def test_every_code_belongs_to_a_grade() -> None:
    """And every grade needs something of its own."""
    assert {needed_for(code) for code in CODES} == set(GRADES)
    assert NEVER_ASKED <= set(CODES)
    assert [reaches("silver", each) for each in GRADES] == [True, True, False]
