"""Writing the tables of a plugin to files before they are dropped: JSON lines, read again and compared.

Works by reflection, so that no model is needed. Must not know plugins.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from attrs import asdict, frozen
from sqlalchemy import Connection, MetaData, Table, func, select

from crmkit.errors import BackupError
from crmkit.i18n import texts
from crmkit.private import make_private_file, make_private_folder

_ = texts("crmkit")

BATCH = 1000
MANIFEST = "export.json"


@frozen(kw_only=True)
class ExportedTable:
    """A table that was written: its file, the number of its lines, one for each row, and the file's SHA-256."""

    table: str
    file: str
    rows: int
    sha256: str


def export_tables(connection: Connection, tables: Sequence[str], folder: Path) -> tuple[ExportedTable, ...]:
    """Write each table to ``<table>.jsonl`` in a folder, and a list of them to ``export.json``.

    Ids are written as UUIDs, other bytes as ``\\x`` and hexadecimal digits, instants in ISO form. Each file is read
    again. Raises BackupError when the folder holds an export already, or a file is not what was written.
    """
    try:
        make_private_folder(folder)
        if (folder / MANIFEST).exists():
            raise BackupError(_("{folder} holds an export already."), fix=_("Name another folder."), folder=folder)
        done = tuple(_export(connection, name, folder) for name in tables)
        for each in done:
            _verify(folder, each)
        content = {"format": 1, "tables": [asdict(each) for each in done]}
        make_private_file(folder / MANIFEST)
        (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise BackupError(_("{path} cannot be written: {reason}."), path=folder, reason=error) from error
    return done


def _export(connection: Connection, name: str, folder: Path) -> ExportedTable:
    table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
    statement = select(table).order_by(*table.primary_key.columns)
    expected = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
    digest, rows, file = hashlib.sha256(), 0, f"{name}.jsonl"
    make_private_file(folder / file)
    with (folder / file).open("wb") as out:
        result = connection.execute(statement, execution_options={"yield_per": BATCH})
        columns = list(result.keys())
        for row in result:
            values = {column: _plain(column, value) for column, value in zip(columns, row, strict=True)}
            line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            out.write(line)
            rows += 1
        out.flush()
        os.fsync(out.fileno())
    if rows != expected:
        raise BackupError(
            _("Only {rows} of {expected} rows of {table} were read."), rows=rows, expected=expected, table=name
        )
    return ExportedTable(table=name, file=file, rows=rows, sha256=digest.hexdigest())


def _verify(folder: Path, exported: ExportedTable) -> None:
    digest, lines = hashlib.sha256(), 0
    with (folder / exported.file).open("rb") as file:
        for line in file:
            digest.update(line)
            lines += 1
    if digest.hexdigest() != exported.sha256 or lines != exported.rows:
        raise BackupError(_("{file} is not what was written into it."), file=folder / exported.file)


def _plain(column: str, value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            data = bytes(value)
            if len(data) == 16 and (column == "id" or column.endswith("_id")):
                return str(UUID(bytes=data))
            return f"\\x{data.hex()}"
        case datetime() | date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case _:
            return value
