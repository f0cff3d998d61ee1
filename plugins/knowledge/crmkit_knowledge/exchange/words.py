"""What comes from files: articles with their files, and what could not be read. Must not know formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from attrs import field, frozen

from crmkit import CrmkitError

FILES = ".files"
"""What the folder of an article's files is called, after the article's own name."""
REVISIONS = ".revisions"
"""What the folder of an article's revisions is called, after the article's own name."""
BASE = "knowledge.json"
"""The file of spaces and categories in a folder that was exported here."""
LARGEST = 20 << 20
"""Bytes of one file that is read."""

_CHINESE = {"zh": "zh_Hans", "zh_cn": "zh_Hans", "zh_sg": "zh_Hans", "zh_hans": "zh_Hans", "zh_tw": "zh_Hant"}


@frozen(kw_only=True)
class Incoming:
    """An article from a file: where it stands, what `knowledge.article.import` takes, the categories above it as
    titles, and its files by name."""

    place: str
    values: Mapping[str, Any]
    categories: tuple[str, ...] = ()
    files: Mapping[str, Callable[[], bytes]] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Unreadable:
    """What could not be read, and why."""

    place: str
    why: CrmkitError


Found = Incoming | Unreadable


def name_of(title: str) -> str:
    """Return a name for a category or a space that is known by a title elsewhere: letters, digits and hyphens."""
    plain = "-".join(re.findall(r"[a-z0-9]+", title.casefold()))[:50].strip("-")
    if plain and plain[0].isalpha() and title.isascii():
        return plain
    mark = blake2b(title.casefold().encode(), digest_size=4).hexdigest()
    return f"{plain}-{mark}" if plain and plain[0].isalpha() else f"c-{mark}"


def language_of(text: str) -> str:
    """Return a language as it is called here: zh-cn is zh_Hans."""
    plain = text.strip().replace("-", "_")
    return _CHINESE.get(plain.lower(), plain[:20])
