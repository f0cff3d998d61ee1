"""The fixtures that vendors test with: light, fresh for each test, and clear about what is missing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from crmkit.errors import ManifestError, UnknownPlugin
from crmkit.scaffold import render
from crmkit.testing import Customers, MovableClock, Workbench
from crmkit.testing.workbench import subject
from crmkit.testing.working import Jobs
from crmkit.testing.written import texts_are_translated
from tests.scaffold.test_render import kit, python
from tests.vendor.wheels import ROOT


def test_the_pytest_plugin_costs_nothing_unused() -> None:
    """Whoever has crmkit installed and tests something else loads neither its database layer nor its values."""
    code = "import sys, pytest; old = {*sys.modules}; import crmkit.testing.pytest_plugin; print(*{*sys.modules} - old)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} == {"crmkit"}


def test_pytest_finds_the_plugin() -> None:
    """The distribution names it among pytest's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"crmkit": "crmkit.testing.pytest_plugin"}


def test_a_test_without_a_plugin_is_told_what_to_set(tmp_path: Path) -> None:
    """The error names the setting."""
    (tmp_path / "test_sample.py").write_text("def test_a(crm): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *kit(), cwd=tmp_path)
    assert done.returncode == 1
    assert "crmkit_plugin = " in done.stdout


def test_each_crm_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written in one is not in the next, and the plugin is enabled in each unless it was not asked for."""
    render("kit_acme", tmp_path / "plugin", parts=("operations",))
    monkeypatch.syspath_prepend(tmp_path / "plugin")
    bench = Workbench(subject=subject("crmkit_kit_acme.manifest:MANIFEST"), folder=tmp_path)
    with bench.crm() as crm:
        customer = Customers(crm=crm)(name="Li Na")
        crm.run(crm.system("test"), "kit_acme.item.create", {"customer_id": customer.id, "title": "Call back"})
    with bench.crm() as crm, crm.session(crm.system("test")) as session:
        assert session.get(type(customer), customer.id) is None
        assert [view.state for view in crm.plugins if view.name == "kit_acme"] == ["enabled"]
    with bench.crm(enabled=False) as crm:
        assert [view.state for view in crm.plugins if view.name == "kit_acme"] == ["available"]


def test_what_is_periodic_is_due_one_period_after_the_test_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daily rule fires on the next day, as one does that was there yesterday; a daily job is carried out, also after
    the clock was set back."""
    render("kit_daily", tmp_path / "plugin", parts=("rules", "jobs"))
    monkeypatch.syspath_prepend(tmp_path / "plugin")
    bench, clock = Workbench(subject=subject("crmkit_kit_daily.manifest:MANIFEST"), folder=tmp_path), MovableClock()
    with bench.crm(clock=clock) as crm:
        jobs, somebody = Jobs(crm=crm), crm.system("test")

        def items() -> list[tuple[str, bool]]:
            with crm.session(somebody) as session:
                found = session.query(crm.gate.registry.resources["kit_daily.item"].model)
                return sorted((item.title, item.finished_at is not None) for item in found)

        late = {"customer_id": Customers(crm=crm)().id, "title": "Call back"}
        late["due_on"] = clock.instant.date() - timedelta(days=40)
        crm.run(somebody, "kit_daily.item.create", late)
        jobs()
        assert items() == [("Call back", False)]
        clock.advance(days=1)
        jobs()
        assert items() == [("Call back", False), ("Explain the delay", False)]
        old = clock.instant - timedelta(days=100)
        crm.run(somebody, "kit_daily.item.create", {**late, "title": "Old", "due_on": old.date() - timedelta(days=400)})
        clock.set(old)
        jobs()
        assert ("Old", False) in items()
        clock.advance(days=1)
        jobs()
        assert ("Old", True) in items()


def test_a_title_of_words_needs_a_translation_and_a_name_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is left empty, and English in place of Chinese is found as well."""
    for name, title in (("kit_loans", "Equipment on loan"), ("kit_desk", "Acme Desk")):
        render(name, tmp_path / name, parts=(), title=title)
        monkeypatch.syspath_prepend(tmp_path / name)
    loans, desk = (subject(f"crmkit_{name}.manifest:MANIFEST").manifest for name in ("kit_loans", "kit_desk"))
    assert list(texts_are_translated(desk)) == []
    assert [each.code for each in texts_are_translated(loans)] == ["CK705"]
    catalogue = tmp_path / "kit_loans/crmkit_kit_loans/locale/zh_Hans/LC_MESSAGES/crmkit_kit_loans.po"
    entry = 'msgid "Equipment on loan"\nmsgstr "{}"'
    text = catalogue.read_text("utf-8")
    assert entry.format("") in text
    catalogue.write_text(text.replace(entry.format(""), entry.format("Equipment on loan")), encoding="utf-8")
    assert [each.code for each in texts_are_translated(loans)] == ["CK705", "CK905"]


def test_the_clock_stands_until_it_is_moved() -> None:
    """It is the business's time and the system's at once, and always UTC."""
    moved = MovableClock(instant=datetime(2026, 3, 31, 22, tzinfo=UTC))
    clock = moved.as_clock()
    assert clock.now() == clock.business_now() == datetime(2026, 3, 31, 22, tzinfo=UTC)
    moved.advance(hours=3)
    assert clock.today("UTC").isoformat() == "2026-04-01"
    moved.set(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == datetime(2025, 12, 31, 16, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        moved.set(datetime(2026, 1, 1))


def test_a_plugin_that_cannot_be_had_is_an_error_of_ours() -> None:
    """By name and by path."""
    with pytest.raises(UnknownPlugin):
        subject("nowhere")
    with pytest.raises(ManifestError):
        subject("crmkit.manifest:NAME")
