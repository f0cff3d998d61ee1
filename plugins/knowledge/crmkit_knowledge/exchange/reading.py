"""Articles in files, whatever kind of file it is: folders and archives of Markdown and HTML, and exports as JSON, JSON
lines or CSV. Must not know the database.

Every file that cannot be read is told, and the others are taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from crmkit import CrmkitError, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.words import AUDIENCES, KINDS
from crmkit_knowledge.exchange.exports import from_csv, from_json, from_lines
from crmkit_knowledge.exchange.folder import Files, opened
from crmkit_knowledge.exchange.frontmatter import Value, split
from crmkit_knowledge.exchange.html import to_markdown
from crmkit_knowledge.exchange.words import BASE, FILES, REVISIONS, Found, Incoming, Unreadable, language_of

_ = texts("crmkit_knowledge")

MARKDOWN, HTML = (".md", ".markdown", ".mdx"), (".html", ".htm", ".xhtml")
STATES = ("draft", "published", "needs_verification", "hidden", "archived")
_LINK = re.compile(r"(!?\[(?:[^\]\\]|\\.)*\]\()(<[^<>\n]+>|[^\s()<>]+)((?:\s+(?:\"[^\"]*\"|'[^']*'))?\))")
_INDEX = ("index", "readme", "_index")
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|/|#)", re.IGNORECASE)
_LANGUAGE = re.compile(r"\.([a-z]{2}(?:[_-][A-Za-z]{2,4})?)$")


def incoming(path: Path) -> Iterator[Found]:
    """Yield the articles of a file, an archive or a folder, and what cannot be read of it. Raises InvalidInput for a
    kind of file that is not known."""
    kind = path.suffix.lower()
    if path.is_dir() or kind == ".zip":
        with opened(path) as files:
            yield from _many(files, single=None)
    elif kind in (".jsonl", ".ndjson"):
        yield from from_lines(path)
    elif kind == ".json":
        yield from from_json(path)
    elif kind in (".csv", ".tsv"):
        yield from from_csv(path)
    elif kind in MARKDOWN + HTML:
        with opened(path.parent) as files:
            yield from _many(files, single=path.name)
    else:
        raise problem(
            "file", _("This kind of file is not known: a folder, or .zip, .md, .html, .jsonl, .json or .csv.")
        )


def base_of(path: Path) -> bytes | None:
    """Return what a folder or archive says of spaces and categories, where it was exported here."""
    if not path.is_dir() and path.suffix.lower() != ".zip":
        return None
    with opened(path) as files:
        return files.read(BASE) if BASE in files.names() else None


def _many(files: Files, single: str | None) -> Iterator[Found]:
    names = files.names()
    known = set(names)
    texts_ = [name for name in names if PurePosixPath(name).suffix.lower() in MARKDOWN + HTML]
    # What belongs to an article is no article, though it be a text.
    beside = (FILES, REVISIONS)
    texts_ = [name for name in texts_ if not any(part.endswith(beside) for part in PurePosixPath(name).parts[:-1])]
    read: list[tuple[int, int, Found]] = []
    for name in [single] if single is not None else texts_:
        try:
            found: Found = _one(files, name, known)
        except CrmkitError as error:
            found = Unreadable(place=name, why=error)
        number = found.values.get("number") if isinstance(found, Incoming) else None
        translated = isinstance(found, Incoming) and bool(found.values.get("translates"))
        # What a text translates comes before it; numbers are given in their order.
        read.append((int(translated), number or 0, found))
    yield from (found for _translated, _number, found in sorted(read, key=lambda each: each[:2]))


def _one(files: Files, name: str, known: set[str]) -> Incoming:
    content = files.read(name)
    path = PurePosixPath(name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise problem("file", _("Line {line}: this is not UTF-8."), line=line) from None
    if path.suffix.lower() in HTML:
        body, title = to_markdown(text)
        above: dict[str, Value] = {"title": title} if title else {}
    else:
        above, body = split(text)
    ours = "number" in above and "slug" in above
    values = _values(above)
    if ours:
        body = body.removesuffix("\n")
        beside = f"{path.with_suffix('')}{FILES}/"
        loaders = {each[len(beside) :]: _loader(files, each) for each in known if each.startswith(beside)}
        categories = tuple(_texts(above.get("category", [])))
    else:
        body, loaders = _with_files(files, path, body, known)
        categories = _categories(above, path)
        body = _titled(values, above, body, path)
    values.setdefault("external_id", str(above.get("id") or name)[:200])
    return Incoming(place=name, values={**values, "body": body}, categories=categories, files=loaders)


def _values(above: dict[str, Value]) -> dict[str, Any]:
    """Return what is said above a text, as it is taken over. Raises InvalidInput for what is no value of its kind."""
    found: dict[str, Any] = {}
    for name, other in (("title", "name"), ("summary", "description"), ("language", "lang"), ("slug", "")):
        value = above.get(name) or above.get(other) or above.get("locale" if name == "language" else "")
        if isinstance(value, str):
            found[name] = value
    if "language" in found:
        found["language"] = language_of(found["language"])
    if "summary" in found:
        found["summary"] = found["summary"][:1000]
    tags = _texts(above.get("tags", above.get("keywords", [])))
    if tags:
        found["tags"] = tuple(each[:60] for each in tags[:20])
    for name, allowed in (("kind", tuple(KINDS)), ("audience", tuple(AUDIENCES)), ("state", STATES)):
        value = above.get(name)
        if value is not None:
            if value not in allowed:
                raise problem("file", _("{name} is one of {known}."), name=name, known=", ".join(allowed))
            found[name] = value
    if "audience_of" in above:
        found["audience_of"] = tuple(_texts(above["audience_of"]))
    if above.get("draft") == "true":
        found["state"] = "draft"
    if "verify_on" in above:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(above["verify_on"])):
            raise problem("file", _("{name} is a day such as 2027-01-31."), name="verify_on")
        found["verify_on"] = above["verify_on"]
    if "number" in above and re.fullmatch(r"[1-9]\d{0,8}", str(above["number"])):
        found["number"] = int(str(above["number"]))
    if re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(above.get("id", ""))):
        found["id"] = above["id"]
    if isinstance(above.get("space"), str):
        found["space"] = above["space"]
    for name, key in (("source", "source"), ("external_id", "external_id"), ("translates", "translation_of")):
        if isinstance(above.get(key), str):
            found[name] = above[key]
    if above.get("stale") == "true":
        found["stale"] = True
    return found


def _titled(values: dict[str, Any], above: dict[str, Value], body: str, path: PurePosixPath) -> str:
    """Give an article from elsewhere its title, language and address, where it does not say them itself; return its
    text without the title."""
    stem = path.stem
    language = _LANGUAGE.search(stem)
    if language is not None:
        stem = stem[: language.start()]
        values.setdefault("language", language_of(language[1]))
    heading = re.match(r"\s*#[ \t]+(.+?)[ \t#]*(?:\r?\n|\Z)", body)
    if heading is not None and values.get("title", heading[1].strip()) in (heading[1].strip(), above.get("title")):
        plain = re.sub(r"\\([^\w\s])", r"\1", heading[1].strip())
        if "title" not in values or plain == values["title"]:
            values["title"] = plain
            body = body[heading.end() :].lstrip("\r\n")
    named = path.parent.name if stem.lower() in _INDEX and path.parent.name else stem
    values["title"] = (values.get("title") or re.sub(r"[-_]+", " ", named).strip().capitalize())[:300]
    slug = str(values.pop("slug", named)).strip("/").rpartition("/")[2]
    if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug) and len(slug) <= 120 and language is None:
        values["slug"] = slug
    return body


def _categories(above: dict[str, Value], path: PurePosixPath) -> tuple[str, ...]:
    said = _texts(above.get("category", above.get("categories", [])))
    if said:
        return tuple(each.strip() for each in said[0].split("/") if each.strip())
    parts = path.parent.parts
    return parts[:-1] if path.stem.lower() in _INDEX and len(parts) > 1 else parts


def _with_files(
    files: Files, path: PurePosixPath, body: str, known: set[str]
) -> tuple[str, dict[str, Callable[[], bytes]]]:
    """Return a text whose links to files beside it lead to files of the article, and these."""
    found: dict[str, str] = {}

    def led(match: re.Match[str]) -> str:
        address = match[2].strip("<>")
        name = _beside(path, unquote(address.partition("#")[0].partition("?")[0]))
        if _SCHEME.match(address) or name not in known or PurePosixPath(name).suffix.lower() in MARKDOWN + HTML:
            return match[0]
        short = re.sub(r"\s+", "-", PurePosixPath(name).name)
        while found.get(short, name) != name:
            short = f"x-{short}"
        found[short] = name
        return f"{match[1]}file:{short}{match[3]}"

    body = _LINK.sub(led, body)
    return body, {short: _loader(files, name) for short, name in found.items()}


def _beside(path: PurePosixPath, address: str) -> str:
    parts = list(path.parent.parts)
    for each in address.split("/"):
        if each == "..":
            if not parts:
                return ""
            parts.pop()
        elif each not in ("", "."):
            parts.append(each)
    return "/".join(parts)


def _loader(files: Files, name: str) -> Callable[[], bytes]:
    return partial(files.read, name)


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return [each for each in value if each.strip()]
