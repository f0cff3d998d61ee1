"""What backups of both databases share: the figures that a restored one is compared with, and copying with a hash.

Must not know either database.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from crmkit.errors import BackupError
from crmkit.i18n import texts
from crmkit.private import make_private_file, make_private_folder

_ = texts("crmkit")
_CHUNK = 1 << 20


@frozen(kw_only=True)
class FileEntry:
    """A file's size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@frozen(kw_only=True)
class Snapshot:
    """What a database held at one instant: rows by table, and schema revisions by version table."""

    counts: Mapping[str, int]
    revisions: Mapping[str, str]

    def compare(self, found: Snapshot) -> None:
        """Raise BackupError naming the first difference to what was found in a restored database."""
        if self.revisions != found.revisions:
            raise BackupError(_("The restored database has other schema revisions than the backup says."))
        for table in sorted({*self.counts, *found.counts}):
            wanted, there = self.counts.get(table), found.counts.get(table)
            if wanted != there:
                raise BackupError(
                    _("The restored table {table} has {there} rows instead of {wanted}."),
                    table=table,
                    there=there if there is not None else "–",
                    wanted=wanted if wanted is not None else "–",
                )


_KEPT_BY_ITSELF = frozenset(
    {
        "crm_audit",
        "crm_audit_chain",
        "crm_audit_checkpoint",
        "crm_audit_payload",
        "crm_audit_pending",
        "crm_audit_subject",
        "crm_business",
        "crm_data_key",
        "crm_event",
        "crm_field_right",
        "crm_generation",
        "crm_grant",
        "crm_heartbeat",
        "crm_idempotency",
        "crm_installation",
        "crm_job",
        "crm_personal_data",
        "crm_plugin",
        "crm_plugin_table",
        "crm_purpose_key",
        "crm_role",
        "crm_role_include",
        "crm_root_key",
        "crm_schedule",
        "crm_search_words_config",
        "crm_search_words_data",
    }
)
"""Tables that a new installation fills without anybody's data."""


def holds_data(counts: Mapping[str, int]) -> bool:
    """Say whether tables with so many rows hold more than a new installation does; a table that is not the kernel's
    counts even without rows, since nothing is known of it."""
    return any(
        rows > 0 or not table.startswith("crm_")
        for table, rows in counts.items()
        if table not in _KEPT_BY_ITSELF and not is_version_table(table)
    )


def is_version_table(table: str) -> bool:
    """Say whether a table keeps the revision of a lineage."""
    return table == "crm_migration" or table.startswith("crm_migration_")


def says(error: OSError) -> str:
    """Return what went wrong with a file, and with which."""
    return f"{error.strerror or type(error).__name__}{f' ({error.filename})' if error.filename else ''}"


def hash_of(path: Path) -> FileEntry:
    """Return a file's size and hash, read in pieces."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return FileEntry(size=size, sha256=digest.hexdigest())


def copy_hashed(source: Path, target: Path) -> FileEntry:
    """Copy a file in pieces, for its owner alone, make its folders, and return the size and hash of what was copied."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read:
        make_private_folder(target.parent)
        make_private_file(target)
        with target.open("wb") as write:
            while piece := read.read(_CHUNK):
                digest.update(piece)
                size += len(piece)
                write.write(piece)
            write.flush()
            os.fsync(write.fileno())
    return FileEntry(size=size, sha256=digest.hexdigest())
