"""The tables of imports: each import with its progress, and what became of each row, so that it can go on after a kill
and be taken back.

Must not know files or resources. No row refers to a customer by a foreign key: an id that is gone says nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Model, Record, field
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class ImportRun(Record):
    """One import of one file. ``position`` counts the units (rows, or purchases of several rows) that are committed.

    ``state`` is running, done, reverting or reverted. ``rejected_bytes`` is how long the file of rejected rows was when
    the last batch was committed: what stands behind it belongs to no committed batch.
    """

    __tablename__ = "crm_import"
    __access__ = Access.open(resource="import")
    # The progress of a long import is no history of a record.
    __history__ = False

    file_name: Mapped[str] = field(String(255), title=_("File"), classified="internal")
    sha256: Mapped[str] = field(String(64), classified="internal")
    size: Mapped[int] = field(title=_("Size (bytes)"), classified="internal")
    resource: Mapped[str] = field(String(60), title=_("Resource"), classified="internal")
    source: Mapped[str] = field(String(60), title=_("Source"), classified="internal")
    settings: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict)
    """Options and mapping, as needed to go on: see `crmkit.exchange.options`."""
    state: Mapped[str] = field(String(10), title=_("State"), classified="internal", default="running")
    position: Mapped[int] = field(classified="internal", default=0)
    byte_position: Mapped[int] = field(classified="internal", default=0)
    rows_read: Mapped[int] = field(title=_("Rows read"), classified="internal", default=0)
    created: Mapped[int] = field(title=_("Created"), classified="internal", default=0)
    updated: Mapped[int] = field(title=_("Updated"), classified="internal", default=0)
    duplicates: Mapped[int] = field(title=_("Duplicates"), classified="internal", default=0)
    rejected: Mapped[int] = field(title=_("Rejected"), classified="internal", default=0)
    rejected_file: Mapped[str | None] = field(String(1000), title=_("Rejected rows"), classified="internal")
    rejected_bytes: Mapped[int] = field(classified="internal", default=0)
    runner: Mapped[str | None] = field(String(200), classified="internal")
    """Host and process that is at work on it."""
    seen_at: Mapped[datetime | None] = field(classified="internal")
    actor_id: Mapped[str] = field(String(80), title=_("By"), classified="internal")
    started_at: Mapped[datetime] = field(title=_("Started at"), classified="internal", default=system_now)
    finished_at: Mapped[datetime | None] = field(title=_("Finished at"), classified="internal")
    reverted_at: Mapped[datetime | None] = field(title=_("Reverted at"), classified="internal")

    __table_args__ = (Index("ix_crm_import_sha256", "sha256", "resource"),)


class ImportMapping(Record):
    """What somebody said that the columns of a file hold, for the next file with such headings.

    ``columns`` maps headings to fields, an empty text where one is ignored; ``corrected`` are those of them that a
    person told otherwise than they were taken for. ``fingerprint`` is that of the set of headings. ``named`` says
    whether a person gave it its name. ``used_at`` is when it was kept last.
    """

    __tablename__ = "crm_import_mapping"
    __access__ = Access.open(resource="import")

    name: Mapped[str] = field(String(120), title=_("Name"), classified="internal", unique=True)
    resource: Mapped[str] = field(String(60), title=_("Resource"), classified="internal")
    system: Mapped[str | None] = field(String(60), title=_("System"), classified="internal")
    fingerprint: Mapped[str] = field(String(64), classified="internal", index=True)
    columns: Mapped[dict[str, Any]] = field(json_type(), title=_("Columns"), classified="internal", default=dict)
    corrected: Mapped[list[str]] = field(json_type(), classified="internal", default=list)
    named: Mapped[bool] = field(classified="internal", default=False)
    file_name: Mapped[str] = field(String(255), title=_("File"), classified="internal")
    actor_id: Mapped[str] = field(String(80), title=_("By"), classified="internal")
    used_at: Mapped[datetime] = field(title=_("Used last"), classified="internal", default=system_now)


class ImportRow(Model):
    """What became of one row: ``outcome`` is created, updated, duplicate or rejected; then reverted.

    ``version`` is the record's version as the import left it: a record that has another one was changed since.
    """

    __tablename__ = "crm_import_row"
    __access__ = Access.open(resource="import")

    import_id: Mapped[UUID] = field(
        ForeignKey("crm_import.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    row_index: Mapped[int] = field(classified="internal", primary_key=True)
    line: Mapped[int] = field(classified="internal")
    outcome: Mapped[str] = field(String(9), classified="internal")
    table_name: Mapped[str | None] = field(String(63), classified="internal")
    record_id: Mapped[UUID | None] = field(classified="internal")
    version: Mapped[int | None] = field(Integer, classified="internal")

    __table_args__ = (Index("ix_crm_import_row_record", "record_id"),)
