"""What is deprecated warns whoever uses it, by name, and is refused from the next major version on."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

import crmkit
from crmkit import deprecated
from crmkit.deprecated import CrmkitRemovedIn2Warning, Deprecation, Kind
from crmkit.errors import PluginError
from crmkit.loading import scratch
from crmkit.manifest import PluginManifest

HELP = "docs/deprecation.md"
PLUGIN = """
from crmkit import hookimpl
from crmkit.hooks.contributions import Resource, SearchHit

@hookimpl
def crmkit_search(session, text):
    return []

@hookimpl
def crmkit_guards():
    return ["customer"]
"""


def deprecate(monkeypatch: pytest.MonkeyPatch, kind: Kind, what: str, **more: Any) -> None:
    """Deprecate one thing for this test."""
    one = Deprecation(kind=kind, what=what, since="1.4", replacement="Use the new one.", help=HELP, **more)
    monkeypatch.setattr(deprecated, "DEPRECATIONS", (one,))


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginManifest]:
    """The manifest of a plugin that uses what the tests deprecate."""
    package = tmp_path / "crmkit_olden"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    yield PluginManifest(name="olden", title="Olden", module="crmkit_olden.plugin", homepage="https://example.com")
    for name in ("crmkit_olden", "crmkit_olden.plugin"):
        sys.modules.pop(name, None)


def load(manifest: PluginManifest) -> dict[str, PluginError]:
    """Load the plugin and return what was broken in it."""
    return scratch((), (manifest,))[2]


def test_nothing_is_deprecated_without_being_in_the_docs() -> None:
    """Each entry has its place in the page that it names."""
    page = (Path(crmkit.__file__).parents[1] / HELP).read_text("utf-8")
    assert [each.what for each in deprecated.DEPRECATIONS if f"`{each.what}`" not in page] == []


def test_a_name_still_works_and_says_what_replaces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning names who asked, the name, its replacement and where that is explained."""
    deprecate(monkeypatch, "name", "OldMoney", target="crmkit.core.business.money:Money")
    with pytest.warns(CrmkitRemovedIn2Warning) as caught:
        assert crmkit.OldMoney is crmkit.Money  # type: ignore[attr-defined]
    assert str(caught[0].message) == (
        "tests uses the name crmkit.OldMoney, which is deprecated since crmkit 1.4 and goes with 2.0. "
        "Use the new one. See docs/deprecation.md."
    )
    assert caught[0].filename == __file__


def test_an_import_of_a_name_warns_who_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the machinery of importing."""
    deprecate(monkeypatch, "name", "OldMoney", target="crmkit.core.business.money:Money")
    with pytest.warns(CrmkitRemovedIn2Warning, match=r"^tests uses"):
        from crmkit import OldMoney  # type: ignore[attr-defined]  # noqa: F401


def test_a_name_that_never_was_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="module 'crmkit' has no attribute 'Monye'"):
        crmkit.Monye  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "what", "told"),
    [
        ("hook", "crmkit_search", "the hook crmkit_search"),
        ("argument", "crmkit_search.text", "the argument crmkit_search.text"),
        ("manifest", "homepage", '"homepage" of the manifest'),
    ],
)
def test_a_plugin_is_told_by_its_name(
    kind: Kind, what: str, told: str, manifest: PluginManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is warned while it is loaded, and works all the same."""
    deprecate(monkeypatch, kind, what)
    with pytest.warns(CrmkitRemovedIn2Warning) as caught:
        assert load(manifest) == {}
    assert [str(each.message).partition(", which")[0] for each in caught] == [f'Plugin "olden" uses {told}']


@pytest.mark.parametrize(
    ("kind", "what"),
    [("hook", "crmkit_timeline"), ("argument", "crmkit_search.limit"), ("manifest", "license"), ("field", "Job.lease")],
)
def test_a_plugin_that_does_not_use_it_is_not_told(
    kind: Kind, what: str, manifest: PluginManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field at its default counts as not used."""
    deprecate(monkeypatch, kind, what)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(manifest) == {}


@frozen(kw_only=True)
class Sample:
    """A contribution with a field that goes."""

    name: str
    old: tuple[str, ...] = field(factory=tuple)


def test_a_field_of_a_contribution_warns_when_it_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not otherwise."""
    deprecate(monkeypatch, "field", "Sample.old")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deprecated.check_values("olden", [Sample(name="a")])
    with pytest.warns(CrmkitRemovedIn2Warning, match='Plugin "olden" uses the field Sample.old'):
        deprecated.check_values("olden", [Sample(name="a"), Sample(name="b", old=("x",))])


def test_one_major_version_later_it_is_an_error(manifest: PluginManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin is set aside with the same words as its reason; a name is refused where it is asked for."""
    monkeypatch.setattr(crmkit, "__version__", "2.0.0")
    deprecate(monkeypatch, "hook", "crmkit_search")
    broken = load(manifest)
    assert "uses the hook crmkit_search" in broken["olden"].render("en")
    deprecate(monkeypatch, "name", "OldMoney", target="crmkit.core.business.money:Money")
    with pytest.raises(CrmkitRemovedIn2Warning):
        crmkit.OldMoney  # type: ignore[attr-defined]


def test_who_needs_more_time_says_so(manifest: PluginManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter for the category itself keeps it a warning, or silent, for that version."""
    monkeypatch.setattr(crmkit, "__version__", "2.0.0")
    deprecate(monkeypatch, "hook", "crmkit_search")
    with warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", category=CrmkitRemovedIn2Warning)
        assert load(manifest) == {}
    assert [each.category for each in caught] == [CrmkitRemovedIn2Warning]
