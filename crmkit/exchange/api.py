"""Import and export for whoever calls them: the command line, an embedding program, pages.

The first four work on files of rows, the last on what the database holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crmkit.exchange.exporter import export
from crmkit.exchange.importer import rehearse_import, run_import
from crmkit.exchange.options import (
    ColumnPlan,
    Counts,
    ExportOptions,
    ExportReport,
    ImportInfo,
    ImportOptions,
    ImportPlan,
    ImportReport,
    Kept,
    NewField,
    PreviewRow,
    Progress,
    ProgressCallback,
    RevertReport,
)
from crmkit.exchange.preview import plan_import
from crmkit.exchange.revert import revert_import
from crmkit.exchange.tables import ImportRun

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

__all__ = [
    "ColumnPlan",
    "Counts",
    "ExportOptions",
    "ExportReport",
    "ImportInfo",
    "ImportOptions",
    "ImportPlan",
    "ImportReport",
    "Kept",
    "NewField",
    "PreviewRow",
    "Progress",
    "ProgressCallback",
    "RevertReport",
    "export",
    "list_imports",
    "plan_import",
    "rehearse_import",
    "revert_import",
    "run_import",
]


def list_imports(crm: CRM, actor: Actor, *, limit: int = 100) -> tuple[ImportInfo, ...]:
    """Return the last imports, newest first."""
    with crm.session(actor) as session:
        runs = session.scalars(
            select(ImportRun).order_by(ImportRun.started_at.desc(), ImportRun.id.desc()).limit(limit)
        )
        return tuple(
            ImportInfo(
                id=run.id,
                file_name=run.file_name,
                resource=run.resource,
                state=run.state,
                counts=Counts(
                    read=run.rows_read,
                    created=run.created,
                    updated=run.updated,
                    duplicates=run.duplicates,
                    rejected=run.rejected,
                ),
                rejected_file=run.rejected_file if run.rejected else None,
                actor_id=run.actor_id,
                started_at=run.started_at,
                finished_at=run.finished_at,
            )
            for run in runs
        )
