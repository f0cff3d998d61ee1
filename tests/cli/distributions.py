"""Distributions of plugins that tests make and install for themselves, by a folder on the path."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return the function that installs a plugin of a name with the arguments of its manifest and its modules."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def make(name: str, manifest: str = "", **modules: str) -> str:
        package = site / f"crmkit_{name}"
        package.mkdir()
        for module, source in {"__init__": "", "plugin": "", **modules}.items():
            (package / f"{module}.py").write_text(dedent(source), encoding="utf-8")
        (package / "manifest.py").write_text(
            "from crmkit.manifest import PluginManifest\n"
            f'MANIFEST = PluginManifest(name="{name}", title="{name.title()}", '
            f'module="crmkit_{name}.plugin", {manifest})\n',
            encoding="utf-8",
        )
        info = site / f"crmkit_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: crmkit-{name}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[crmkit.plugins]\n{name} = crmkit_{name}.manifest:MANIFEST\n")
        for loaded in [each for each in sys.modules if each.partition(".")[0] == f"crmkit_{name}"]:
            monkeypatch.delitem(sys.modules, loaded)
        return name

    return make
