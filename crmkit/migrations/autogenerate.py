"""Writing revisions from the difference between models and database, and telling whether there is one.

Must not know which plugins there are.
"""

from __future__ import annotations

import io
import re
import tokenize
from functools import partial
from typing import Any

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from crmkit.core.store.sealed import SealedBytes
from crmkit.core.store.types import Id, Instant, ScaledDecimal, Tokens, TypedJson
from crmkit.migrations.lineage import KERNEL, Lineage

_IMPORTS = "import sqlalchemy as sa\nfrom alembic import op\n"

_FILE = '''"""{message}

Revision: {revision}
Revises: {previous}
"""

from __future__ import annotations

{imports}
revision = "{revision}"
down_revision = {down}
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
    revision = next_revision(lineage)
    assert isinstance(produced.upgrade_ops, UpgradeOps)
    assert produced.downgrade_ops is not None
    kernel = lineage.name == KERNEL
    # A plugin's revision imports what a plugin may import.
    types = "types." if kernel else "crmkit."
    render: dict[str, Any] = {
        "render_item": partial(_render, types),
        "render_as_batch": True,
        "sqlalchemy_module_prefix": "sa.",
    }
    upgrade = _body(render_python_code(produced.upgrade_ops, **render))
    downgrade = _body(render_python_code(produced.downgrade_ops, **render))
    imports = _IMPORTS
    if types in upgrade + downgrade:
        # In the order in which a linter wants them: to a plugin crmkit is a library among others.
        imports = f"{_IMPORTS}\nfrom crmkit.core.store import types\n" if kernel else f"import crmkit\n{_IMPORTS}"
    return _FILE.format(
        message=message,
        revision=revision,
        previous=previous or "nothing",
        down=f'"{previous}"' if previous else None,
        imports=imports,
        upgrade=upgrade,
        downgrade=downgrade,
    )


def next_revision(lineage: Lineage) -> str:
    """Return the id of the revision that comes next."""
    newest = lineage.newest()
    number = int(newest.rpartition("_")[2]) + 1 if newest else 1
    return f"{lineage.name}_{number:04d}"


def _body(code: str) -> str:
    lines = [line for line in code.splitlines() if not line.strip().startswith("# ###")]
    return _double_quoted("\n".join(lines).strip())


def _double_quoted(code: str) -> str:
    """Return Python with texts in double quotes, as formatters write them, where that needs no escape."""
    # In brackets indentation means nothing, and these lines are those of a body.
    lines = [list(f"{line}\n") for line in ("(", *code.split("\n"), ")")]
    source = "".join("".join(line) for line in lines)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING and re.fullmatch(r"'[^'\"\\\n]*'", token.string):
            for row, column in (token.start, (token.end[0], token.end[1] - 1)):
                lines[row - 1][column] = '"'
    return "".join("".join(line) for line in lines[1:-1]).rstrip("\n")


def _options(lineage: Lineage, metadata: MetaData) -> dict[str, Any]:
    return {**lineage.options(metadata), "render_item": partial(_render, "types.")}


def _render(types: str, kind: str, item: Any, context: Any) -> str | bool:
    if kind != "type":
        return False
    if isinstance(item, Id):
        return f"{types}Id()"
    if isinstance(item, SealedBytes):
        # To the database an envelope is bytes.
        return "sa.LargeBinary()"
    if isinstance(item, Instant):
        return f"{types}Instant()"
    if isinstance(item, Tokens):
        return f"{types}Tokens()"
    if isinstance(item, ScaledDecimal):
        return f"{types}ScaledDecimal({item.scale})"
    if isinstance(item, TypedJson) or type(item).__name__ in ("JSON", "JSONB"):
        return f"{types}json_type()"
    return False
