"""The menu of what plugins have: by plugin, and folded away where it is much."""

from __future__ import annotations

from crmkit.web.pages.shell import UNFOLDED, MenuEntry, _sections


def entries(plugin: str, number: int) -> list[MenuEntry]:
    """Return some entries of a plugin."""
    return [
        MenuEntry(title=f"{plugin} {each}", path=f"/{plugin}/{each}", icon="x", group="plugins", section=plugin)
        for each in range(number)
    ]


def test_a_few_entries_are_all_shown() -> None:
    """Below the name of their plugin."""
    found = _sections([*entries("a", 2), *entries("b", UNFOLDED - 2)], "/a/1", "/a/1")
    assert [(group.title, len(group.entries), group.folds, group.opened) for group in found] == [
        ("a", 2, False, True),
        ("b", UNFOLDED - 2, False, True),
    ]


def test_of_many_those_are_open_that_the_page_belongs_to() -> None:
    """The others are one click away."""
    found = _sections([*entries("a", 2), *entries("b", UNFOLDED)], "/a/1", "/a/1")
    assert [(group.title, group.folds, group.opened) for group in found] == [("a", True, True), ("b", True, False)]


def test_a_page_that_has_no_entry_opens_those_of_its_plugin() -> None:
    """So that one knows where one is."""
    inside = [
        MenuEntry(title=path, path=path, icon="x", group="plugins", section=path.split("/")[2])
        for path in ["/modules/a/list", *(f"/modules/b/{each}" for each in range(UNFOLDED))]
    ]
    assert [group.opened for group in _sections(inside, None, "/modules/a/record")] == [True, False]
    assert [group.opened for group in _sections(inside, "/", "/")] == [False, False]
