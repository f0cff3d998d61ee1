"""The tables

Revision: small_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "small_0001"
down_revision = None
branch_labels = None
depends_on = None


def record() -> list[sa.Column]:
    """Return the columns of every record."""
    return [
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
    ]


def key(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key."""
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "small_item",
        *record(),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        key("small_item", "customer_id", "crm_customer", "CASCADE"),
        key("small_item", "owner_id", "crm_user", "SET NULL"),
        key("small_item", "team_id", "crm_team", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_item")),
    )
    for column in ("customer_id", "owner_id", "team_id"):
        op.create_index(op.f(f"ix_small_item_{column}"), "small_item", [column])
    op.create_table(
        "small_part",
        *record(),
        sa.Column("item_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        key("small_part", "item_id", "small_item", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_part")),
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("small_part")
    op.drop_table("small_item")
