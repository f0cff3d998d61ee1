"""Writing revisions from the difference between models and database, and telling whether there is one."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from crmkit.core.store.types import Id, Instant, ScaledDecimal, TypedJson
from crmkit.migrations.lineage import Lineage

IMPORTS = "import sqlalchemy as sa\nfrom alembic import op\n\nfrom crmkit.core.store import types"

_FILE = '''"""{message}

Revision: {revision}
Revises: {previous}
"""

from __future__ import annotations

{imports}

revision = {revision!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    {upgrade}


def downgrade() -> None:
    """Bring the schema back."""
    {downgrade}
'''


def difference(connection: Connection, lineage: Lineage, metadata: MetaData) -> list[Any]:
    """Return what differs between the models and the database, as alembic's tuples; empty when nothing does."""
    context = MigrationContext.configure(connection, opts=_options(lineage, metadata))
    return list(compare_metadata(context, metadata))


def write_revision(connection: Connection, lineage: Lineage, metadata: MetaData, message: str) -> str:
    """Return the text of the revision that brings the database to the models."""
    context = MigrationContext.configure(connection, opts=_options(lineage, metadata))
    produced = produce_migrations(context, metadata)
    heads = list(lineage.heads())
    previous = heads[0] if heads else None
    number = int(previous.rpartition("_")[2]) + 1 if previous else 1
    revision = f"{lineage.name}_{number:04d}"
    assert isinstance(produced.upgrade_ops, UpgradeOps)
    assert produced.downgrade_ops is not None
    render: dict[str, Any] = {"render_item": _render, "render_as_batch": True, "sqlalchemy_module_prefix": "sa."}
    return _FILE.format(
        message=message,
        revision=revision,
        previous=previous or "nothing",
        down=previous,
        imports=IMPORTS,
        upgrade=render_python_code(produced.upgrade_ops, **render).strip(),
        downgrade=render_python_code(produced.downgrade_ops, **render).strip(),
    )


def _options(lineage: Lineage, metadata: MetaData) -> dict[str, Any]:
    return {**lineage.options(metadata), "render_item": _render}


def _render(kind: str, item: Any, context: Any) -> str | bool:
    if kind != "type":
        return False
    if isinstance(item, Id):
        return "types.Id()"
    if isinstance(item, Instant):
        return "types.Instant()"
    if isinstance(item, ScaledDecimal):
        return f"types.ScaledDecimal({item.scale})"
    if isinstance(item, TypedJson) or type(item).__name__ in ("JSON", "JSONB"):
        return "types.json_type()"
    return False
