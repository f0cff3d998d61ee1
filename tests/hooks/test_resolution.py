"""The order of plugins, and which of them can run, follow from the manifests alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmkit.errors import ManifestError, PluginApiError, PluginDependencyError, UnknownPlugin
from crmkit.hooks.discovery import Found, closure, resolve
from crmkit.manifest import PluginManifest


def found(name: str, **values: Any) -> Found:
    """Return an installed plugin whose manifest has these values; ``requires`` may be given as names alone."""
    requires = values.pop("requires", {})
    requires = requires if isinstance(requires, dict) else dict.fromkeys(requires, "")
    manifest = PluginManifest(
        name=name, title=name, module=f"crmkit_{name}.plugin", requires=requires, **{"version": "1.0", **values}
    )
    return Found(name=name, manifest=manifest, distribution=f"dist-{name}", version=manifest.version)


def refusal(name: str, *installed: Found, wanted: set[str] | None = None) -> str:
    """Return why a plugin cannot run; everything that is installed is wanted unless said otherwise."""
    return str(resolve(wanted or {each.name for each in installed}, installed).refused[name])


def test_requirements_come_first_and_others_by_name() -> None:
    """The order is the same whatever the order of the input."""
    plugins = [found("a", requires=["z"]), found("b"), found("m", requires=["a"]), found("z")]
    for given_order in (plugins, plugins[::-1]):
        assert resolve(["m", "z", "b", "a"], given_order).names == ("b", "z", "a", "m")


def test_after_orders_without_requiring() -> None:
    """A plugin that wants to come after another does so if that one is there, and runs anyway if not."""
    plugins = [found("a", after=["b", "absent"]), found("b")]
    assert resolve(["a", "b"], plugins).names == ("b", "a")
    assert resolve(["a"], plugins).names == ("a",)


def test_circle_of_after_stops_nobody() -> None:
    """A wish that cannot be met is dropped."""
    assert resolve(["a", "b"], [found("a", after=["b"]), found("b", after=["a"])]).names == ("a", "b")


def test_circle_of_requirements_is_named() -> None:
    """Everybody in the circle is refused with the way round; who requires them too; others run."""
    plugins = (
        found("a", requires=["b"]),
        found("b", requires=["c"]),
        found("c", requires=["a"]),
        found("d", requires=["a"]),
        found("e"),
    )
    resolution = resolve("abcde", plugins)
    assert resolution.names == ("e",)
    assert list(resolution.refused) == ["a", "b", "c", "d"]
    assert "in a circle: a → b → c → a." in str(resolution.refused["a"])
    assert "in a circle: b → c → a → b." in str(resolution.refused["b"])
    assert 'It requires "a", which cannot run' in str(resolution.refused["d"])


def test_missing_requirement_takes_dependents_along_and_nobody_else() -> None:
    """The reason is passed on to the last of those that it concerns."""
    plugins = (found("a", requires=["gone"]), found("b", requires=["a"]), found("c", requires=["b"]), found("d"))
    resolution = resolve("abcd", plugins)
    assert resolution.names == ("d",)
    assert 'It requires "gone", which is not installed.' in str(resolution.refused["a"])
    assert "which is not installed" in str(resolution.refused["c"])


def test_requirement_that_is_not_enabled_says_how_to_enable_it() -> None:
    """An installed plugin that is not wanted is told apart from one that is not installed."""
    text = refusal("a", found("a", requires=["b"]), found("b"), wanted={"a"})
    assert 'It requires "b", which is not enabled. Run: crmkit plugin enable b' in text


@pytest.mark.parametrize(
    ("wanted", "version", "runs"),
    [
        (">=1.2,<2", "1.2", True),
        (">=1.2,<2", "2.0", False),
        (">=1.2", "1.3.dev1", True),
        ("", "anything", True),
        (">=1", "anything", False),
        ("one", "1", False),
    ],
)
def test_version_of_a_requirement_is_checked(wanted: str, version: str, runs: bool) -> None:
    """The version must be in the specifier; one that cannot be read is in none."""
    plugins = (found("a", requires={"b": wanted}), found("b", version=version))
    assert runs == ("a" in resolve("ab", plugins).names)


def test_wrong_version_says_both() -> None:
    """The message has what is needed and what is there."""
    text = refusal("a", found("a", requires={"b": ">=3"}), found("b", version="2.5"))
    assert text == 'CK104 Plugin "a": It requires "b" >=3, and version 2.5 is installed.'


def test_conflict_refuses_the_one_that_declares_it() -> None:
    """The other one goes on; dependents of the refused one do not."""
    plugins = (found("a", conflicts=["b"]), found("b"), found("c", requires=["a"]))
    resolution = resolve("abc", plugins)
    assert resolution.names == ("b",)
    assert 'It cannot run together with "b".' in str(resolution.refused["a"])


def test_mutual_conflict_leaves_one() -> None:
    """Of two that exclude each other one runs, always the same."""
    assert resolve("ab", (found("a", conflicts=["b"]), found("b", conflicts=["a"]))).names == ("b",)


def test_conflict_with_one_that_cannot_run_is_none() -> None:
    """A broken plugin excludes nobody."""
    assert resolve("ab", (found("a", conflicts=["b"]), found("b", api="99.0"))).names == ("a",)


def test_other_hook_api_is_refused() -> None:
    """What is needed and what is offered are told."""
    resolution = resolve("a", (found("a", api="2.0"),))
    assert isinstance(resolution.refused["a"], PluginApiError)
    assert "It needs hook API 2.0, and this kernel offers 1.0." in str(resolution.refused["a"])


def test_missing_library_names_the_extra() -> None:
    """A plugin whose extra is not installed is available, and says what to install."""
    text = refusal("a", found("a", needs=["no_such_library.part", "json"], extra="heavy"))
    assert text == (
        'CK104 Plugin "a": It is available, but needs dist-a[heavy] (no_such_library.part is missing). '
        'Run: pip install "dist-a[heavy]"'
    )
    assert "needs no_such_library." in refusal("b", found("b", needs=["no_such_library"]))


def test_library_that_is_there_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for a library, or for a module in it, costs nothing of its import."""
    (tmp_path / "needed_library").mkdir()
    (tmp_path / "needed_library" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert resolve("a", (found("a", needs=["needed_library", "needed_library.part"]),)).names == ("a",)


def test_unknown_and_unreadable_plugins_keep_their_own_errors() -> None:
    """A name that is not installed gets a suggestion; a manifest's error is passed on."""
    broken = ManifestError(plugin="broken")
    resolution = resolve(["loyalti", "broken"], (found("loyalty"), Found(name="broken", error=broken)))
    assert isinstance(resolution.refused["loyalti"], UnknownPlugin)
    assert 'Did you mean "loyalty"?' in str(resolution.refused["loyalti"])
    assert resolution.refused["broken"] is broken


def test_closure_lists_what_has_to_be_enabled_with_a_plugin() -> None:
    """All requirements come before, the plugin last; ``after`` adds nothing."""
    plugins = (found("a", requires=["c", "b"], after=["e"]), found("b", requires=["d"]), *map(found, "cde"))
    assert closure("a", plugins) == ("c", "d", "b", "a")
    assert closure("d", plugins) == ("d",)


def test_closure_that_cannot_be_met_raises() -> None:
    """A missing requirement, or an unknown plugin, is raised as the error of the plugin that was asked for."""
    with pytest.raises(PluginDependencyError, match='"gone", which is not installed'):
        closure("a", (found("a", requires=["b"]), found("b", requires=["gone"])))
    with pytest.raises(UnknownPlugin):
        closure("x", ())


GRAPHS = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.tuples(st.sets(st.sampled_from("abcdefghx")), st.sets(st.sampled_from("abcdefgh"))),
)


@given(GRAPHS)
def test_order_holds_for_any_graph(graph: dict[str, tuple[set[str], set[str]]]) -> None:
    """Every wanted plugin runs after its requirements or is refused, and whoever could run does."""
    plugins = [
        found(name, requires=sorted(requires - {name}), after=sorted(after - {name}))
        for name, (requires, after) in graph.items()
    ]
    resolution = resolve(graph, plugins)
    assert set(graph) == {*resolution.names, *resolution.refused}
    assert len(graph) == len(resolution.names) + len(resolution.refused)
    for number, manifest in enumerate(resolution.order):
        assert set(manifest.requires) <= set(resolution.names[:number])
    able: set[str] = set()
    while ready := {name for name in graph if name not in able and graph[name][0] - {name} <= able}:
        able |= ready
    assert able == set(resolution.names)
