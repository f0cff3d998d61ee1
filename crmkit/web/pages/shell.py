"""The frame around every page: what is in the menu for whoever looks at it.

Rooms say their entries; an entry whose right somebody lacks is left out. Must not know what the pages show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from crmkit.i18n import Text, texts
from crmkit.web.http.problems import log_failure

if TYPE_CHECKING:
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

GROUPS: dict[str, Text] = {
    "work": _("Overview"),
    "customers": _("Customers"),
    "plugins": _("Modules"),
    "decide": _("Understand"),
    "admin": _("Administration"),
}
"""The groups of the menu, in their order, with their titles."""
UNFOLDED = 8
"""With more entries of plugins than this, each plugin's can be folded away."""


@frozen(kw_only=True)
class MenuEntry:
    """An entry of the menu. ``rights`` are those of which one suffices to see it; none is needed where it names none.
    ``words`` are others that the command palette finds it by; ``order`` counts within its group. What a plugin has
    is in the group "plugins", below the plugin's title (``section``)."""

    title: str
    path: str
    icon: str
    group: str = "work"
    rights: tuple[str, ...] = field(default=(), converter=tuple)
    order: int = 50
    section: str = ""
    words: str = ""
    badge: Callable[..., int] | None = None
    """Counts what waits there, given a reading session."""
    top: bool = False
    """Whether it stands in the bar at the top, and not in the menu."""


@frozen(kw_only=True)
class MenuGroup:
    """A group of the menu as it is shown; ``active`` is the path of the entry that the page belongs to. ``folds`` says
    that it can be folded away, ``opened`` that it is not."""

    name: str
    title: str
    entries: tuple[MenuEntry, ...]
    active: str | None
    folds: bool = False
    opened: bool = True


def entries(call: PageCall) -> list[MenuEntry]:
    """Return the entries that a caller may use."""
    return [
        entry
        for entry in call.pages.entries(call.crm)
        if not entry.rights or any(call.may(right) for right in entry.rights)
    ]


def top(call: PageCall) -> list[MenuEntry]:
    """Return the entries of the bar at the top, in their order."""
    if not call.signed_in:
        return []
    return sorted((entry for entry in entries(call) if entry.top), key=lambda entry: (entry.order, entry.path))


def waiting(call: PageCall) -> Mapping[str, int]:
    """Return how much waits behind entries, by their paths, counted in one session. What cannot be counted is logged
    and costs nothing else."""
    found: dict[str, int] = {}
    counting = [(entry.path, entry.badge) for entry in entries(call) if entry.badge is not None]
    if counting:
        with call.session() as session:
            for path, badge in counting:
                try:
                    found[path] = int(badge(session))
                except Exception as error:
                    log_failure(error, call.request_id)
                    # A statement that has failed must not take those that follow with it.
                    session.rollback()
    return found


def menu(call: PageCall) -> list[MenuGroup]:
    """Return the menu of a page, by groups; without what nobody who looks may use, nor empty groups."""
    if not call.signed_in:
        return []
    usable = entries(call)
    path = call.request.scope["path"].removeprefix(call.prefix) or "/"
    fitting = [
        entry.path
        for entry in usable
        if path == entry.path or (entry.path != "/" and path.startswith(f"{entry.path}/"))
    ]
    active = max(fitting, key=len, default=None)
    found: list[MenuGroup] = []
    for name, title in GROUPS.items():
        inside = sorted(
            (entry for entry in usable if entry.group == name and not entry.top),
            key=lambda entry: (entry.order, entry.path),
        )
        if name == "plugins":
            found.extend(_sections(inside, active, path))
        elif inside:
            found.append(MenuGroup(name=name, title=title, entries=tuple(inside), active=active))
    return found


def _sections(inside: Sequence[MenuEntry], active: str | None, path: str) -> list[MenuGroup]:
    """Return a group for each plugin; with many entries in all, only the one that the page belongs to is open, itself
    or by the plugin whose it is."""
    sections: dict[str, list[MenuEntry]] = {}
    for entry in inside:
        sections.setdefault(entry.section or GROUPS["plugins"], []).append(entry)
    many = len(inside) > UNFOLDED
    return [
        MenuGroup(
            name="plugins",
            title=title,
            entries=tuple(within),
            active=active,
            folds=many,
            opened=not many or any(entry.path == active or _together(entry.path, path) for entry in within),
        )
        for title, within in sections.items()
    ]


def _together(entry: str, path: str) -> bool:
    """Say whether two paths are those of pages of one plugin."""
    mine, here = entry.split("/"), path.split("/")
    return mine[1] == here[1] == "modules" and mine[2:3] == here[2:3]
