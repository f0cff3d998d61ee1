"""Articles in exports of other systems: JSON lines, JSON of help centres, and tables. Must not know folders.

Known by their shape are Zendesk (``articles`` with title, body, locale, label_names, draft), Freshdesk (``article`` or
a list, with description and status), and Intercom (``data`` with title, body, state, default_locale).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crmkit import texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.words import KINDS
from crmkit_knowledge.exchange.html import to_markdown
from crmkit_knowledge.exchange.words import Found, Incoming, Unreadable, language_of

_ = texts("crmkit_knowledge")

LARGEST = 500 << 20
"""Bytes of an export as one JSON document."""
TAKEN = ("title", "body", "summary", "category", "kind", "language", "tags", "audience", "state", "slug", "verify_on")
TABLE = {
    "id": ("id", "article id", "external_id", "编号"),
    "title": ("title", "name", "question", "subject", "标题"),
    "body": ("body", "text", "content", "answer", "description", "正文"),
    "summary": ("summary", "摘要"),
    "category": ("category", "section", "folder", "collection", "分类"),
    "kind": ("kind", "type", "类型"),
    "language": ("language", "locale", "lang", "语言"),
    "tags": ("tags", "labels", "标签"),
}
"""What the columns of a table may be called."""


def from_lines(path: Path) -> Iterator[Found]:
    """Yield the articles of a file of JSON lines, each with an id, a title and a body."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                found = None
            if not isinstance(found, dict) or not found.get("id"):
                yield _bad(str(number), _("A line is a JSON object with an id, a title and a body."))
                continue
            values = {name: found[name] for name in TAKEN if found.get(name) is not None}
            yield Incoming(place=str(number), values={**values, "external_id": str(found["id"])[:200]})


def from_json(path: Path) -> Iterator[Found]:
    """Yield the articles of an export as one JSON document. Raises InvalidInput for one that is none, or too large."""
    if path.stat().st_size > LARGEST:
        raise problem("file", _("A file has at most {limit} MB."), limit=LARGEST >> 20)
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise problem("file", _("This is not JSON.")) from None
    sections = _sections(document)
    rows = _rows(document)
    if rows is None:
        raise problem("file", _("There are no articles in this: a list of them is expected, or one under articles."))
    for number, row in enumerate(rows, 1):
        row = row["article"] if isinstance(row, dict) and isinstance(row.get("article"), dict) else row
        if not isinstance(row, dict) or not row.get("id"):
            yield _bad(str(number), _("An article is a JSON object with an id, a title and a body."))
            continue
        yield _article(str(number), row, sections)


def from_csv(path: Path) -> Iterator[Found]:
    """Yield the articles of a table with a heading. Raises InvalidInput for one without a title or a text."""
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.read(10_000).partition("\n")[0]
        file.seek(0)
        sign = max(",;\t", key=first.count)
        reader = csv.DictReader(file, delimiter=sign)
        heads = {str(each).strip().casefold(): str(each) for each in reader.fieldnames or ()}
        columns = {name: heads[head] for name, known in TABLE.items() for head in reversed(known) if head in heads}
        if "title" not in columns or "body" not in columns:
            raise problem("file", _("The table needs the columns title and body; id makes articles known again."))
        while True:
            try:
                row = next(reader, None)
            except csv.Error:
                yield _bad(str(reader.line_num), _("This row cannot be read."))
                continue
            if row is None:
                return
            place = str(reader.line_num)
            values = {name: (row.get(column) or "").strip() for name, column in columns.items()}
            if not values["title"] or not values["body"]:
                yield _bad(place, _("A row has a title and a text."))
                continue
            yield _row(place, values)


def _row(place: str, values: dict[str, str]) -> Incoming:
    section = values.pop("category", "")
    external = values.pop("id", "") or values["title"]
    tags = tuple(each.strip() for each in values.pop("tags", "").replace(";", ",").split(",") if each.strip())
    if values.get("kind") not in KINDS:
        values.pop("kind", None)
    body = values["body"]
    made: dict[str, Any] = {name: value for name, value in values.items() if value}
    made["body"] = to_markdown(body)[0] if _is_html(body) else body
    if tags:
        made["tags"] = tags[:20]
    return Incoming(
        place=place,
        values={**made, "external_id": external[:200]},
        categories=tuple(each.strip() for each in section.split("/") if each.strip()),
    )


def _rows(document: Any) -> list[Any] | None:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for name in ("articles", "data", "results", "solutions"):
            if isinstance(document.get(name), list):
                found: list[Any] = document[name]
                return found
    return None


def _sections(document: Any) -> Mapping[str, tuple[str, ...]]:
    """Return the titles of sections, with those of what they are in, by id."""
    if not isinstance(document, dict):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name in ("categories", "sections", "folders", "collections"):
        for each in document.get(name) or ():
            if isinstance(each, dict) and each.get("id") and each.get("name"):
                above = found.get(str(each.get("category_id") or each.get("parent_id") or ""), ())
                found[str(each["id"])] = (*above, str(each["name"])[:200])
    return found


def _article(place: str, row: dict[str, Any], sections: Mapping[str, tuple[str, ...]]) -> Incoming:
    html = str(row.get("body") or row.get("description") or row.get("content") or "")
    body = to_markdown(html)[0] if _is_html(html) else html
    values: dict[str, Any] = {
        "external_id": str(row["id"])[:200],
        "title": str(row.get("title") or row.get("name") or "")[:300],
        "body": body,
    }
    language = row.get("locale") or row.get("language") or row.get("default_locale")
    if language:
        values["language"] = language_of(str(language))
    tags = row.get("label_names") or row.get("tags") or ()
    names = [str(each["name"] if isinstance(each, dict) and "name" in each else each)[:60] for each in tags][:20]
    if names:
        values["tags"] = tuple(names)
    # Freshdesk counts: 1 is a draft, 2 is published. Intercom says it in words.
    if row.get("draft") is True or row.get("status") in (1, "draft") or row.get("state") == "draft":
        values["state"] = "draft"
    section = row.get("section_id") or row.get("folder_id") or row.get("parent_id") or ""
    return Incoming(place=place, values=values, categories=sections.get(str(section), ()))


def _is_html(text: str) -> bool:
    return (
        re.search(r"</?(?:p|div|br|ul|ol|li|h[1-6]|strong|b|em|a|table|span|img)\b[^>]*>", text, re.IGNORECASE)
        is not None
    )


def _bad(place: str, message: str) -> Unreadable:
    return Unreadable(place=place, why=problem("file", message))
