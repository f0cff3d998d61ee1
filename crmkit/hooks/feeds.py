"""What a file of a source is, as plugins see it before anything of it is imported.

Frozen values; must not know files or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from crmkit.errors import Problem


@frozen(kw_only=True)
class FeedRow:
    """A row of a file: its line, its values by field as they would be imported, and what is wrong with it."""

    line: int
    values: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


@frozen(kw_only=True)
class FeedCounts:
    """How many rows a file has, and what would become of them."""

    read: int
    created: int
    updated: int
    duplicates: int
    rejected: int


@frozen(kw_only=True)
class Feed:
    """A file that is about to be imported: the source that its ids belong to, the resource that its rows are, its
    headings, and the field that each heading fills.

    ``resumed`` says that an interrupted import goes on. ``rows()`` reads the file from its beginning and looks nothing
    up; ``rehearse()`` tries every row against the database and keeps nothing. Both take as long as the file is.
    """

    source: str
    resource: str
    file_name: str
    headings: tuple[str, ...]
    fields: Mapping[str, str]
    resumed: bool = False
    rows: Callable[[], Iterator[FeedRow]] = field(repr=False)
    rehearse: Callable[[], FeedCounts] = field(repr=False)
