"""Working calendars

Revision: work_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "work_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "work_calendar",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("week", crmkit.json_type(), nullable=False),
        sa.Column("holiday_country", sa.String(length=2), nullable=True),
        sa.Column("holiday_subdivision", sa.String(length=20), nullable=True),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_work_calendar_name")),
    )
    op.create_table(
        "work_calendar_day",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("calendar_id", crmkit.Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("hours", crmkit.json_type(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["work_calendar.id"], name=op.f("fk_work_calendar_day_calendar_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_calendar_day")),
        sa.UniqueConstraint("calendar_id", "day", "kind", name=op.f("uq_work_calendar_day_calendar_id_day_kind")),
    )
    op.create_table(
        "work_customer_calendar",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("calendar_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["work_calendar.id"],
            name=op.f("fk_work_customer_calendar_calendar_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_customer_calendar_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_customer_calendar")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_work_customer_calendar_customer_id")),
    )
    with op.batch_alter_table("work_customer_calendar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_customer_calendar_calendar_id"), ["calendar_id"], unique=False)

    op.create_table(
        "work_team_calendar",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("team_id", crmkit.Id(), nullable=False),
        sa.Column("calendar_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["work_calendar.id"], name=op.f("fk_work_team_calendar_calendar_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_work_team_calendar_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_team_calendar")),
        sa.UniqueConstraint("team_id", name=op.f("uq_work_team_calendar_team_id")),
    )
    with op.batch_alter_table("work_team_calendar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_team_calendar_calendar_id"), ["calendar_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("work_team_calendar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_team_calendar_calendar_id"))

    op.drop_table("work_team_calendar")
    with op.batch_alter_table("work_customer_calendar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_customer_calendar_calendar_id"))

    op.drop_table("work_customer_calendar")
    op.drop_table("work_calendar_day")
    op.drop_table("work_calendar")
