"""Opportunities

Revision: sales_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "sales_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "sales_opportunity",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.Column("lost_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_opportunity_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_opportunity_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_sales_opportunity_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_opportunity")),
    )
    with op.batch_alter_table("sales_opportunity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_opportunity_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_sales_opportunity_stage", ["stage", "expected_close"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_team_id"), ["team_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("sales_opportunity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_team_id"))
        batch_op.drop_index("ix_sales_opportunity_stage")
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_owner_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_customer_id"))

    op.drop_table("sales_opportunity")
