"""The small markup of texts: bold, italic, links and lists; into parts that are laid out as HTML or as plain text.

What came from a value is never read as markup: it goes through as marks of the private use area, which no text that
was written can contain, and is put in its place afterwards. Must not know blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from attrs import frozen

from crmkit_messaging.composing.placeholders import Filled, Hole, Part

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SCHEMES = ("https", "http", "mailto", "tel")
_MARK = re.compile("\ue000(\\d+)\ue001")
_BAD = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ue000-\uf8ff\\\\]")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero", {"html": False, "maxNesting": 20})
    parser.enable(["emphasis", "link", "newline", "escape", "list"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign] - judged when the values are in it
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


@frozen(kw_only=True)
class Marked:
    """A text whose values are marks, and the values by their numbers."""

    text: str
    held: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Marked:
        """Return parts as one text with marks."""
        text: list[str] = []
        held: list[Part] = []
        for part in parts:
            if isinstance(part, str):
                text.append(part.replace("\ue000", "").replace("\ue001", ""))
            else:
                text.append(f"\ue000{len(held)}\ue001")
                held.append(part)
        return cls(text="".join(text), held=tuple(held))

    def shown(self, text: str, write: Callable[[str], str] = str, hole: Callable[[str], str] = str) -> str:
        """Return a piece of the text with its values in their places; ``write`` makes each piece fit."""
        found: list[str] = []
        last = 0
        for match in _MARK.finditer(text):
            found.append(write(text[last : match.start()]))
            part = self.held[int(match[1])]
            found.append(hole(f"[{part.name}]") if isinstance(part, Hole) else write(str(getattr(part, "text", part))))
            last = match.end()
        found.append(write(text[last:]))
        return "".join(found)

    def url(self, text: str) -> str | None:
        """Return an address with its values in it, None for one that must not be followed: of another scheme, without
        a host, with characters that have no place in an address, or with a hole.

        A value behind the beginning is quoted, so that it cannot become another part of the address.
        """
        found: list[str] = []
        last = 0
        for match in _MARK.finditer(text):
            found.append(text[last : match.start()])
            part = self.held[int(match[1])]
            if not isinstance(part, Filled):
                return None
            found.append(part.text.strip() if not "".join(found).strip() else quote(part.text, safe=""))
            last = match.end()
        found.append(text[last:])
        return safe_url("".join(found))


def safe_url(text: str) -> str | None:
    """Return an address that a message may lead to, None for any other."""
    url = text.strip()
    if not url or len(url) > 2000 or _BAD.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in SCHEMES:
        return None
    if parts.scheme.lower() in ("http", "https") and (not host or parts.username is not None):
        return None
    return url


# --- as HTML ----------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Look:
    """How the parts of a text look: attributes (with a space before them) of paragraphs, links, lists and entries."""

    paragraph: str = ""
    link: str = ""
    list: str = ""
    entry: str = ""


def as_html(parts: Sequence[Part], look: Look) -> str:
    """Return a text with markup as HTML; whatever it holds is escaped."""
    marked = Marked.of(parts)
    return "".join(_html(_parser().parse(marked.text), marked, look))


def inline_html(parts: Sequence[Part], look: Look) -> str:
    """Return a text of one line as HTML, without paragraphs around it."""
    marked = Marked.of(parts)
    return "".join(_html(_parser().parseInline(marked.text), marked, look))


def _html(tokens: Sequence[Token], marked: Marked, look: Look) -> Iterator[str]:
    tags = {
        "paragraph_open": f"<p{look.paragraph}>",
        "paragraph_close": "</p>",
        "bullet_list_open": f"<ul{look.list}>",
        "bullet_list_close": "</ul>",
        "ordered_list_open": f"<ol{look.list}>",
        "ordered_list_close": "</ol>",
        "list_item_open": f"<li{look.entry}>",
        "list_item_close": "</li>",
        "strong_open": "<strong>",
        "strong_close": "</strong>",
        "em_open": "<em>",
        "em_close": "</em>",
        "softbreak": "<br>\n",
        "hardbreak": "<br>\n",
    }
    opened: list[bool] = []
    for token in tokens:
        if token.type == "inline":
            yield from _html(token.children or [], marked, look)
        elif token.type == "link_open":
            url = marked.url(str(token.attrs.get("href", "")))
            opened.append(url is not None)
            if url is not None:
                yield f'<a href="{escape(url)}"{look.link}>'
        elif token.type == "link_close":
            if opened and opened.pop():
                yield "</a>"
        elif token.hidden:
            continue
        elif token.type in tags:
            yield tags[token.type]
        elif token.content:
            yield marked.shown(token.content, _escaped, _hole)


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _hole(name: str) -> str:
    return f'<mark style="background-color:#ffd6d6;color:#8a1c1c">{escape(name)}</mark>'


# --- as plain text ----------------------------------------------------------------------------------------------------


def as_text(parts: Sequence[Part]) -> str:
    """Return a text with markup as plain text: the addresses of links stand behind their texts."""
    marked = Marked.of(parts)
    return "".join(_text(_parser().parse(marked.text), marked)).strip()


def _text(tokens: Sequence[Token], marked: Marked) -> Iterator[str]:
    numbers: list[int | None] = []
    links: list[tuple[str | None, list[str]]] = []
    for token in tokens:
        said = ""
        match token.type:
            case "inline":
                said = "".join(_text(token.children or [], marked))
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
                said = "" if numbers else "\n"
            case "list_item_open":
                number = numbers[-1]
                said = "  " * (len(numbers) - 1) + ("- " if number is None else f"{number}. ")
                if number is not None:
                    numbers[-1] = number + 1
            case "paragraph_close":
                said = "\n" if numbers else "\n\n"
            case "softbreak" | "hardbreak":
                said = "\n"
            case "link_open":
                links.append((marked.url(str(token.attrs.get("href", ""))), []))
                continue
            case "link_close":
                url, label = links.pop()
                text = "".join(label)
                bare = url.removeprefix("mailto:").removeprefix("tel:") if url else None
                said = text if bare is None or bare == text or url == text else f"{text} ({bare})"
            case _:
                said = marked.shown(token.content) if token.content else ""
        if links:
            links[-1][1].append(said)
        else:
            yield said


def links_of(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Return the links of a text, each with what is read and where it leads: an empty text where it must not."""
    marked = Marked.of(parts)
    for token in _parser().parse(marked.text):
        url, label = "", list[str]()
        for child in token.children or []:
            if child.type == "link_open":
                url, label = marked.url(str(child.attrs.get("href", ""))) or "", []
            elif child.type == "link_close":
                yield "".join(label), url
            elif child.content:
                label.append(marked.shown(child.content))
