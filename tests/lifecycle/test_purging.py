"""Purging: what it drops, what it exports first, what stands in its way, and that it needs no code of the plugin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crmkit.app import CRM
from crmkit.errors import BackupError, HookFailed, LifecycleError
from tests.lifecycle.helpers import TESTER, audited, customer, scalar, state, tables, view
from tests.lifecycle.workshop import MAKE_THINGS, Workshop

Open = Callable[..., CRM]


def test_purge_drops_everything_of_the_plugin_and_nothing_else(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Tables, version table, inventory, map, history, state: gone; another plugin with a longer name: untouched."""
    short, longer = workshop.plugin("alpha"), workshop.plugin("alpha_plus")
    crm = opened(crm_url, plugins=[short.manifest(), longer.manifest()])
    about = customer(crm)
    for name in ("alpha", "alpha_plus"):
        crm.enable(name)
        crm.run(TESTER, f"{name}.thing.create", {"label": "x"}, target=about)
    crm.disable("alpha")
    plan = crm.plan_purge("alpha")
    assert (plan.possible, [(each.name, each.rows) for each in plan.tables]) == (True, [("alpha_thing", 1)])
    done = crm.purge(plan)
    assert [(each.name, each.rows) for each in done.tables] == [("alpha_thing", 1)]
    assert tables(crm, "alpha") == ["alpha_plus_thing"]
    assert tables(crm, "crm_migration") == ["crm_migration", "crm_migration_alpha_plus"]
    for table, column in (("crm_plugin", "name"), ("crm_plugin_table", "plugin"), ("crm_personal_data", "plugin")):
        assert scalar(crm, f"SELECT count(*) FROM {table} WHERE {column} = 'alpha'") == 0
    assert scalar(crm, "SELECT count(*) FROM alpha_plus_thing") == 1
    assert state(crm, "alpha") == "available"
    assert audited(crm)[-1] == ("plugin.purge", "done", "alpha: purging a plugin")
    crm.enable("alpha")
    assert scalar(crm, "SELECT count(*) FROM alpha_thing") == 0


def test_enabled_plugin_is_not_purged(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """It has to be disabled first, and the error says how."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    with pytest.raises(LifecycleError, match="crmkit plugin disable alpha"):
        crm.purge("alpha")
    with pytest.raises(LifecycleError, match="nothing of it"):
        crm.purge("unheard")


def test_orphan_is_purged_without_its_package(crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path) -> None:
    """When the package is gone the plugin is orphaned, enabled or not, and its data can be exported and dropped."""
    opened(crm_url, plugins=[workshop.plugin("alpha").manifest()]).enable("alpha")
    crm = opened(crm_url)
    assert state(crm, "alpha") == "orphaned"
    assert view(crm, "alpha").title == "Alpha"
    crm.purge("alpha", export_to=tmp_path / "kept")
    assert ([each.name for each in crm.plugins if each.name == "alpha"], tables(crm, "alpha_")) == ([], [])


def test_export_holds_every_row_with_its_checksum(
    crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path
) -> None:
    """One file of JSON lines for each table, ids as text on both databases, listed with number and checksum."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    about = customer(crm)
    for label in ("eins", "二"):
        crm.run(TESTER, "alpha.thing.create", {"label": label}, target=about)
    crm.disable("alpha")
    folder = tmp_path / "kept"
    (exported,) = crm.purge("alpha", export_to=folder).exported
    content = (folder / "alpha_thing.jsonl").read_bytes()
    rows = [json.loads(line) for line in content.splitlines()]
    assert [(row["label"], row["customer_id"]) for row in rows] == [("eins", str(about)), ("二", str(about))]
    assert (exported.rows, exported.sha256) == (2, hashlib.sha256(content).hexdigest())
    (listed,) = json.loads((folder / "export.json").read_text())["tables"]
    assert (listed["table"], listed["rows"], listed["sha256"]) == ("alpha_thing", 2, exported.sha256)


def test_export_that_cannot_be_written_drops_nothing(
    crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path
) -> None:
    """A folder that holds an export, or cannot be made, ends the purge before anything is lost."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    crm.disable("alpha")
    file = tmp_path / "file"
    file.write_text("")
    (tmp_path / "export.json").write_text("{}")
    for folder in (file, tmp_path):
        with pytest.raises(BackupError):
            crm.purge("alpha", export_to=folder)
    assert (state(crm, "alpha"), tables(crm, "alpha_")) == ("disabled", ["alpha_thing"])


def test_tables_that_others_refer_to_are_not_dropped(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The references are named; once those plugins are purged, it goes."""
    base = workshop.plugin("base")
    top = workshop.plugin("top", requires={"base": ""})
    top.revision(
        1,
        MAKE_THINGS + '    op.create_table("top_link", sa.Column("thing_id", crmkit.Id(),'
        ' sa.ForeignKey("base_thing.id", name="fk_top_link_thing_id", ondelete="CASCADE")))\n',
    )
    crm = opened(crm_url, plugins=[base.manifest(), top.manifest()])
    crm.enable("top")
    crm.disable("base", cascade=True)
    with pytest.raises(LifecycleError, match="top_link → base_thing"):
        crm.purge("base")
    assert [each.name for each in crm.purge("top").tables] == ["top_thing", "top_link"]
    crm.purge("base")
    assert tables(crm, "base_") + tables(crm, "top_") == []


def test_failing_hook_stops_the_purge_unless_forced(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Nothing is dropped at first; with force everything is, and the failure is reported."""
    hooks = "\n@hookimpl\ndef crmkit_plugin_purging(crm, session):\n    raise OSError('third party is down')\n"
    crm = opened(crm_url, plugins=[workshop.plugin("alpha", hooks).manifest()])
    crm.enable("alpha")
    crm.disable("alpha")
    with pytest.raises(HookFailed, match="crmkit_plugin_purging raised OSError"):
        crm.purge("alpha")
    assert (state(crm, "alpha"), tables(crm, "alpha_")) == ("disabled", ["alpha_thing"])
    done = crm.purge("alpha", force=True)
    assert done.hook_error is not None
    assert tables(crm, "alpha_") == []


def test_broken_plugin_is_purged_without_being_repaired(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """What cannot be imported any more cannot be asked, and is removed all the same."""
    alpha = workshop.plugin("alpha")
    opened(crm_url, plugins=[alpha.manifest()]).enable("alpha")
    broken = alpha.manifest(module=f"{alpha.package}.absent")
    crm = opened(crm_url, plugins=[broken])
    assert state(crm, "alpha") == "broken"
    crm.purge("alpha")
    assert tables(crm, "alpha_") == []


def test_purge_takes_fields_options_and_waiting_jobs_along(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """What an admin has set up for the plugin, and what waits for it, goes with it; what is named alike stays."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    crm.disable("alpha")
    from sqlalchemy import insert

    from crmkit.core.operations.tables import JobRecord
    from crmkit.core.store.clock import system_now
    from crmkit.core.store.ids import new_id
    from crmkit.core.store.seals import seal_rows

    rows: list[dict[str, object]] = [
        {"id": new_id(), "name": name, "arguments": {}, "run_at": system_now(), "actor_id": "system"}
        for name in ("alpha.work", "deliver:alpha.hear", "alphabet.work")
    ]
    with crm.transaction(TESTER) as session:
        seal_rows(session, JobRecord, rows)
    with crm.engines.system_write.begin() as connection:
        connection.execute(insert(JobRecord.__table__), rows)
    crm.purge("alpha")
    assert scalar(crm, "SELECT count(*) FROM crm_job") == 1
    assert scalar(crm, "SELECT name FROM crm_job") == "alphabet.work"
