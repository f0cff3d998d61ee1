"""``crmkit config``: exporting, comparing and applying a configuration on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The folder that a configuration is exported to."""
    return str(tmp_path / "conf")


def test_export_diff_and_apply(crmkit: Crmkit, folder: str) -> None:
    """A changed file is a difference with exit code 1, is applied, and then makes no difference any more."""
    crmkit.ok("config", "export", folder)
    assert crmkit.ok("config", "diff", folder).out.strip() == "There is no difference."
    role = Path(folder, "roles", "taster.toml")
    role.write_text('title = "Taster"\n[grants]\n"customer.read" = "own"\n')
    found = crmkit("config", "diff", folder, "--json")
    assert found.code == 1
    assert [(item["path"], item["sort"]) for item in found.json["items"]] == [("roles/taster.toml", "add")]
    assert crmkit.json("config", "apply", folder, "--yes")["applied"] == 1
    assert crmkit.json("role", "show", "taster")["grants"] == [
        {"resource": "customer", "action": "read", "scope": "own"}
    ]
    crmkit.ok("config", "diff", folder)


def test_a_dry_run_changes_nothing(crmkit: Crmkit, folder: str) -> None:
    """What would be done is shown, and not done."""
    crmkit.ok("config", "export", folder)
    Path(folder, "roles", "taster.toml").write_text('title = "Taster"\n')
    assert "taster" in crmkit.ok("config", "apply", folder, "--dry-run").out
    assert crmkit("role", "show", "taster").code != 0


def test_nobody_is_asked_where_nobody_can_be(crmkit: Crmkit, folder: str) -> None:
    """Without a terminal the application has to be agreed to beforehand."""
    crmkit.ok("config", "export", folder)
    Path(folder, "roles", "taster.toml").write_text('title = "Taster"\n')
    assert "--yes" in crmkit("config", "apply", folder).err


def test_a_bad_file_is_an_error_of_its_place(crmkit: Crmkit, folder: str) -> None:
    """A file that is no TOML is named with line and column, and nothing is changed."""
    crmkit.ok("config", "export", folder)
    Path(folder, "roles", "taster.toml").write_text('title = "Taster\n')
    failed = crmkit("config", "apply", folder, "--yes")
    assert failed.code == 3
    assert "roles/taster.toml" in failed.err
    assert "line 1" in failed.err


def test_a_second_export_says_what_changed(crmkit: Crmkit, folder: str) -> None:
    """Only files whose items changed are written again; those of items that are gone are removed."""
    crmkit.ok("config", "export", folder)
    crmkit.ok("role", "create", "taster")
    assert crmkit.json("config", "export", folder)["changed"] == ["roles/taster.toml"]
    assert crmkit.json("config", "export", folder)["changed"] == []
