"""Enabling: the plan, its execution, and what becomes of it when something fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.tables import PersonalDataMap, PluginTable
from crmkit.errors import (
    HookFailed,
    LifecycleError,
    MigrationError,
    ModelError,
    PluginDependencyError,
    PluginError,
    PluginImportError,
    UnknownOperation,
    UnknownPlugin,
)
from crmkit.manifest import Permission
from tests.lifecycle.helpers import TESTER, audited, customer, scalar, state, tables, view
from tests.lifecycle.workshop import Workshop

Open = Callable[..., CRM]


def test_plan_says_what_would_be_done_and_does_nothing(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Plugins in order, permissions with risk, revisions, tables and hooks are told before anything is written."""
    base = workshop.plugin("base")
    top = workshop.plugin(
        "top",
        requires={"base": ">=1"},
        permissions=[Permission(name="top.thing.drop", title="Drop", risk="high")],
        uses=["base.thing.create"],
    )
    crm = opened(crm_url, plugins=[base.manifest(), top.manifest()])
    plan = crm.plan_enable("top")
    assert plan.possible
    assert [each.name for each in plan.plugins] == ["base", "top"]
    assert [each.revisions for each in plan.plugins] == [("base_0001",), ("top_0001",)]
    assert [each.tables for each in plan.plugins] == [("base_thing",), ("top_thing",)]
    assert plan.plugins[1].hooks == ("crmkit_models", "crmkit_operations", "crmkit_personal_data")
    assert [(each.name, each.risk) for each in plan.permissions] == [("top.thing.drop", "high")]
    assert plan.warnings == (
        "top: whoever has top.thing.drop can do great harm.",
        "top uses base.thing.create on its own behalf.",
    )
    assert tables(crm, "base_") + tables(crm, "top_") == []
    assert state(crm, "top") == "available"


def test_enabled_plugin_works_at_once_and_after_opening_again(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The plugin, and what it requires, run in this CRM and in the next one."""
    manifests = [workshop.plugin("base").manifest(), workshop.plugin("top", requires={"base": ""}).manifest()]
    crm = opened(crm_url, plugins=manifests)
    assert crm.enable("top") == ("base", "top")
    about = customer(crm)
    crm.run(TESTER, "top.thing.create", {"label": "first"}, target=about)
    again = opened(crm_url, plugins=manifests)
    again.run(TESTER, "top.thing.create", {"label": "second"}, target=about)
    assert again.dispatcher.plugins[-2:] == ("base", "top")
    assert [(each.name, each.rows) for each in view(again, "top").tables] == [("top_thing", 2)]
    assert audited(crm) == [
        ("plugin.enable", "done", "base: enabling a plugin"),
        ("plugin.enable", "done", "top: enabling a plugin"),
    ]


def test_inventory_and_personal_data_are_kept_in_the_database(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Which tables name which customers is known without the plugin; the kernel's own map is there as well."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    with crm.session(TESTER) as session:
        (table,) = session.scalars(select(PluginTable).where(PluginTable.plugin == "alpha"))
        (entry,) = session.scalars(select(PersonalDataMap).where(PersonalDataMap.plugin == "alpha"))
        kernel = session.scalars(select(PersonalDataMap.table_name).where(PersonalDataMap.plugin == "crmkit")).all()
    assert (table.table_name, table.customer_column, table.position) == ("alpha_thing", "customer_id", 0)
    assert (entry.column_name, entry.columns, entry.on_merge, entry.on_erase) == (
        "customer_id",
        ["label"],
        "move",
        "delete",
    )
    assert {"crm_customer", "crm_contact_point", "crm_interaction"} <= set(kernel)


def test_other_processes_see_that_they_are_stale(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A CRM that was open before says that it should be opened anew; the one that changed it runs it already."""
    manifest = workshop.plugin("alpha").manifest()
    old, crm = opened(crm_url, plugins=[manifest]), opened(crm_url, plugins=[manifest])
    crm.enable("alpha")
    assert (old.is_stale(), crm.is_stale()) == (True, False)
    assert (view(old, "alpha").restart_needed, view(crm, "alpha").restart_needed) == (True, False)


def test_enabling_twice_is_refused(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """What is enabled is not enabled again."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    with pytest.raises(LifecycleError, match="enabled already"):
        crm.enable("alpha")


def test_unknown_name_is_refused_with_the_name_that_was_meant(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A typing error is answered with what was probably meant."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    with pytest.raises(UnknownPlugin, match='Did you mean "alpha"'):
        crm.enable("alhpa")


def test_a_plan_that_has_gone_stale_is_not_carried_out(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """What is done is what was shown."""
    alpha = workshop.plugin("alpha")
    crm = opened(crm_url, plugins=[alpha.manifest()])
    plan = crm.plan_enable("alpha")
    alpha.revision(2, "    pass")
    with pytest.raises(LifecycleError, match="has changed since"):
        crm.enable(plan)
    assert state(crm, "alpha") == "available"


def test_a_conflict_with_an_enabled_plugin_is_refused(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Nothing that runs is pushed aside, whichever of the two declares the conflict."""
    old = workshop.plugin("old", conflicts=["young"])
    crm = opened(crm_url, plugins=[old.manifest(), workshop.plugin("young").manifest()])
    crm.enable("old")
    with pytest.raises(PluginDependencyError, match=r"cannot run together|could not run"):
        crm.enable("young")


def test_models_without_migrations_are_refused(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A plugin with tables has to say how they are made."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest(migrations=None)])
    with pytest.raises(ModelError, match="names no package of migrations"):
        crm.enable("alpha")


def test_revisions_that_leave_out_a_table_are_refused(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A model that no revision makes a table for is noticed at enabling, not at the first query."""
    alpha = workshop.plugin("alpha")
    alpha.revision(1, "    pass")
    crm = opened(crm_url, plugins=[alpha.manifest()])
    with pytest.raises(MigrationError, match="do not make the tables alpha_thing"):
        crm.enable("alpha")


def test_plugin_that_cannot_be_imported_leaves_nothing(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """It is named with the line that raised, before anything was written."""
    alpha = workshop.plugin("alpha", hooks="\nraise RuntimeError('no luck')\n")
    crm = opened(crm_url, plugins=[alpha.manifest(), workshop.plugin("beta").manifest()])
    with pytest.raises(PluginImportError, match=r"RuntimeError at \S+plugin.py:\d+: no luck"):
        crm.enable("alpha")
    assert (state(crm, "alpha"), tables(crm, "alpha_")) == ("available", [])
    assert crm.enable("beta") == ("beta",)


DECLARATIVE = (
    "models", "resources", "operations", "events", "interaction_kinds", "facts", "dimensions", "rules", "reports",
    "subscriptions", "jobs", "channels", "personal_data", "pages", "checks", "guards",
)  # fmt: skip


@pytest.mark.parametrize("hook", DECLARATIVE)
def test_plugin_that_raises_in_a_declaration_leaves_nothing(
    sqlite_url: str, workshop: Workshop, opened: Open, hook: str
) -> None:
    """Whichever declarative hook fails, the plugin is named with it, and the registry keeps nothing of it."""
    alpha = workshop.bare("alpha", f"@hookimpl\ndef crmkit_{hook}():\n    raise ValueError('not today')\n")
    crm = opened(sqlite_url, plugins=[alpha.manifest()], create=True)
    with pytest.raises(PluginError, match=f"crmkit_{hook} raised ValueError"):
        crm.enable("alpha")
    assert (state(crm, "alpha"), "alpha" in crm.dispatcher.plugins) == ("available", False)


def test_failing_revision_goes_back_to_available(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A revision that fails is undone whole and named, with the command that goes on; other plugins can be enabled."""
    alpha = workshop.plugin("alpha")
    alpha.revision(1, '    op.create_table("alpha_half", sa.Column("id", sa.Integer()))\n    raise KeyError("oh")')
    crm = opened(crm_url, plugins=[alpha.manifest(), workshop.plugin("beta").manifest()])
    with pytest.raises(MigrationError) as caught:
        crm.enable("alpha")
    assert caught.value.render() == (
        "Plugin \"alpha\": Revision alpha_0001 failed: KeyError: 'oh' Mend the cause and run: crmkit db upgrade"
    )
    assert tables(crm, "alpha_") == []
    assert crm.enable("beta") == ("beta",)
    assert audited(crm)[0] == ("plugin.enable", "failed", "alpha: enabling a plugin")


def test_hook_that_fails_after_migrating_disables(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The tables are there, so the plugin is disabled rather than forgotten: it can be purged, or enabled again."""
    alpha = workshop.plugin("alpha", hooks="\n@hookimpl\ndef crmkit_plugin_enabled(crm):\n    raise OSError('down')\n")
    crm = opened(crm_url, plugins=[alpha.manifest()])
    with pytest.raises(HookFailed, match="crmkit_plugin_enabled raised OSError"):
        crm.enable("alpha")
    assert (state(crm, "alpha"), tables(crm, "alpha_")) == ("disabled", ["alpha_thing"])
    with pytest.raises(UnknownOperation):
        crm.run(TESTER, "alpha.thing.create", {"label": "x"}, target=customer(crm))
    assert "crmkit_plugin_enabled" in (view(crm, "alpha").reason or "")


def test_enabled_hook_can_run_operations(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The hook gets a CRM with the plugin in it, to set up its data by operations."""
    hooks = """
@hookimpl
def crmkit_plugin_enabled(crm):
    actor = crm.system("setting up")
    made = crm.run(actor, "customer.create", {"name": "House"})
    crm.run(actor, "alpha.thing.create", {"label": "default"}, target=made.id)
"""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha", hooks).manifest()])
    crm.enable("alpha")
    assert scalar(crm, "SELECT label FROM alpha_thing") == "default"


def test_two_crms_do_not_share_plugins(sqlite_url: str, workshop: Workshop, opened: Open) -> None:
    """What is enabled in one database is not in another of the same process."""
    manifest = workshop.plugin("alpha").manifest()
    one = opened(sqlite_url, plugins=[manifest], create=True)
    other = opened(sqlite_url.replace("crmkit.db", "other.db"), plugins=[manifest], create=True)
    one.enable("alpha")
    assert (state(one, "alpha"), state(other, "alpha")) == ("enabled", "available")
    assert "alpha.thing.create" not in other.registry.operations
