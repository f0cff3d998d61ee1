"""HTML of mails: cleaned so that it can be shown, and as plain text.

Nothing that is loaded from elsewhere survives: no pictures, no styles, no frames, no forms. Must not know mails.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from crmkit_messaging.receiving.charsets import plain_text

LONGEST = 400_000
"""Characters of HTML that are cleaned; of more the beginning is taken."""
MOST_TAGS = 20_000
"""With more tags HTML is read as text alone: documents like that are made to keep machines busy."""
TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div",
    "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
))  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
SCHEMES = frozenset(("http", "https", "mailto", "tel"))
_BLOCKS = frozenset(("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "dt",
                     "dd", "hr", "pre", "blockquote", "center", "caption"))  # fmt: skip
_HEAVY = re.compile(r"<(script|style|head|title)\b[^>]{0,2000}>.*?</\1\s{0,10}>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_LINES = re.compile(r"[ \t\u00a0]*\n(?:[ \t\u00a0]*\n)+")
_SPACES = re.compile(r"[ \t\u00a0\r\n]+")


def clean_html(html: str) -> str:
    """Return HTML that can be shown among ours, or an empty text for what had better not be taken apart."""
    import nh3

    source = plain_text(html[:LONGEST])
    if source.count("<") > MOST_TAGS:
        return ""
    return nh3.clean(
        source,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "title", "noscript", "template"},
        attributes={name: set(allowed) for name, allowed in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow ugc",
        strip_comments=True,
    ).strip()


def text_of_html(cleaned: str, source: str = "") -> str:
    """Return the text of HTML that was cleaned; of what was not, the text that stands in ``source`` without tags."""
    if not cleaned and source:
        return _tidy(_TAG.sub(" ", _HEAVY.sub(" ", plain_text(source[:LONGEST]))))
    reader = _Text()
    reader.feed(cleaned)
    reader.close()
    return _tidy("".join(reader.parts))


def _tidy(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _LINES.sub("\n\n", lines).strip()


class _Text(HTMLParser):
    """Collects text; blocks begin lines, and what is quoted gets ``>`` in front."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._depth = 0
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._depth = min(self._depth + 1, 9)
        if tag == "pre":
            self._pre += 1
        if tag in _BLOCKS:
            self._break()
        elif tag in ("td", "th"):
            self.parts.append(" ")
        if tag == "li":
            self.parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._depth = max(self._depth - 1, 0)
        if tag == "pre":
            self._pre = max(self._pre - 1, 0)
        if tag in _BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        self.parts.append(data if self._pre else _SPACES.sub(" ", data))

    def _break(self) -> None:
        self.parts.append("\n" + (">" * self._depth + " " if self._depth else ""))
