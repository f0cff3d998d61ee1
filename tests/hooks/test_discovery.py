"""Plugins are found by entry points of real distributions, and their manifests read without importing them."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.errors import ManifestError, PluginImportError, UnknownPlugin
from crmkit.hooks.discovery import Found, discover, load_module
from crmkit.manifest import PluginManifest

MANIFEST = """
from crmkit.manifest import PluginManifest
MANIFEST = PluginManifest(name="{name}", title="{name}", module="crmkit_{name}.plugin"{more})
"""


class Site:
    """A folder of installed distributions on the import path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def package(self, package: str, files: dict[str, str]) -> None:
        """Write a package; its ``__init__`` raises, so that importing it would be seen."""
        for name, source in {"__init__.py": "raise AssertionError('imported')", **files}.items():
            path = self.folder / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)

    def distribution(self, distribution: str, entry_points: str, version: str = "1.2.3") -> None:
        """Write the metadata of a distribution; ``entry_points`` are the lines of crmkit's group."""
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[crmkit.plugins]\n{entry_points}\n")

    def plugin(self, name: str, manifest: str | None = None, more: str = "", **files: str) -> None:
        """Install a plugin whose manifest is given, or a good one."""
        source = MANIFEST.format(name=name, more=more) if manifest is None else manifest
        self.package(f"crmkit_{name}", {"manifest.py": source, **{f"{key}.py": value for key, value in files.items()}})
        self.distribution(f"crmkit-{name}", f"{name} = crmkit_{name}.manifest:MANIFEST")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Site(tmp_path)
    for name in set(sys.modules) - before:
        if name.startswith("crmkit_"):
            del sys.modules[name]


def find(name: str, **options: object) -> Found:
    """Return what is found under a name."""
    return {each.name: each for each in discover(**options)}[name]  # type: ignore[arg-type]


def test_manifest_is_read_without_importing_the_package(site: Site) -> None:
    """Neither the package nor its manifest module is among the imported modules afterwards."""
    site.plugin("untouched")
    found = find("untouched")
    assert found.error is None
    assert found.manifest is not None
    assert (found.manifest.title, found.distribution, found.version) == ("untouched", "crmkit-untouched", "1.2.3")
    assert [name for name in sys.modules if "untouched" in name] == []


def test_plugins_come_by_name(site: Site) -> None:
    """The order does not depend on the import path."""
    for name in ("zeta", "alpha", "mid"):
        site.plugin(name)
    assert [each.name for each in discover(("zeta", "mid", "alpha"))] == ["alpha", "mid", "zeta"]


def test_what_is_installed_or_removed_later_is_seen(site: Site) -> None:
    """The process goes on with what it has read for as long as nothing changes."""
    site.plugin("alpha")
    long_ago = 1_700_000_000
    for present in (("alpha",), ("alpha",), ("alpha", "beta"), ("beta",)):
        if "beta" in present and not (site.folder / "crmkit_beta").exists():
            site.plugin("beta")
        if "alpha" not in present:
            shutil.rmtree(next(site.folder.glob("crmkit_alpha-*")))
        assert [each.name for each in discover(("alpha", "beta")) if each.error is None] == list(present)
        os.utime(site.folder, (long_ago, long_ago))
        long_ago += 1
        assert [each.name for each in discover(("alpha", "beta")) if each.error is None] == list(present)


def test_version_comes_from_the_distribution(site: Site) -> None:
    """A manifest that leaves its version at 0 gets its distribution's; another keeps its own."""
    site.plugin("alpha")
    site.plugin("beta", more=', version="9"')
    versions = [each.manifest.version for each in discover(("alpha", "beta")) if each.manifest]
    assert versions == ["1.2.3", "9"]


@pytest.mark.parametrize(
    ("manifest", "kind", "complaint"),
    [
        ("1 / 0", PluginImportError, "ZeroDivisionError at crmkit_broken/manifest.py:1: division by zero"),
        ("x = (", PluginImportError, "SyntaxError at crmkit_broken/manifest.py:1"),
        ("import no_such_library", PluginImportError, "No module named 'no_such_library'"),
        ("raise SystemExit(1)", PluginImportError, "SystemExit"),
        ("OTHER = 1", ManifestError, "MANIFEST in crmkit_broken.manifest is no PluginManifest"),
        ("MANIFEST = {}", ManifestError, "is no PluginManifest"),
        (MANIFEST.format(name="other", more=""), ManifestError, 'named "other", unlike its entry point'),
        (MANIFEST.format(name="broken", more=', api="one"'), ManifestError, '"one" is not a valid api'),
    ],
)
def test_broken_manifest_costs_its_own_plugin(site: Site, manifest: str, kind: type[Exception], complaint: str) -> None:
    """The reason and the line are told, and other plugins are found all the same."""
    site.plugin("broken", manifest)
    site.plugin("good")
    broken, good = discover(("broken", "good"))
    assert isinstance(broken.error, kind)
    assert complaint in str(broken.error)
    assert 'Plugin "broken"' in str(broken.error)
    assert broken.manifest is None
    assert broken.distribution == "crmkit-broken"
    assert good.manifest is not None


def test_interrupt_is_not_caught(site: Site) -> None:
    """A person who presses Ctrl-C while manifests are read is obeyed."""
    site.plugin("broken", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        discover(("broken",))


@pytest.mark.parametrize("value", ["crmkit_alpha.manifest", "not a path:X", "crmkit_alpha.manifest:MANIFEST.more"])
def test_malformed_entry_point_is_named(site: Site, value: str) -> None:
    """An entry point that names no attribute of a module is an error of that plugin."""
    site.package("crmkit_alpha", {})
    site.distribution("crmkit-alpha", f"alpha = {value}")
    assert isinstance(find("alpha").error, ManifestError)
    assert "crmkit_alpha.manifest:MANIFEST" in str(find("alpha").error)


def test_manifest_that_is_gone_is_named(site: Site) -> None:
    """Metadata without a package, or a package without a manifest, gives an error with the module's name alone."""
    site.distribution("crmkit-alpha", "alpha = crmkit_alpha.manifest:MANIFEST")
    assert str(find("alpha").error) == (
        'CK105 Plugin "alpha": crmkit_alpha.manifest cannot be imported: '
        "ModuleNotFoundError: No module named 'crmkit_alpha'"
    )
    site.package("crmkit_alpha", {"__init__.py": ""})
    importlib.invalidate_caches()
    assert "ModuleNotFoundError: No module named 'crmkit_alpha.manifest'" in str(find("alpha").error)


def test_malformed_metadata_costs_its_own_distribution(site: Site) -> None:
    """A distribution whose entry points cannot be parsed does not hide the others."""
    site.distribution("aaa-broken", "a line without an equals sign")
    site.plugin("alpha")
    assert find("alpha").manifest is not None


def test_distribution_that_shadows_another_is_no_clash(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same distribution later on the path is hidden by the first, beside malformed metadata too."""
    site.plugin("alpha")
    monkeypatch.syspath_prepend(str(tmp_path_factory.mktemp("second")))
    Site(Path(sys.path[0])).plugin("alpha")
    assert find("alpha").manifest is not None
    site.distribution("aaa-broken", "a line without an equals sign")
    assert find("alpha").manifest is not None


def test_module_without_a_package_is_imported(site: Site) -> None:
    """A plugin that is a single module has no manifest file of its own, and is imported in the usual way."""
    source = MANIFEST.format(name="single", more="").replace("crmkit_single.plugin", "crmkit_single")
    (site.folder / "crmkit_single.py").write_text(source)
    site.distribution("crmkit-single", "single = crmkit_single:MANIFEST")
    assert find("single").manifest is not None


def test_namespace_package_is_searched(site: Site) -> None:
    """A manifest below a namespace package is found in whichever folder holds it."""
    folder = site.folder / "vendor_space" / "alpha"
    folder.mkdir(parents=True)
    (folder / "manifest.py").write_text(MANIFEST.format(name="alpha", more=""))
    site.distribution("vendor-alpha", "alpha = vendor_space.alpha.manifest:MANIFEST")
    assert find("alpha").manifest is not None
    assert "vendor_space" not in sys.modules


def test_two_distributions_with_one_name_are_both_named(site: Site) -> None:
    """Neither is preferred in silence."""
    site.plugin("alpha")
    site.distribution("evil-twin", "alpha = crmkit_alpha.manifest:MANIFEST")
    text = str(find("alpha").error)
    assert "crmkit-alpha" in text
    assert "evil-twin" in text


def test_only_allowed_plugins_are_touched(site: Site) -> None:
    """With a list of allowed names no file of another plugin is executed; an empty list finds nothing."""
    site.plugin("alpha")
    site.plugin("beta", f"open({str(site.folder / 'touched')!r}, 'w').close()")
    assert [each.name for each in discover(("alpha",))] == ["alpha"]
    assert discover(()) == ()
    assert not (site.folder / "touched").exists()
    discover(("beta",))
    assert (site.folder / "touched").exists()


def test_allowed_name_that_is_not_installed_is_told(site: Site) -> None:
    """A misspelt name in the list is an error of its own, with the name that was meant."""
    site.plugin("alpha")
    found = find("alhpa", allowed=("alhpa",))
    assert isinstance(found.error, UnknownPlugin)
    assert 'Did you mean "alpha"?' in str(found.error)


def handed(name: str, module: str) -> PluginManifest:
    return PluginManifest(name=name, title=name, module=module, version="7")


def test_manifest_can_be_handed_in(site: Site) -> None:
    """An embedding program or a test adds plugins that no distribution announces, whatever the list allows."""
    found = find("mine", allowed=(), extra=[handed("mine", "my.plugin")])
    assert found == Found(name="mine", manifest=handed("mine", "my.plugin"), version="7")


def test_manifest_handed_in_stands_in_for_the_installed(site: Site) -> None:
    """The same hook module handed in again replaces; another under the same name is a clash."""
    site.plugin("alpha")
    assert find("alpha", extra=[handed("alpha", "crmkit_alpha.plugin")]).version == "7"
    clash = find("alpha", extra=[handed("alpha", "my.plugin")])
    assert "one from crmkit-alpha, one from the application itself" in str(clash.error)


def test_hook_module_is_imported(site: Site) -> None:
    """The module that the manifest names is returned."""
    site.package("crmkit_alpha", {"__init__.py": "", "plugin.py": "ANSWER = 42"})
    assert load_module(handed("alpha", "crmkit_alpha.plugin")).ANSWER == 42


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x = 1\nraise ValueError('why')", "ValueError at crmkit_alpha/plugin.py:2: why"),
        ("import sys\nsys.exit()", "SystemExit at crmkit_alpha/plugin.py:2: no reason given"),
        ("import json\njson.loads('')", "JSONDecodeError at crmkit_alpha/plugin.py:2"),
        ("def f(:", "SyntaxError at crmkit_alpha/plugin.py:1"),
        ("from crmkit_alpha import absent", "ImportError at crmkit_alpha/plugin.py:1: cannot import name 'absent'"),
    ],
)
def test_hook_module_that_raises_is_blamed_with_its_line(site: Site, source: str, complaint: str) -> None:
    """The last line within the plugin's own code is told, even when a library raised."""
    site.package("crmkit_alpha", {"__init__.py": "", "plugin.py": source})
    with pytest.raises(PluginImportError) as caught:
        load_module(handed("alpha", "crmkit_alpha.plugin"))
    assert complaint in str(caught.value)
    assert caught.value.plugin == "alpha"
    assert caught.value.__cause__ is not None


def test_interrupt_of_an_import_is_not_caught(site: Site) -> None:
    """Ctrl-C during a slow import is obeyed."""
    site.package("crmkit_alpha", {"__init__.py": "", "plugin.py": "raise KeyboardInterrupt"})
    with pytest.raises(KeyboardInterrupt):
        load_module(handed("alpha", "crmkit_alpha.plugin"))
