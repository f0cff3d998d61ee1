"""``crmkit feedback survey``: surveys as files."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def ready(crmkit: Crmkit) -> None:
    """Make an installation with feedback."""
    crmkit.has("feedback")


def test_a_survey_goes_out_as_a_file_and_comes_back(crmkit: Crmkit, tmp_path: Path) -> None:
    ready(crmkit)
    crmkit.ok("feedback", "survey", "create", "yearly", "--template", "market")
    file = tmp_path / "yearly.yaml"
    crmkit.ok("feedback", "survey", "export", "yearly", "--to", str(file))
    file.write_text(file.read_text("utf-8").replace("name: yearly", "name: weekly"), "utf-8")
    crmkit.ok("feedback", "survey", "check", str(file))
    for state in ("draft", "draft"):
        assert crmkit.json("feedback", "survey", "apply", str(file)) == {"name": "weekly", "state": state}
    assert crmkit.json("feedback", "survey", "publish", "weekly")["version"] == 1
    assert "weekly" in crmkit.ok("feedback", "survey", "list").out


def test_what_is_wrong_with_a_file_is_said_with_its_place(crmkit: Crmkit, tmp_path: Path) -> None:
    ready(crmkit)
    file = tmp_path / "bad.yaml"
    file.write_text("name: bad\ncontent: {languages: [en], title: {en: T}, blocks: []}\n", "utf-8")
    done = crmkit("feedback", "survey", "check", str(file))
    assert done.code != 0
    assert "A survey needs a question." in done.err
    done = crmkit("feedback", "survey", "apply", str(file), "--publish")
    assert done.code != 0
    assert "A survey needs a question." in done.err
    assert "bad" not in crmkit.ok("feedback", "survey", "list").out, "as a whole, or not at all"
