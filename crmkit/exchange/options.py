"""The values that go into an import or an export and come out of it.

Must not know files or databases; attrs only, so that a command line can read them without loading either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from attrs import field, frozen

from crmkit.errors import Problem
from crmkit.i18n import translate

if TYPE_CHECKING:
    from crmkit.exchange.declared import Declared, Rows
    from crmkit.exchange.sources import Kept
    from crmkit.exchange.workbooks.reading import SheetInfo

ResourceName = str
"""One of `RESOURCES`, or a plugin's resource that declares how it is filled from files."""
FileFormat = Literal["csv", "jsonl", "xlsx", "xls", "ods", "vcard"]
ExportFormat = Literal["csv", "jsonl", "xlsx", "vcard", "vcard3"]
"""Forms of exports; vcard is version 4.0, vcard3 the older 3.0 that more programs read."""
OnDuplicate = Literal["skip", "update", "review"]
BadCells = Literal["reject", "leave_out"]
RESOURCES: tuple[ResourceName, ...] = ("customers", "purchases", "interactions", "products")
BATCH = 2000
"""Units (rows, or purchases of several rows) that one transaction takes."""


@frozen(kw_only=True)
class ImportOptions:
    """How a file is to be imported.

    ``resource`` None: told from the headings. ``mapping`` maps columns to fields, an empty text ignores the column;
    what it does not name is mapped by itself unless ``automatic`` is false. ``saved`` names a mapping that was kept,
    ``keep_as`` is the name under which this one is. ``source`` names the system that the file's ids belong to (empty:
    the one whose export it looks like, else ``import``). ``bad_cells`` says whether a cell that cannot be read refuses
    its row or is left out. ``owner`` (a login or an e-mail address) and ``tags`` are those of customers that are added.
    ``date_order`` and ``decimal_mark`` settle what a column leaves open; ``zone`` (IANA) is that of clock times without
    one (default: the company's); ``currency`` that of amounts without one (default: the base currency). ``kind`` is
    person or organization where the file does not say. ``make_fields`` agrees to new custom fields. ``reject_file`` is
    where rejected rows go (default: beside the file). ``again`` imports a file that was imported before; ``fresh``
    begins anew where an interrupted import could go on. ``region`` (ISO 3166) is that of phone numbers without country
    code (default: the company's country). ``sheet`` is one of a workbook (default: the first visible one that holds
    something).
    """

    resource: ResourceName | None = None
    mapping: Mapping[str, str] = field(factory=dict)
    automatic: bool = True
    on_duplicate: OnDuplicate = "skip"
    saved: str | None = None
    keep_as: str | None = None
    source: str = ""
    bad_cells: BadCells = "reject"
    owner: str | None = None
    tags: tuple[str, ...] = field(default=(), converter=tuple)
    encoding: str | None = None
    delimiter: str | None = None
    format: FileFormat | None = None
    sheet: str | None = None
    date_order: Literal["YMD", "DMY", "MDY"] | None = None
    decimal_mark: Literal[".", ","] | None = None
    zone: str | None = None
    currency: str | None = None
    kind: Literal["person", "organization"] | None = None
    region: str | None = None
    make_fields: bool = False
    create_customers: bool = False
    reject_file: Path | None = None
    again: bool = False
    fresh: bool = False
    language: str = "en"


@frozen(kw_only=True)
class Reason:
    """Why a column was taken for what it is, or ignored: a text with the values that stand in it."""

    message: str
    values: Mapping[str, object] = field(factory=dict[str, object])

    def render(self, language: str = "en") -> str:
        """Return the reason in a language."""
        return translate(self.message, language, **self.values)


Origin = Literal["stated", "learned", "system", "heading", "none"]
"""What a column's field was told from: a person, an earlier import, the system that the file comes from, its heading;
``none`` where nothing tells."""


@frozen(kw_only=True)
class Mapped:
    """What a column was taken for: a field, or None where it is ignored; from what, and why."""

    field: str | None
    origin: Origin = "none"
    reason: Reason | None = None


@frozen(kw_only=True)
class Recognised:
    """The system that a file looks like an export of, and what its rows are there."""

    system: str
    title: str
    rows: str


@frozen(kw_only=True)
class ColumnPlan:
    """What happens to one column: the field it fills (None: ignored), how its cells are read, what is doubtful."""

    column: str
    heading: str
    field: str | None = None
    type: str = "text"
    date_order: Literal["YMD", "DMY", "MDY"] | None = None
    decimal_mark: Literal[".", ","] | None = None
    stated: bool = False
    """Whether a person mapped it."""
    origin: Origin = "none"
    reason: Reason | None = None
    problem: Problem | None = None
    """What is doubtful about its cells; those that cannot be read are rejected one by one."""


@frozen(kw_only=True)
class NewField:
    """A custom field that the import would make: its name, title, type and field class."""

    name: str
    title: str
    type: str
    field_class: Literal["personal", "sensitive"]
    proposed: bool = False
    """Whether nobody asked for it: without anybody's consent its column is left out instead."""


@frozen(kw_only=True)
class Counts:
    """How many rows were read and what became of them."""

    read: int = 0
    created: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0


@frozen(kw_only=True)
class PreviewRow:
    """One of the first rows: its line, its values by field, and what is wrong with it."""

    line: int
    values: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


@frozen(kw_only=True)
class ImportPlan:
    """What an import would do. Nothing was written to make it.

    ``resumes`` is the interrupted import that would go on, at ``resumes_at`` units. ``new_fields`` are made if the plan
    is run with ``options.make_fields``; otherwise running it is refused.
    """

    path: Path | Kept
    origin: Path
    """What was named: ``path`` itself, or ``-`` or a pipe, whose content ``path`` then keeps for this process alone."""
    options: ImportOptions
    resource: ResourceName
    file_name: str
    format: FileFormat
    encoding: str
    delimiter: str | None
    size: int
    sha256: str
    columns: tuple[ColumnPlan, ...]
    new_fields: tuple[NewField, ...] = ()
    kind: str = "person"
    region: str | None = None
    """Country whose phone numbers those without country code are, where a row does not name one."""
    identity_kind: str = "other"
    sheet: str | None = None
    """The sheet that is read, of a workbook."""
    sheets: tuple[SheetInfo, ...] = ()
    """All sheets of a workbook."""
    recognised: Recognised | None = None
    withdrawn: Mapping[int, frozenset[str]] = field(factory=dict[int, frozenset[str]])
    """By the index of a column the cells, in small letters, by which a row says that it was deleted."""
    owner_id: UUID | None = None
    notes: tuple[Problem, ...] = ()
    first_rows: tuple[PreviewRow, ...] = ()
    resumes: UUID | None = None
    resumes_at: int = 0
    abandons: UUID | None = None
    """The interrupted import that would be given up, as ``options.fresh`` asks for."""
    imported: UUID | None = None
    """An earlier import of the same file, which makes running this one a conflict unless ``options.again``."""
    declared: Declared | None = None
    """What a plugin says of the resource, where it is a plugin's."""

    @property
    def rows(self) -> Rows:
        """Return what the rows are, as `crmkit.exchange.fields` knows it."""
        return self.resource if self.declared is None else self.declared

    @property
    def mapped(self) -> dict[str, str]:
        """Return the field of each column that fills one."""
        return {column.column: column.field for column in self.columns if column.field}

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Return the columns that nothing is done with."""
        return tuple(column.column for column in self.columns if not column.field)


@frozen(kw_only=True)
class Progress:
    """How far an import or export is: rows, bytes of how many, rows a second, and what became of the rows."""

    rows: int
    bytes: int
    total_bytes: int
    rate: float
    counts: Counts


ProgressCallback = Callable[[Progress], None]


@frozen(kw_only=True)
class ImportReport:
    """What an import did, all its runs together; after a dry run, what it would do (``import_id`` is None)."""

    read: int
    created: int
    updated: int
    duplicates: int
    rejected: int
    rejected_file: Path | None
    import_id: UUID | None
    seconds: float
    dry_run: bool = False
    resumed: bool = False
    reasons: Mapping[str, int] = field(factory=dict)
    """How often each reason for a rejection came up in this run, at most 50 different ones: texts to be translated,
    with fields in place of the single values."""
    left_out: Mapping[str, int] = field(factory=dict)
    """How often each reason came up for which a cell was left out and its row imported without it."""


@frozen(kw_only=True)
class ImportInfo:
    """An import as `list_imports` shows it; instants are in UTC."""

    id: UUID
    file_name: str
    resource: str
    state: str
    counts: Counts
    rejected_file: str | None
    actor_id: str
    started_at: datetime
    finished_at: datetime | None


@frozen(kw_only=True)
class Kept:
    """A record that reverting left as it is, and why."""

    line: int
    table: str
    record_id: UUID
    reason: Problem


@frozen(kw_only=True)
class RevertReport:
    """What reverting an import did. ``kept`` has at most 1,000 entries; ``kept_count`` counts all."""

    import_id: UUID
    removed: int
    restored: int
    reversed: int
    kept_count: int
    kept: tuple[Kept, ...]


@frozen(kw_only=True)
class ExportOptions:
    """What to export, and how. ``where`` are conditions of the resource's query (``city=Berlin``, ``size>=50``)."""

    resource: ResourceName = "customers"
    format: ExportFormat | None = None
    where: tuple[str, ...] = field(default=(), converter=tuple)
    columns: tuple[str, ...] = field(default=(), converter=tuple)
    """The columns that are wanted; all of them where none is named."""
    bom: bool = True
    overwrite: bool = False
    reveal: bool = False
    """Whether sealed values are written too; otherwise their cells are empty."""
    reason: str | None = None
    """Why they are revealed; it is audited."""
    purpose: str | None = None
    """A purpose of consent, or one with its channel (``marketing:email``): customers who allow it, and what is about
    them, are exported alone."""
    recipient: str | None = None
    """Whom the file is for: named in each row, in the properties of a workbook, and in the audit log."""


@frozen(kw_only=True)
class ExportReport:
    """What an export wrote. ``rows`` are the file's rows, without its heading; ``left_out`` the columns whose values
    are sealed and were not revealed."""

    resource: str
    path: Path
    rows: int
    bytes: int
    seconds: float
    left_out: tuple[str, ...] = ()
