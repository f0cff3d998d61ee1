"""``check_plugin`` finds what is wrong: each code is found in a plugin that was spoilt for it, and only there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import frozen

from crmkit.scaffold import render
from crmkit.testing import CODES, check_plugin
from crmkit.testing.linting import breaches

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import json, sys
from crmkit.testing import check_plugin
from crmkit.testing.report import sentence
found = {}
steps = ("manifest", "code", "contributions", "models", "migrations", "life")
for package in sys.argv[1:]:
    sys.path.insert(0, package)
    name = __import__("pathlib").Path(package).name
    findings = check_plugin(f"crmkit_{name}.manifest:MANIFEST", steps=steps)
    found[name] = [sentence(each) for each in findings if each.level != "ok"]
print(json.dumps(found))
"""


MODELS, PLUGIN, MANIFEST, FACTS, JOBS = "models.py", "plugin.py", "manifest.py", "facts.py", "jobs.py"
QUERIES = "queries.py"
REVISION = "migrations/{name}_0001_items.py"
NOTE = '    note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="sensitive")\n'
HEED = "        .where(query.within(table.c.customer_id))\n"
RESTRICTED = 'field(kernel_key(Customer.id, ondelete="RESTRICT"), classified="internal")'
REFERRING = 'sa.Column("other_id", crmkit.Id(), sa.ForeignKey("crm_customer.id", ondelete="RESTRICT")),'


@frozen
class Spoilt:
    """A way to spoil a plugin: the code that has to say so, and what is changed, each time in a file of its package one
    text into another; ``says`` is in the finding."""

    code: str
    changes: tuple[tuple[str, str, str], ...]
    says: str = ""


def spoilt(code: str, file: str, old: str, new: str, *more: tuple[str, str, str], says: str = "") -> Spoilt:
    """Return a way to spoil a plugin."""
    return Spoilt(code, ((file, old, new), *more), says)


SPIES: Mapping[str, tuple[str, ...]] = {
    "text": ("from sqlalchemy import text", "session.execute(text('SELECT 1'))"),
    "sa.text": ("import sqlalchemy as sa", "session.execute(sa.text('SELECT 1'))"),
    "connection": ("session.connection()",),
    "create_engine": ("from sqlalchemy import create_engine", "create_engine('sqlite://')"),
    "bulk_insert_mappings": ("session.bulk_insert_mappings(Item, [])",),
    "bulk_save_objects": ("session.bulk_save_objects([])",),
    "exec_driver_sql": ("session.bind.exec_driver_sql('SELECT 1')",),
    "system_read": ("session.crm.engines.system_read",),
    "system_write": ("getattr(session.crm.engines, 'system_write')",),
    "__table__": ("Item.__table__",),
    "region": ("from crmkit.core.store.guard import region", "print(region)"),
    "lookup": ("from crmkit.core.store.guard.regions import lookup", "print(lookup)"),
}
"""Functions that go past the guard, by the name that they do it by; their last line is where it is seen."""


FIRST_SPY = 27
"""The line of queries.py that the first of them begins in."""


def spying() -> Spoilt:
    """Return a way to spoil a plugin by all functions that go past the guard, in queries.py."""
    functions = [
        "\n    ".join((f"def spy_{number}(session: CrmSession) -> None:", *lines)) + "\n\n\n"
        for number, lines in enumerate(SPIES.values())
    ]
    return spoilt("CK305", QUERIES, "def finished_items(", f"{''.join(functions)}def finished_items(")


WAYS: Mapping[str, Spoilt] = {
    "api": spoilt("CK103", MANIFEST, 'api="1.0"', 'api="9.0"'),
    "requires": spoilt("CK104", MANIFEST, 'api="1.0"', 'api="1.0", requires={"nowhere": ""}', says="nowhere"),
    "importing": spoilt("CK105", PLUGIN, "from crmkit import", "1 / 0\nfrom crmkit import", says="ZeroDivisionError"),
    "heavy": spoilt("CK106", MANIFEST, "_ = texts", "import sqlalchemy\n\n_ = texts", says="sqlalchemy"),
    "command": spoilt("CK107", MANIFEST, "commands:group", "commands:nothing", says="nothing"),
    "setting": spoilt("CK107", "settings.py", "field(default=14, ", "field(", says="PluginSettings"),
    "permission": spoilt(
        "CK108",
        "operations.py",
        '_("Finish"), ',
        '_("Finish"), permission="{name}.item.end", ',
        says="permission.item.end",
    ),
    "hook": spoilt("CK201", PLUGIN, "def crmkit_jobs()", "def crmkit_job()", says="crmkit_jobs"),
    "raising": spoilt("CK202", "queries.py", "    if since is not None", "    1 / 0\n    if since is not None"),
    "prefix": spoilt("CK203", JOBS, "{name}.finish_forgotten", "other.finish_forgotten", says="other.finish_forgotten"),
    "event": spoilt("CK204", "subscriptions.py", "customer.converted", "customer.reborn", says="customer.reborn"),
    "period": spoilt("CK204", JOBS, 'every="day"', 'every="now and then"', says="now and then"),
    "rule": spoilt(
        "CK204", "rules.py", "{name}.next_due)", "{name}.last_due)", says='The rule "rule.explain_delay" cannot be used'
    ),
    "kind": spoilt("CK203", "reports.py", 'kind="date"', 'kind="days"', says='"day" has the kind "days"'),
    "chart": spoilt("CK203", "reports.py", '"finished", "open")]', '"finished", "closed")]', says="closed"),
    "fact": spoilt("CK205", FACTS, '.label("open")', '.label("opened")', says="opened"),
    "rows": spoilt("CK205", FACTS, ".group_by(table.c.customer_id", ".group_by(table.c.customer_id, table.c.id"),
    "heed": spoilt("CK205", FACTS, HEED, ""),
    "ondelete": spoilt(
        "CK301",
        MODELS,
        NOTE,
        '    item_id: Mapped[str | None] = field(ForeignKey("{name}_item.id"))\n' + NOTE,
        (MODELS, "import Index, String", "import ForeignKey, Index, String"),
        says="item_id",
    ),
    "silent": spoilt(
        "CK302",
        MODELS,
        NOTE,
        "    note: Mapped[str | None] = mapped_column(String(2000))\n",
        (MODELS, "orm import Mapped", "orm import Mapped, mapped_column"),
        says="note",
    ),
    "map": spoilt("CK303", PLUGIN, '("title", "note")', '("title",)', says="note"),
    "column": spoilt("CK301", PLUGIN, '("title", "note")', '("title", "note", "nose")', says="nose"),
    "foreign": spoilt(
        "CK304",
        MODELS,
        "    __table_args__",
        '    team = relationship("Team", foreign_keys="Item.team_id", backref="acme_items")\n    __table_args__',
        (MODELS, "orm import Mapped", "orm import Mapped, relationship"),
        (MODELS, '"Team", foreign_keys="Item.team_id"', "lambda: Team, foreign_keys=lambda: Item.team_id"),
        (MODELS, "from crmkit import CustomerRecord", "from crmkit import CustomerRecord, Team"),
        says="acme_items",
    ),
    "spies": spying(),
    "failing": spoilt("CK402", REVISION, "    op.create_index(", "    raise RuntimeError('no')\n    op.create_index("),
    "drift": spoilt("CK403", REVISION, "sa.String(length=200)", "sa.String(length=20)"),
    "back": spoilt("CK404", REVISION, "    op.drop_table(TABLE)", "    pass", says="back_item"),
    "unwritable": spoilt(
        "CK601",
        MODELS,
        'field(title=_("Due on"), ',
        'field(Odd(), nullable=False, title=_("Due on"), ',
        (
            MODELS,
            "class Item(",
            "class Odd(TypeDecorator):\n    impl, cache_ok = Date, True\n\n    "
            "def process_bind_param(self, value, dialect):\n        raise ValueError('odd')\n\n\nclass Item(",
        ),
        (MODELS, "import Index, String", "import Date, Index, String, TypeDecorator"),
        (REVISION, '"due_on", sa.Date(), nullable=True', '"due_on", sa.Date(), nullable=False'),
        says="odd",
    ),
    "restrict": spoilt(
        "CK602",
        MODELS,
        NOTE,
        f"    other_id: Mapped[UUID | None] = {RESTRICTED}\n{NOTE}",
        (MODELS, "from crmkit import CustomerRecord", "from crmkit import Customer, kernel_key, CustomerRecord"),
        (MODELS, "from datetime import", "from uuid import UUID\nfrom datetime import"),
        (REVISION, '        sa.Column("note"', f'        {REFERRING}\n        sa.Column("note"'),
    ),
    "leftover": spoilt(
        "CK604",
        REVISION,
        "\n\ndef downgrade",
        '    op.create_index("ix_{name}_spy", "crm_team", ["name", "id"])\n\n\ndef downgrade',
        (REVISION, "op.drop_table(TABLE)", 'op.drop_table(TABLE)\n    op.drop_index("ix_{name}_spy", "crm_team")'),
        says="ix_leftover_spy",
    ),
}


def spoil(folder: Path, name: str, way: Spoilt) -> None:
    """Render a plugin with every part and spoil it."""
    render(name, folder, parts=("all",))
    for file, old, new in way.changes:
        path = folder / f"crmkit_{name}" / file.replace("{name}", name)
        text = path.read_text("utf-8")
        old, new = old.replace("{name}", name), new.replace("{name}", name)
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[str]]:
    """What was found in each spoilt plugin, all checked in one process."""
    folder = tmp_path_factory.mktemp("spoilt")
    for name, way in WAYS.items():
        spoil(folder / name, name, way)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *(str(folder / name) for name in WAYS)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Sequence[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", WAYS)
def test_what_is_wrong_is_found(name: str, found: Mapping[str, Sequence[str]]) -> None:
    """The finding has the code and names the thing; nothing else is blamed for it."""
    way = WAYS[name]
    assert {each.split()[0] for each in found[name]} == {way.code}, found[name]
    assert way.says in " ".join(found[name])


@pytest.mark.parametrize("name", SPIES)
def test_every_way_past_the_guard_is_found(name: str, found: Mapping[str, Sequence[str]]) -> None:
    """It is named, and the line that it is in."""
    before = list(SPIES)[: list(SPIES).index(name)]
    line = FIRST_SPY + sum(len(SPIES[each]) + 3 for each in before) + len(SPIES[name])
    assert f"/queries.py:{line}: {name.rpartition('.')[2]} goes past" in " ".join(found["spies"])


def test_what_only_looks_like_a_way_past_the_guard_is_none() -> None:
    """A method of that name of something else, a word in a text, and tables where facts are selected."""
    source = "from crmkit import texts\ncli.text('text(')\nconnection = 'exec_driver_sql'\n"
    assert list(breaches(source)) == []
    assert list(breaches("Item.__table__", tables=True)) == []


def test_a_way_past_the_guard_is_seen_however_it_is_imported() -> None:
    """Under another name, by its module, and from where it is defined."""
    source = (
        "from sqlalchemy import text as plain\nplain('')\nimport sqlalchemy.sql\nsqlalchemy.sql.text('')\n"
        "from sqlalchemy.sql.expression import text\ntext('')\n"
        "import crmkit.core.store.guard.regions\ncrmkit.core.store.guard.regions.region(session, '')\n"
    )
    assert [(each.line, each.name.rpartition(".")[2]) for each in breaches(source)] == [
        (2, "text"),
        (4, "text"),
        (6, "text"),
        (7, "regions"),
        (8, "region"),
    ]


def test_a_plugin_that_is_not_there_is_one_finding() -> None:
    """Nothing is checked of it."""
    (finding,) = check_plugin("nowhere")
    assert (finding.level, finding.code) == ("error", "CK102")


def test_codes_that_are_found_are_explained(found: Mapping[str, Sequence[str]]) -> None:
    """Every code that was found is in the list."""
    assert {each.split()[0] for lines in found.values() for each in lines} - set(CODES) == set()
