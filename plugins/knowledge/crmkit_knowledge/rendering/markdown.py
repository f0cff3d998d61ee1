"""A text in Markdown as HTML that is safe to be shown, whoever has written it. Must not know the database.

CommonMark with tables and struck-out words; HTML in it is allowed as far as it does nothing. The last thing that
happens to the text is that everything which is not on the list of what is allowed is taken out of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from attrs import field, frozen
from markupsafe import Markup, escape

from crmkit_knowledge.rendering.audiences import CALLOUTS, COLLEAGUES, pieces

Resolve = Callable[[str], str | None]
"""Returns where an address within the base leads, such as ``article:1001``, ``file:a.png`` or a slug; None: nowhere."""
OUTSIDE = ("http", "https", "mailto", "tel")
INSIDE = ("article", "file")
REL = "noopener nofollow"
PREFIX = "h-"
"""What ids of headings begin with, so that they are never those of the page."""
_START, _END, _STOP = "\ue0f0", "\ue0f1", "\ue0f2"
_MARKS = re.compile(f"[{_START}{_END}{_STOP}]")
_SIGN = re.compile(rf"{_START}([a-z]*){_STOP}|{_END}")
_SIGN_LINE = re.compile(rf"\n{{0,2}}[^\S\n]*(?:{_START}[a-z]*{_STOP}|{_END})\n{{0,2}}")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_NOISE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_INDENT = re.compile(r"[ \t]*")
_ANCHOR = re.compile(r"<a(?=[\s/])", re.IGNORECASE)

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title"},
    "abbr": {"title"},
    "details": {"open"},
    "ol": {"start"},
    "th": {"colspan", "rowspan", "scope", "class"},
    "td": {"colspan", "rowspan", "class"},
    "code": {"class"},
    "div": {"class"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_CLASSES = frozenset(
    {*(f"audience-{each}" for each in COLLEAGUES), *(f"callout-{each}" for each in CALLOUTS)}
    | {"text-start", "text-center", "text-end"}
)
_ALIGN = {"text-align:left": "text-start", "text-align:center": "text-center", "text-align:right": "text-end"}


@frozen(kw_only=True)
class Heading:
    """A heading: how deep it stands, from 2, the id by which a link leads to it, and its words."""

    level: int
    id: str
    text: str


@frozen(kw_only=True)
class Rendered:
    """A text as it is shown, its headings, and the addresses of its links and pictures as they were written."""

    html: Markup
    headings: tuple[Heading, ...] = field(default=(), converter=tuple)
    links: tuple[str, ...] = field(default=(), converter=tuple)


def render(markdown: str, *, resolve: Resolve | None = None, reader: frozenset[str] = COLLEAGUES) -> Rendered:
    """Return a text as some readers see it: ``reader`` names the audiences that they belong to. ``resolve`` says where
    addresses within the base lead; what leads nowhere is shown without a link, and a picture by its words.

    Headings begin at the second level, as the first is the title's. Pictures from elsewhere are links: they would tell
    others who reads.
    """
    dirty, headings = _made(markdown, reader)
    links: list[str] = []
    html = _cleaned(dirty, resolve or _nowhere, links)
    return Rendered(html=Markup(html), headings=headings, links=links)  # noqa: S704 - it was cleaned last


def links_of(markdown: str) -> tuple[str, ...]:
    """Return the addresses of the links and pictures of a text as they were written, each once, in their order."""
    return tuple(dict.fromkeys(render(markdown).links))


def address_in(link: str) -> tuple[str, str]:
    """Return what kind of address a link has and what it names: "outside", "anchor", "article" with a number or slug,
    "file", or "none" for what leads nowhere whoever reads it."""
    plain = _NOISE.sub("", link)
    scheme = _SCHEME.match(plain)
    if scheme is not None:
        name = scheme[1].lower()
        rest = plain[scheme.end() :]
        if name in OUTSIDE:
            return "outside", plain
        return (name, unquote(rest)) if name in INSIDE and rest else ("none", plain)
    if plain.startswith("#"):
        return "anchor", unquote(plain[1:])
    if not plain or plain.startswith(("//", "\\", "/\\")):
        return "none", plain
    return "article", unquote(plain)


@lru_cache(maxsize=128)
def _made(markdown: str, reader: frozenset[str]) -> tuple[str, tuple[Heading, ...]]:
    """Return what a text is before it is cleaned, and its headings: the same text is shown many times."""
    md = parser()
    env: dict[str, Any] = {}
    tokens = md.parse(_marked(markdown, reader), env)
    headings = _prepare(tokens)
    return md.renderer.render(tokens, md.options, env), tuple(headings)


def _nowhere(address: str) -> str | None:
    return None


@lru_cache(maxsize=1)
def parser() -> Any:
    """Return what reads Markdown here; addresses are judged when the text is cleaned, and stay as they were written."""
    from markdown_it import MarkdownIt

    md = MarkdownIt("commonmark", {"html": True, "linkify": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return md


def _marked(markdown: str, reader: frozenset[str]) -> str:
    """Return what readers see of a text, with signs where blocks begin and end."""
    plain = _MARKS.sub("", markdown)
    if ":::" not in plain and "：" not in plain:
        return plain
    lines: list[str] = []
    for each in pieces(plain):
        if each.audience not in reader:
            continue
        if each.what == "line":
            lines.append(each.line)
        elif each.name == "public":
            lines.append("\n")
        else:
            sign = f"{_START}{each.name}{_STOP}" if each.what == "open" else _END
            # It stands as far in as the mark: a block in a list stays in its list.
            lines.append(f"\n\n{_INDENT.match(each.line)[0]}{sign}\n\n")  # type: ignore[index]
    return "".join(lines)


def _prepare(tokens: list[Any]) -> list[Heading]:
    """Give headings their level and id, blocks their frame and links what they need; return the headings."""
    levels = [int(each.tag[1]) for each in tokens if each.type == "heading_open"]
    shift = 2 - min(levels) if levels else 0
    headings: list[Heading] = []
    taken: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"
            if token.type == "heading_open":
                text = _words(tokens[place + 1])
                id_ = _id(text, taken)
                token.attrs = {"id": id_}
                headings.append(Heading(level=int(token.tag[1]), id=f"{PREFIX}{id_}", text=text))
        elif token.type == "inline":
            if _MARKS.search(token.content):
                _frame(tokens, place)
            for child in token.children or ():
                _prepare_inline(child)
        elif token.type in ("fence", "code_block"):
            token.content = _SIGN_LINE.sub("\n", token.content)
        elif token.type == "html_block":
            token.content = _raw(_SIGN_LINE.sub("\n", token.content))
        elif token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrs = {"class": _ALIGN.get(str(token.attrs["style"]), "")}
    return headings


def _frame(tokens: list[Any], place: int) -> None:
    """Have a paragraph that is a sign be the beginning or the end of a block."""
    token = tokens[place]
    sign = _SIGN.fullmatch(token.content.strip())
    token.content = ""
    before, after = tokens[place - 1], tokens[place + 1]
    if sign is None or before.type != "paragraph_open":
        for child in token.children or ():
            child.content = _SIGN.sub("", child.content)
        return
    token.children = []
    for each in (before, after):
        each.hidden = True
    token.type = "html_block"
    name = sign[1]
    if name is None:
        token.content = "</div>"
    else:
        kind = "callout" if name in CALLOUTS else "audience"
        token.content = f'<div class="{kind}-{name}">'


def _prepare_inline(token: Any) -> None:
    if token.type == "link_open" and address_in(str(token.attrs.get("href", "")))[0] == "outside":
        token.attrs["rel"] = REL
    elif token.type == "html_inline":
        token.content = _raw(token.content)
    elif token.type == "image" and (src := str(token.attrs.get("src", ""))):
        kind, plain = address_in(src)
        if kind != "file":
            words = escape(token.content or plain)
            shown = f'<a href="{escape(src)}" rel="{REL}">{words}</a>' if kind == "outside" else str(words)
            token.type, token.content = "html_inline", shown


def _raw(html: str) -> str:
    # Of two attributes of one name the first holds.
    return _ANCHOR.sub(f'<a rel="{REL}"', html)


def _words(inline: Any) -> str:
    kept = ("text", "code_inline", "image")
    parts = [each.content if each.type in kept else " " if "break" in each.type else "" for each in inline.children]
    text = "".join(parts)
    return " ".join(_SIGN.sub("", text).split())


def _id(text: str, taken: dict[str, int]) -> str:
    base = "-".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))[:80] or "part"
    taken[base] = taken.get(base, 0) + 1
    return base if taken[base] == 1 else _id(f"{base}-{taken[base]}", taken)


def _cleaned(html: str, resolve: Resolve, links: list[str]) -> str:
    import nh3

    def allowed(tag: str, name: str, value: str) -> str | None:
        if name == "href":
            links.append(value)
            return _lead(value, resolve)
        if name == "src":
            links.append(value)
            kind, _rest = address_in(value)
            return _lead(value, resolve) if kind == "file" else None
        if name == "class":
            if tag == "code":
                return value if re.fullmatch(r"language-[A-Za-z0-9_+#.-]{1,40}", value) else None
            return value if value in _CLASSES else None
        if name == "rel":
            return value if value == REL else None
        if name in ("colspan", "rowspan", "start"):
            return value if re.fullmatch(r"[0-9]{1,4}", value) else None
        return value

    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "embed", "template", "noscript", "svg", "math"},
        attributes=ATTRIBUTES,
        attribute_filter=allowed,
        url_schemes={*OUTSIDE, *INSIDE},
        link_rel=None,
        id_prefix=PREFIX,
    )


def _lead(address: str, resolve: Resolve) -> str | None:
    """Return where an address leads, as it can stand in a page; None where it leads nowhere."""
    kind, rest = address_in(address)
    if kind == "outside":
        from markdown_it.common.normalize_url import normalizeLink

        return str(normalizeLink(rest))
    if kind == "anchor":
        return f"#{PREFIX}{rest}" if rest else None
    if kind == "none":
        return None
    found = resolve(address.strip())
    if found is None or _NOISE.search(found) or found.startswith(("//", "\\", "/\\")):
        return None
    scheme = _SCHEME.match(found)
    return found if scheme is None or scheme[1].lower() in ("http", "https") else None
