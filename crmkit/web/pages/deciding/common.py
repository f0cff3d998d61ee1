"""What the pages of all definitions share: names made of titles, versions with what changed, finding a customer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from attrs import frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.store.ids import parse_id
from crmkit.engines.definitions.documents import to_document
from crmkit.engines.definitions.publishing import Defined, version, versions
from crmkit.engines.search.searching import search
from crmkit.errors import CrmkitError
from crmkit.i18n import Text, texts
from crmkit.web.pages.naming import names_of_actors

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

ORIGINS: dict[str, Text] = {"shipped": _("as shipped"), "changed": _("changed here"), "own": _("made here")}
MATCHES = 8
LONGEST = 60
RESERVED = frozenset(("new", "save", "preview"))
"""Names that addresses have for something else."""


def place_of(kind: str, name: str, *rest: str) -> str:
    """Return the path of a definition's page, whatever letters its name has."""
    return "/".join(("", kind, *(quote(part, safe="") for part in (name, *rest))))


def name_from(title: str, taken: Collection[str]) -> str:
    """Return a name for something of a title, of letters, digits and underscores, that nothing else has."""
    plain = unicodedata.normalize("NFKC", title).strip().lower()
    stem = re.sub(r"\W+", "_", plain, flags=re.UNICODE).strip("_")[:LONGEST]
    stem = stem if stem[:1].isalpha() else f"n_{stem}".rstrip("_")
    found, number = stem, 2
    while found in taken or found in RESERVED:
        found, number = f"{stem}_{number}", number + 1
    return found


def points(values: Sequence[float], width: int = 100, height: int = 26) -> str:
    """Return the points of a line through values, in a box that is so wide and high, with room for the stroke."""
    if not values:
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = width / max(len(values) - 1, 1)
    return " ".join(
        f"{place * step:.1f},{height - 2 - (value - low) / spread * (height - 4):.1f}"
        for place, value in enumerate(values)
    )


# --- versions --------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Line:
    """One line of a comparison: whether it came, went or stayed, and its text."""

    sign: Literal["+", "-", " "]
    text: str


@frozen(kw_only=True)
class VersionLine:
    """A version of a definition: who published it when, and what it changed of the one before."""

    number: int
    publisher: str
    at: datetime
    note: str
    enabled: bool
    changes: tuple[Line, ...]


def history(session: CrmSession, kind: str, name: str, limit: int = 20) -> list[VersionLine]:
    """Return the latest versions of a definition, newest first, each with what it changed."""
    rows = versions(session, kind, name)[: limit + 1]
    people = names_of_actors(session, {row.publisher for row in rows})
    documents = [_lines(session, kind, name, row.number) for row in rows]
    if rows and len(rows) <= limit:
        documents.append(_lines(session, kind, name, 0))
    documents.append([])
    return [
        VersionLine(
            number=row.number,
            publisher=people.get(row.publisher, row.publisher),
            at=row.recorded_at,
            note=row.note,
            enabled=row.enabled,
            changes=tuple(compared(documents[place + 1], documents[place])),
        )
        for place, row in enumerate(rows[:limit])
    ]


def compared(before: Sequence[str], after: Sequence[str]) -> list[Line]:
    """Return what changed between two lists of lines, with a line around each change."""
    return [
        Line(sign="+" if text[0] == "+" else "-", text=text[1:])
        for text in unified_diff(before, after, n=0, lineterm="")
        if not text.startswith(("---", "+++", "@@"))
    ]


def _lines(session: CrmSession, kind: str, name: str, number: int) -> list[str]:
    try:
        value = version(session, kind, name, number)
    except CrmkitError:
        return []
    return [] if value is None else list(flat(to_document(value)))


def flat(document: Any, path: str = "") -> list[str]:
    """Return a document as lines of ``name: value``, in which a comparison shows what changed."""
    if isinstance(document, dict):
        return [line for key, value in document.items() for line in flat(value, f"{path}.{key}" if path else str(key))]
    if isinstance(document, list):
        return [line for place, value in enumerate(document, 1) for line in flat(value, f"{path}.{place}")]
    return [f"{path}: {document}"]


def publisher_name(session: CrmSession, item: Defined) -> str:
    """Return what people read for who published a definition; nothing for a shipped one."""
    if item.publisher is None:
        return ""
    return names_of_actors(session, {item.publisher}).get(item.publisher, item.publisher)


# --- customers -------------------------------------------------------------------------------------------------------


def customers_like(session: CrmSession, text: str) -> list[Customer]:
    """Return the customers whom a text may mean, the likeliest first: by id, or by what a search finds."""
    identity = parse_id(text)
    if identity is not None:
        found = session.get(Customer, identity)
        return [found] if found is not None else []
    hits = search(session, text, within=("customer",), limit=MATCHES).hits
    if not hits and ":" in text:
        # As another system calls the customer: its name before the colon is no part of the number.
        hits = search(session, text.partition(":")[2], within=("customer",), limit=MATCHES).hits
    ids = [hit.customer_id for hit in hits if hit.customer_id is not None]
    known = {each.id: each for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))} if ids else {}
    return [known[identity] for identity in ids if identity in known]
