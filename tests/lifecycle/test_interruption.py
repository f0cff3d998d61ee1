"""A process that is killed in the middle of a change of state: what is left is told, and the next command ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from crmkit.app import CRM
from crmkit.lifecycle.opening import check_plugins
from crmkit.manifest import PluginManifest
from tests.lifecycle.helpers import TESTER, audited, customer, state, tables, view
from tests.lifecycle.workshop import MAKE_THINGS, Workshop

Open = Callable[..., CRM]

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {site!r}]
from crmkit.app import CRM
from crmkit.manifest import PluginManifest
manifest = PluginManifest(
    name={name!r}, title="Alpha", version="1.0", module={module!r}, migrations={migrations!r}
)
crm = CRM.open({url!r}, plugins=[manifest])
{work}
"""

WAIT = """
    import pathlib, time
    mark = pathlib.Path("{mark}")
    if not mark.exists():
        mark.write_text("here")
        time.sleep(600)
"""


def run_and_kill(manifest: PluginManifest, url: str, site: Path, mark: Path, work: str) -> None:
    """Run ``work`` in a process, and kill it once it has written the mark."""
    script = SCRIPT.format(
        root=str(ROOT),
        site=str(site),
        name=manifest.name,
        module=manifest.module,
        migrations=manifest.migrations,
        url=url,
        work=work,
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    try:
        for _attempt in range(6000):
            if mark.exists():
                break
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        assert mark.exists()
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_killed_in_a_revision(crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path) -> None:
    """The revision before is kept, the one that was running is undone, enabling again runs what is left."""
    mark = tmp_path / "mark"
    alpha = workshop.plugin("alpha")
    alpha.revision(
        2, '    op.create_table("alpha_more", sa.Column("id", sa.Integer()))' + WAIT.replace("{mark}", str(mark))
    )
    run_and_kill(alpha.manifest(), crm_url, workshop.folder, mark, 'crm.enable("alpha")')
    crm = opened(crm_url, plugins=[alpha.manifest()])
    assert (state(crm, "alpha"), tables(crm, "alpha_")) == ("broken", ["alpha_thing"])
    (finding,) = [each for each in check_plugins(crm) if each.values["name"] == "alpha"]
    assert (finding.level, finding.code) == ("error", "plugin.broken")
    assert "crmkit plugin enable alpha" in str(finding.values["reason"])
    assert [each.revisions for each in crm.plan_enable("alpha").plugins] == [("alpha_0002",)]
    crm.enable("alpha")
    assert (state(crm, "alpha"), tables(crm, "alpha_")) == ("enabled", ["alpha_more", "alpha_thing"])
    crm.run(TESTER, "alpha.thing.create", {"label": "x"}, target=customer(crm))


def test_unfinished_enabling_can_be_undone(crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path) -> None:
    """Disabling what was being enabled undoes it: with nothing in the database the plugin is available again."""
    mark = tmp_path / "mark"
    alpha = workshop.plugin("alpha")
    alpha.revision(1, WAIT.replace("{mark}", str(mark)) + MAKE_THINGS)
    run_and_kill(alpha.manifest(), crm_url, workshop.folder, mark, 'crm.enable("alpha")')
    crm = opened(crm_url, plugins=[alpha.manifest()])
    assert state(crm, "alpha") == "broken"
    crm.disable("alpha")
    assert tables(crm, "alpha_") == []
    assert state(opened(crm_url, plugins=[alpha.manifest()]), "alpha") in ("available", "disabled")


def test_unfinished_enabling_is_undone_by_the_next_change(
    crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path
) -> None:
    """Enabling another plugin puts the unfinished one right and says so in the audit log."""
    mark = tmp_path / "mark"
    hooks = "\n@hookimpl\ndef crmkit_plugin_enabled(crm):\n" + WAIT.replace("{mark}", str(mark))
    alpha, beta = workshop.plugin("alpha", hooks), workshop.plugin("beta")
    run_and_kill(alpha.manifest(), crm_url, workshop.folder, mark, 'crm.enable("alpha")')
    crm = opened(crm_url, plugins=[alpha.manifest(), beta.manifest()])
    crm.enable("beta")
    assert [state(crm, name) for name in ("alpha", "beta")] == ["disabled", "enabled"]
    assert view(crm, "alpha").tables[0].name == "alpha_thing"
    assert audited(crm)[0] == ("plugin.recover", "done", "alpha: an interrupted change of state")


def test_killed_while_purging(crm_url: str, workshop: Workshop, opened: Open, tmp_path: Path) -> None:
    """Everything of the plugin is still there, and purging it again goes through."""
    mark = tmp_path / "mark"
    hooks = "\n@hookimpl\ndef crmkit_plugin_purging(crm, session):\n" + WAIT.replace("{mark}", str(mark))
    alpha = workshop.plugin("alpha", hooks)
    crm = opened(crm_url, plugins=[alpha.manifest()])
    crm.enable("alpha")
    crm.disable("alpha")
    run_and_kill(alpha.manifest(), crm_url, workshop.folder, mark, 'crm.purge("alpha")')
    again = opened(crm_url, plugins=[alpha.manifest()])
    assert (state(again, "alpha"), tables(again, "alpha_")) == ("broken", ["alpha_thing"])
    again.purge("alpha")
    assert (state(again, "alpha"), tables(again, "alpha_")) == ("available", [])
