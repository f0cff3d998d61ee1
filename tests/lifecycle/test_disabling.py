"""Disabling: data stays and stays within reach, nobody else is hurt, and nothing of the plugin is needed for it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from crmkit.app import CRM
from crmkit.errors import LifecycleError, PluginError, UnknownOperation
from crmkit.manifest import Permission
from crmkit.mirror import read_mirror, request_disable
from crmkit.settings import Settings
from tests.lifecycle.helpers import TESTER, audited, customer, scalar, state, view
from tests.lifecycle.workshop import Workshop

Open = Callable[..., CRM]


def test_disabled_plugin_keeps_its_data_and_offers_nothing(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Its operations are gone at once, its rows are there, and enabling it again brings everything back."""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha").manifest()])
    crm.enable("alpha")
    about = customer(crm)
    crm.run(TESTER, "alpha.thing.create", {"label": "kept"}, target=about)
    assert crm.disable("alpha").names == ("alpha",)
    with pytest.raises(UnknownOperation):
        crm.run(TESTER, "alpha.thing.create", {"label": "x"}, target=about)
    assert (state(crm, "alpha"), view(crm, "alpha").tables[0].rows) == ("disabled", 1)
    plan = crm.plan_enable("alpha")
    assert plan.warnings == ("alpha finds data of an earlier time in alpha_thing.",)
    crm.enable(plan)
    crm.run(TESTER, "alpha.thing.create", {"label": "more"}, target=about)
    assert [line[0] for line in audited(crm)] == ["plugin.enable", "plugin.disable", "plugin.enable"]


def test_deleting_a_customer_reaches_a_disabled_plugins_rows(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The database itself takes the rows along: no model of the plugin is loaded in the process that deletes."""
    manifest = workshop.plugin("alpha").manifest()
    crm = opened(crm_url, plugins=[manifest])
    crm.enable("alpha")
    gone, kept = customer(crm, "Gone"), customer(crm, "Kept")
    for each in (gone, kept):
        crm.run(TESTER, "alpha.thing.create", {"label": "x"}, target=each)
    crm.disable("alpha")
    plain = opened(crm_url)
    plain.run(TESTER, "customer.remove", {}, target=gone)
    assert scalar(plain, "SELECT count(*) FROM alpha_thing") == 1
    assert scalar(plain, "SELECT count(*) FROM crm_plugin_table WHERE plugin = 'alpha'") == 1
    assert scalar(plain, "SELECT count(*) FROM crm_personal_data WHERE plugin = 'alpha'") == 1


def test_disabling_what_others_require_needs_cascade(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The dependents are named; with cascade they go first."""
    base = workshop.plugin("base")
    middle, top = workshop.plugin("middle", requires={"base": ""}), workshop.plugin("top", requires={"middle": ""})
    crm = opened(crm_url, plugins=[each.manifest() for each in (base, middle, top)])
    crm.enable("top")
    with pytest.raises(LifecycleError, match="required by top, middle"):
        crm.disable("base")
    assert state(crm, "base") == "enabled"
    assert crm.disable("base", cascade=True).names == ("top", "middle", "base")
    assert [state(crm, name) for name in ("base", "middle", "top")] == ["disabled"] * 3


def test_disabling_imports_no_plugin(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """With the setting that loads none, a plugin is disabled without its code, however broken that is by now."""
    alpha = workshop.plugin("alpha")
    opened(crm_url, plugins=[alpha.manifest()]).enable("alpha")
    for name in [name for name in sys.modules if name.startswith(alpha.package)]:
        del sys.modules[name]
    alpha.write("plugin.py", "import os; os._exit(1)")
    crm = opened(Settings(database=crm_url, plugins=()))
    assert crm.disable("alpha").names == ("alpha",)
    assert state(opened(crm_url, plugins=[alpha.manifest()]), "alpha") == "disabled"


def test_hook_that_fails_at_disabling_stops_nothing(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Its error is reported, and the plugin is disabled all the same."""
    hooks = "\n@hookimpl\ndef crmkit_plugin_disabled(crm):\n    raise OSError('unreachable')\n"
    crm = opened(crm_url, plugins=[workshop.plugin("alpha", hooks).manifest()])
    crm.enable("alpha")
    done = crm.disable("alpha")
    assert ["crmkit_plugin_disabled raised OSError" in each.render() for each in done.errors] == [True]
    assert state(crm, "alpha") == "disabled"


def test_plugin_that_vetoes_everything_can_be_disabled(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A plugin is not asked whether it agrees to be switched off."""
    hooks = """
from crmkit import Veto
@hookimpl
def crmkit_validate_change(session, changes):
    raise Veto("never")
"""
    crm = opened(crm_url, plugins=[workshop.plugin("alpha", hooks).manifest()])
    crm.enable("alpha")
    crm.disable("alpha")
    assert state(crm, "alpha") == "disabled"
    customer(crm)


# --- what is broken costs itself alone --------------------------------------------------------------------------------


def break_import(source: str) -> str:
    """Return a hook module that fails while it is imported."""
    return "raise ZeroDivisionError('broken since the update')\n" + source


def test_plugin_broken_at_import_stops_nobody(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """It is set aside with its reason, with those that require it; the others run, and it can be disabled."""
    alpha, beta = workshop.plugin("alpha"), workshop.plugin("beta")
    gamma = workshop.plugin("gamma", requires={"alpha": ""})
    manifests = [each.manifest() for each in (alpha, beta, gamma)]
    crm = opened(crm_url, plugins=manifests)
    for name in ("beta", "gamma"):
        crm.enable(name)
    path = alpha.folder / "plugin.py"
    path.write_text(break_import(path.read_text()))
    for name in [name for name in sys.modules if name.startswith(alpha.package)]:
        del sys.modules[name]
    again = opened(crm_url, plugins=manifests)
    assert [state(again, name) for name in ("alpha", "beta", "gamma")] == ["broken", "enabled", "broken"]
    assert "broken since the update" in (view(again, "alpha").reason or "")
    assert "alpha" in (view(again, "gamma").reason or "")
    again.run(TESTER, "beta.thing.create", {"label": "x"}, target=customer(again))
    assert again.disable("alpha", cascade=True).names == ("gamma", "alpha")
    assert [state(again, name) for name in ("alpha", "gamma")] == ["disabled", "disabled"]


def test_plugin_that_fails_at_startup_is_set_aside(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Its operations are not offered, its dependents are set aside, the reason is shown; the CRM is open."""
    hooks = """
import os
@hookimpl
def crmkit_startup(crm):
    if os.environ.get("CRMKIT_TEST_FAIL"):
        raise ConnectionError("no server")
"""
    alpha = workshop.plugin("alpha", hooks)
    manifests = [alpha.manifest(), workshop.plugin("beta", requires={"alpha": ""}).manifest()]
    opened(crm_url, plugins=manifests).enable("beta")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMKIT_TEST_FAIL", "1")
        crm = opened(crm_url, plugins=manifests)
        assert [state(crm, name) for name in ("alpha", "beta")] == ["broken", "broken"]
        assert "crmkit_startup raised ConnectionError" in (view(crm, "alpha").reason or "")
        assert not [name for name in crm.registry.operations if name.startswith(("alpha.", "beta."))]
        before = set(threading.enumerate())
        with pytest.raises(PluginError, match="crmkit_startup"):
            CRM.open(Settings(database=crm_url, strict=True), plugins=manifests)
        assert not [each.name for each in threading.enumerate() if each not in before]


def test_behaviour_hook_that_raises_costs_its_own_answer(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The others' answers come; the plugin that failed is named beside them."""
    answer = "\n@hookimpl\ndef crmkit_customer_panels(session, customer_ids):\n    {body}\n"
    alpha = workshop.plugin("alpha", answer.format(body="raise LookupError('gone')"))
    beta = workshop.plugin("beta", answer.format(body="return ['panel']"))
    crm = opened(crm_url, plugins=[alpha.manifest(), beta.manifest()])
    for name in ("alpha", "beta"):
        crm.enable(name)
    with crm.session(TESTER) as session:
        answers = crm.dispatcher.collect("crmkit_customer_panels", session=session, customer_ids=[])
    found = {
        each.plugin: (each.value, each.error is not None) for each in answers if not each.plugin.startswith("crmkit")
    }
    assert found["alpha"] == (None, True)
    assert found["beta"] == (["panel"], False)
    assert state(crm, "alpha") == "enabled"


def test_a_job_that_raises_costs_itself(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A worker carries out the other plugin's job and keeps the one that failed with its reason."""
    hooks = """
from crmkit import CrmSession, Job, operation
def work(session):
    {body}
@hookimpl
def crmkit_jobs():
    return [Job(name="{name}.work", acts_as="system", handler=work, attempts=1)]
@operation("{name}.begin", title="Begin")
def begin(session: CrmSession) -> None:
    session.defer("{name}.work")
@hookimpl
def crmkit_operations():
    return [begin]
"""
    bodies = {"alpha": "raise TimeoutError('late')", "beta": 'session.run("team.create", {"name": "made by a job"})'}
    plugins = [
        workshop.bare(
            name,
            hooks.replace("{body}", body).replace("{name}", name),
            permissions=[Permission(name=f"{name}.begin", title="Begin")],
        )
        for name, body in bodies.items()
    ]
    crm = opened(crm_url, plugins=[plugin.manifest() for plugin in plugins])
    for name in bodies:
        crm.enable(name)
        crm.run(TESTER, f"{name}.begin", {})
    crm.worker().run_until_idle()
    assert scalar(crm, "SELECT count(*) FROM crm_team") == 1
    assert scalar(crm, "SELECT state FROM crm_job WHERE name = 'alpha.work'") == "dead"
    assert "TimeoutError" in str(scalar(crm, "SELECT error FROM crm_job WHERE name = 'alpha.work'"))


# --- without database -------------------------------------------------------------------------------------------------


def test_request_in_the_mirror_is_honoured_at_the_next_opening(
    crm_url: str, tmp_path: Path, workshop: Workshop, opened: Open
) -> None:
    """It needs neither the database nor the plugin, is shown until then, and refuses what others require."""
    settings = Settings(database=crm_url, home=tmp_path)
    manifests = [workshop.plugin("alpha").manifest(), workshop.plugin("beta", requires={"alpha": ""}).manifest()]
    opened(settings, plugins=manifests).enable("beta")
    with pytest.raises(LifecycleError, match="required by beta"):
        request_disable(tmp_path, "alpha")
    assert request_disable(tmp_path, "beta") == ("beta",)
    assert request_disable(tmp_path, "alpha") == ("alpha",)
    crm = opened(settings, plugins=manifests)
    assert [state(crm, name) for name in ("alpha", "beta")] == ["disabled", "disabled"]
    assert read_mirror(tmp_path).disable == ()
    with crm.engines.system_read.connect() as connection:
        reasons = connection.execute(text("SELECT reason FROM crm_audit WHERE operation = 'plugin.disable'")).scalars()
        assert sorted(reasons) == ["alpha: asked for in the mirror", "beta: asked for in the mirror"]


def test_setting_leaves_plugins_out_without_disabling_them(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """What the setting "plugins" does not name is not loaded, is still enabled, and cannot be enabled from there."""
    manifests = [workshop.plugin("alpha").manifest()]
    opened(crm_url, plugins=manifests).enable("alpha")
    crm = opened(Settings(database=crm_url, plugins=("sales",)))
    assert "alpha.thing.create" not in crm.registry.operations
    assert scalar(crm, "SELECT state FROM crm_plugin WHERE name = 'alpha'") == "enabled"
    assert (state(crm, "sales"), crm.broken) == ("available", {})
    with pytest.raises(LifecycleError, match="leaves it out"):
        crm.enable("loyalty")
