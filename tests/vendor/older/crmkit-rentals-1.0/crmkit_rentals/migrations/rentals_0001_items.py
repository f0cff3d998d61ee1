"""The table of items

Revision: rentals_0001
Revises: nothing
"""

from __future__ import annotations

import crmkit
import sqlalchemy as sa
from alembic import op

revision = "rentals_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLE = "rentals_item"


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        TABLE,
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("finished_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_rentals_item_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["crm_user.id"],
            name=op.f("fk_rentals_item_owner_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["crm_team.id"],
            name=op.f("fk_rentals_item_team_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rentals_item")),
    )
    op.create_index(op.f("ix_rentals_item_customer_id"), TABLE, ["customer_id"])
    op.create_index("ix_rentals_item_due", TABLE, ["due_on", "id"])
    op.create_index(op.f("ix_rentals_item_owner_id"), TABLE, ["owner_id"])
    op.create_index(op.f("ix_rentals_item_team_id"), TABLE, ["team_id"])


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table(TABLE)
