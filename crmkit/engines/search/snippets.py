"""The part of a text that a search is about, with the places in it. Must not know records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from crmkit.engines.search.tokens import folded_with_places, places_of

LENGTH = 160
"""Characters of a snippet."""
_SCANNED = 20_000


@frozen
class Snippet:
    """Part of a text, and the places in it, from and up to a character, that the search is about."""

    text: str
    highlights: tuple[tuple[int, int], ...] = ()


@frozen
class Sought:
    """What is highlighted: tokens, and beginnings of tokens."""

    tokens: frozenset[str]
    beginnings: tuple[str, ...]
    known: Mapping[str, bool] = field(init=False, eq=False, repr=False)
    """Whether tokens are highlighted."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "known", _Known(self))

    def has(self, token: str) -> bool:
        """Say whether a token of a text is highlighted."""
        return token in self.tokens or token.startswith(self.beginnings)


class _Known(dict[str, bool]):
    """What is highlighted, found once for each token: texts have the same ones again and again."""

    def __init__(self, sought: Sought) -> None:
        super().__init__()
        self._sought = sought

    def __missing__(self, token: str) -> bool:
        found = self[token] = self._sought.has(token)
        return found


def snippet(text: str, sought: Sought) -> Snippet | None:
    """Return the part of a text with the most of what is sought, or None where it has nothing of it."""
    text = " ".join(text[:_SCANNED].split())
    spans = _spans(text, sought)
    if not spans:
        return None
    best = max(range(len(spans)), key=lambda place: (_within(spans, place), -place))
    start = max(0, min(spans[best][0] - LENGTH // 4, len(text) - LENGTH))
    if start and " " in text[start : spans[best][0]]:
        start = text.index(" ", start) + 1
    end = min(len(text), start + LENGTH)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    shown = [(first + shift, last + shift) for first, last in spans if first >= start and last <= end]
    return Snippet(f"{before}{text[start:end]}{after}", tuple(shown))


def _within(spans: Sequence[tuple[int, int]], place: int) -> int:
    limit = spans[place][0] + LENGTH * 3 // 4
    return len({span for span in spans[place : place + 50] if span[1] <= limit})


def _spans(text: str, sought: Sought) -> list[tuple[int, int]]:
    """Return the places of a text that are sought, neighbouring ones as one."""
    plain, places = folded_with_places(text)
    found: list[tuple[int, int]] = []
    for start, end in places_of(plain, sought.known):
        first, last = places[start], places[end - 1] + 1
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
