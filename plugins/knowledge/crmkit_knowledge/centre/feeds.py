"""What machines read of the help centre: the feed of what is new, and the map of all addresses. Must not know sessions.

The feed is Atom (RFC 4287), the map is that of sitemaps.org, which holds up to 50,000 addresses in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree

from crmkit_knowledge.articles.models import PublicText

ATOM = "http://www.w3.org/2005/Atom"
MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
PART = 50_000

At = Callable[[str], str]


def feed(texts: Iterable[PublicText], *, title: str, at: At) -> bytes:
    """Return the feed of some texts, the newest first."""
    found = list(texts)
    root = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(root, "title", title)
    _add(root, "id", at(""))
    ElementTree.SubElement(root, "link", {"rel": "self", "href": at("feed.xml")})
    ElementTree.SubElement(root, "link", {"href": at("")})
    newest = max((each.released_at for each in found), default=datetime(2000, 1, 1, tzinfo=UTC))
    _add(root, "updated", _instant(newest))
    for each in found:
        entry = ElementTree.SubElement(
            root, "entry", {"{http://www.w3.org/XML/1998/namespace}lang": _tag(each.language)}
        )
        _add(entry, "title", each.title)
        _add(entry, "id", f"urn:uuid:{each.article_id}")
        ElementTree.SubElement(entry, "link", {"href": at(f"a/{each.slug}")})
        _add(entry, "updated", _instant(each.released_at))
        _add(ElementTree.SubElement(entry, "author"), "name", title)
        _add(entry, "summary", each.summary or each.title)
    return _written(root)


def sitemap(pages: Iterable[tuple[str, datetime | None]], *, at: At) -> bytes:
    """Return the map of some paths, each with when it was changed."""
    root = ElementTree.Element("urlset", {"xmlns": MAP})
    for path, changed in pages:
        url = ElementTree.SubElement(root, "url")
        _add(url, "loc", at(path))
        if changed is not None:
            _add(url, "lastmod", _instant(changed))
    return _written(root)


def sitemap_index(parts: int, *, at: At) -> bytes:
    """Return the list of the parts of a map."""
    root = ElementTree.Element("sitemapindex", {"xmlns": MAP})
    for number in range(1, parts + 1):
        _add(ElementTree.SubElement(root, "sitemap"), "loc", at(f"sitemap-{number}.xml"))
    return _written(root)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    # What XML 1.0 has no place for: a file with one of these is read by nobody.
    return "".join(char for char in text if char in "\t\n\r" or (ord(char) >= 32 and ord(char) not in (0xFFFE, 0xFFFF)))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tag(language: str) -> str:
    return language.replace("_", "-")


def _written(root: ElementTree.Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")
