"""The command palette: pages, things to do, customers and records, found by words in either language or by pinyin.

What somebody may not see or do is not among them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen
from starlette.responses import Response

from crmkit.core.customers.names import folded
from crmkit.engines.search.searching import search
from crmkit.errors import CrmkitError
from crmkit.i18n import LANGUAGES, texts, translate
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.asking import reason_of
from crmkit.web.pages.forms.references import find
from crmkit.web.pages.records.links import operation_path, record_path
from crmkit.web.pages.records.views import may_read, view_path
from crmkit.web.pages.routing import PageRoute, get
from crmkit.web.pages.shell import entries

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")
_log = logging.getLogger("crmkit.web")

SOUNDS = Path(__file__).with_name("sounds.txt")
MOST = 6
LONGEST = 100


@frozen(kw_only=True)
class Find:
    """One thing in the palette."""

    title: str
    path: str
    icon: str
    beside: str = ""
    score: int = 0


@get("/palette", budget="search")
def palette(call: PageCall) -> Response:
    """Return what a text may mean."""
    asked = call.value("q")[:LONGEST].replace("\x00", " ")
    with call.session() as session:
        found = [
            (call.text(_("Customers and records")), _records(call, session, asked)),
            (call.text(_("Pages")), _best(_pages(call), asked)),
            (call.text(_("To do")), _best(_operations(call, session), asked)),
        ]
    groups = [(title, items) for title, items in found if items]
    if not asked:
        groups = groups[:2] if len(groups) > 1 else groups
    return call.part("records/palette.html", "found", groups=groups, asked=asked)


def _best(items: Iterable[tuple[Find, tuple[str, ...]]], asked: str) -> list[Find]:
    if not asked:
        return [item for item, _words in items][:MOST]
    scored = [(score_of(words, asked), place, item) for place, (item, words) in enumerate(items)]
    return [item for score, _place, item in sorted(scored, key=lambda each: (-each[0], each[1])) if score][:MOST]


def score_of(words: Sequence[str], asked: str) -> int:
    """Return how well a text fits what something is called, in any of its forms: 0 for not at all."""
    wanted = folded(asked)
    best = 0
    for word in words:
        text = folded(word)
        if text == wanted:
            best = max(best, 100)
        elif text.startswith(wanted):
            best = max(best, 80)
        elif any(part.startswith(wanted) for part in text.split()):
            best = max(best, 60)
        elif all(any(part.startswith(each) for part in text.split()) for each in wanted.split()):
            best = max(best, 50)
        elif wanted in text and (len(wanted) > 2 or not wanted.isascii()):
            best = max(best, 40)
    if best == 0 and wanted.isascii() and wanted.replace(" ", "").isalpha():
        tight = wanted.replace(" ", "")
        for word in words:
            for form in pinyin_of(word):
                if form.startswith(tight):
                    return 30
    return best


@lru_cache(maxsize=2048)
def pinyin_of(text: str) -> tuple[str, ...]:
    """Return how a Chinese text is typed by its sounds: whole, and by first letters; nothing for other texts."""
    if text.isascii():
        return ()
    sounds = [sound for each in text if (sound := _sounds().get(each)) is not None]
    return ("".join(sounds), "".join(sound[0] for sound in sounds)) if sounds else ()


@lru_cache(maxsize=1)
def _sounds() -> Mapping[str, str]:
    """Return the usual sound of each character. A table of the common ones: a library that knows how sounds change
    with the words around them takes fifty megabytes, for what titles of menus need."""
    found: dict[str, str] = {}
    for line in SOUNDS.read_text("utf-8").splitlines():
        sound, _space, characters = line.partition(" ")
        if sound != "#":
            found.update(dict.fromkeys(characters, sound))
    return found


def _words(title: str, *others: str) -> tuple[str, ...]:
    """Return what something is called in every language."""
    return tuple(dict.fromkeys(filter(None, (*(translate(title, language) for language in LANGUAGES), *others))))


def _pages(call: PageCall) -> Iterable[tuple[Find, tuple[str, ...]]]:
    registry = call.crm.registry
    for entry in entries(call):
        yield Find(title=call.text(entry.title), path=entry.path, icon=entry.icon), _words(entry.title, entry.words)
    for sort in ("board", "calendar"):
        table: dict[str, Any] = registry.tables[sort]
        for view in table.values():
            declared = registry.resources[view.resource]
            if may_read(call, declared):
                find = Find(
                    title=call.text(view.title), path=view_path(view), icon=view.icon, beside=call.text(declared.plural)
                )
                yield find, _words(view.title)


def _operations(call: PageCall, session: CrmSession) -> Iterable[tuple[Find, tuple[str, ...]]]:
    known = [each for each in call.crm.registry.operations.values() if each.target is None and not each.hidden]
    for operation in sorted(known, key=lambda each: each.effect != "create"):
        if reason_of(session, operation, None, call.language) is None:
            path = "/customers/new" if operation.name == "customer.create" else operation_path(operation.name)
            find = Find(
                title=call.text(operation.title), path=path, icon="plus" if operation.effect == "create" else "bolt"
            )
            yield find, _words(operation.title, operation.name)


def _records(call: PageCall, session: CrmSession, asked: str) -> list[Find]:
    """Return customers by their names as far as they are typed, and whatever the index of the search knows."""
    if not asked.strip():
        return []
    refs = {f"customer:{each.value}": each.title for each in find(session, "customer", asked, limit=MOST)}
    try:
        for hit in search(session, asked, limit=MOST).hits:
            refs.setdefault(hit.ref, hit.title)
    except CrmkitError:
        _log.info("the search of the palette failed", exc_info=True)
    registry = call.crm.registry
    found: list[Find] = []
    for ref, title in refs.items():
        resource, _colon, identity = ref.rpartition(":")
        path = record_path(registry, resource, identity)
        if path is not None:
            declared = registry.resources[resource]
            icon = "user" if resource == "customer" else declared.icon
            name, _dot, beside = title.partition(" · ")
            found.append(Find(title=name or identity, path=path, icon=icon, beside=beside or call.text(declared.title)))
    return found[: MOST + 2]


ROUTES: list[PageRoute] = [palette]
