"""``crmkit knowledge insights``, and insights that are taken over from files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, pristine as _pristine

pristine = _pristine


@pytest.fixture(scope="session")
def with_knowledge(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with knowledge enabled, to be copied."""
    home = tmp_path_factory.mktemp("knowledge") / "shop"
    shutil.copytree(pristine, home)
    crmkit = Crmkit(home, home.parent)
    assert crmkit("plugin", "enable", "knowledge", "--yes").code == 0
    crmkit.ok("customer", "add", "name=Ada", "email=ada@example.com")
    return home


@pytest.fixture
def crmkit(with_knowledge: Path, tmp_path: Path) -> Crmkit:
    """The command line with knowledge, on an installation of this test alone."""
    home = tmp_path / "shop"
    shutil.copytree(with_knowledge, home)
    return Crmkit(home, tmp_path)


def test_insights_come_from_a_file_once_and_are_listed(crmkit: Crmkit, tmp_path: Path) -> None:
    rows = [
        {"id": "1", "email": "ada@example.com", "topic": "packaging", "text": "纸袋", "date": "2025-01-01T00:00:00Z"},
        {"id": "2", "email": "ada@example.com", "topic": "packaging", "text": "Glass", "confidence": "guess"},
        {"id": "3", "email": "ada@example.com", "topic": "nowhere", "text": "x"},
    ]
    file = tmp_path / "known.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    for again in ((), ("--again",)):
        crmkit("import", str(file), "--as", "knowledge.insight", "--source", "old", "--yes", *again)
    held = crmkit.json("knowledge", "insights", "Ada")["items"]
    assert [(each["topic"], each["text"], each["confidence"]) for each in held] == [("packaging", "Glass", 0.4)]
    every = crmkit.json("knowledge", "insights", "Ada", "--all")["items"]
    assert [(each["text"], each["state"]) for each in every] == [("Glass", "current"), ("纸袋", "superseded")]
    assert "Glass" in crmkit.ok("knowledge", "insights", "Ada").out


def test_nothing_known_is_said(crmkit: Crmkit) -> None:
    assert "Nothing is known yet." in crmkit.ok("knowledge", "insights", "Ada").out
    assert crmkit("knowledge", "insights", "Nobody").code != 0
