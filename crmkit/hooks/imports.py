"""What a plugin declares so that its records can be filled from files: the fields that columns can fill, and the
operation that makes a record of a row.

Frozen values; must not know files or databases.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs
from attrs import frozen

FieldType = Literal["text", "integer", "decimal", "boolean", "date", "instant", "list", "json", "money"]


@frozen(kw_only=True)
class ImportField:
    """One field that a column can fill: an input of the operation, by its name.

    ``headings`` are what such columns are called, in any language, separated by bars; the name itself always is one. A
    field of type "money", such as ``amount``, fills ``amount_minor`` and ``currency``; where amounts have no currency
    of their own, a field ``currency`` says it, else the import. A row without a ``required`` one is rejected.
    """

    name: str
    title: str
    type: FieldType = "text"
    headings: str = ""
    required: bool = False


def _groups(given: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(each) for each in given)


@frozen(kw_only=True)
class Imports:
    """How records of a resource are filled from files.

    ``operation`` makes a record of a row: it is given the row's fields, and of these what it has as inputs:
    ``customer_id``, ``owner_id``, ``external_id`` with ``external_source`` (the system that the file's ids belong to).
    It decides about everything that it is given; what it refuses is said with the row.

    ``customer`` says whether a row is about a customer ("none", "optional", "required"), who is found by external id,
    e-mail, phone or name; ``owner`` whether it may name one, by login or e-mail. ``known`` are groups of columns of the
    model: the first group that a row fills tells whether there is such a record already, texts compared without case,
    ids with it. Such a row is left out, or given to ``update`` where that is asked for and there is such an operation.
    ``holds`` says that tables which other systems call so are these records: "deals".
    """

    operation: str
    fields: tuple[ImportField, ...] = attrs.field(converter=tuple)
    customer: Literal["none", "optional", "required"] = "none"
    owner: bool = False
    known: tuple[tuple[str, ...], ...] = attrs.field(default=(), converter=_groups)
    update: str = ""
    holds: str = ""
