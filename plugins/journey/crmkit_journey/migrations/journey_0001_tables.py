"""tables

Revision: journey_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "journey_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "journey_flow",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("live_number", sa.Integer(), nullable=True),
        sa.Column("draft_number", sa.Integer(), nullable=False),
        sa.Column("halted", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_journey_flow_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_flow")),
        sa.UniqueConstraint("name", name=op.f("uq_journey_flow_name")),
    )
    with op.batch_alter_table("journey_flow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_flow_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "journey_map",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_journey_map_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_map")),
        sa.UniqueConstraint("name", name=op.f("uq_journey_map_name")),
    )
    with op.batch_alter_table("journey_map", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_map_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "journey_alarm",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("value", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("base", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_alarm_flow_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_alarm")),
    )
    with op.batch_alter_table("journey_alarm", schema=None) as batch_op:
        batch_op.create_index("ix_journey_alarm_open", ["flow_id", "ended_at"], unique=False)

    op.create_table(
        "journey_arrival",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_journey_arrival_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_arrival_flow_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_arrival")),
    )
    with op.batch_alter_table("journey_arrival", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_arrival_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("uq_journey_arrival_key", ["flow_id", "customer_id", "key"], unique=True)

    op.create_table(
        "journey_flow_draft",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("document", crmkit.json_type(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_flow_draft_flow_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_journey_flow_draft_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_flow_draft")),
    )
    with op.batch_alter_table("journey_flow_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_flow_draft_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_journey_flow_draft_number", ["flow_id", "number"], unique=True)

    op.create_table(
        "journey_flow_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", crmkit.json_type(), nullable=False),
        sa.Column("moves", crmkit.json_type(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("by_system", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_flow_version_flow_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_journey_flow_version_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_flow_version")),
    )
    with op.batch_alter_table("journey_flow_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_flow_version_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_journey_flow_version_number", ["flow_id", "number"], unique=True)

    op.create_table(
        "journey_map_revision",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("map_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", crmkit.json_type(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["map_id"], ["journey_map.id"], name=op.f("fk_journey_map_revision_map_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_journey_map_revision_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_map_revision")),
    )
    with op.batch_alter_table("journey_map_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_map_revision_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_journey_map_revision_number", ["map_id", "number"], unique=True)

    op.create_table(
        "journey_passage",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("began_at", crmkit.Instant(), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("wake_at", crmkit.Instant(), nullable=True),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("kinds", crmkit.json_type(), nullable=False),
        sa.Column("rounds", crmkit.json_type(), nullable=False),
        sa.Column("heard", crmkit.json_type(), nullable=False),
        sa.Column("goal_at", crmkit.Instant(), nullable=True),
        sa.Column("goal_until", crmkit.Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("of_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_journey_passage_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_passage_flow_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["of_id"], ["journey_passage.id"], name=op.f("fk_journey_passage_of_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_passage")),
    )
    with op.batch_alter_table("journey_passage", schema=None) as batch_op:
        batch_op.create_index("ix_journey_passage_customer", ["customer_id", "goal_until"], unique=False)
        batch_op.create_index("ix_journey_passage_due", ["flow_id", "due_at"], unique=False)
        batch_op.create_index("ix_journey_passage_node", ["flow_id", "status", "node"], unique=False)
        batch_op.create_index(batch_op.f("ix_journey_passage_of_id"), ["of_id"], unique=False)
        batch_op.create_index("uq_journey_passage_number", ["flow_id", "customer_id", "number"], unique=True)

    op.create_table(
        "journey_watch",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("stuck_days", sa.Integer(), nullable=False),
        sa.Column("failed_share", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("quiet_days", sa.Integer(), nullable=False),
        sa.Column("pause", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_watch_flow_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_watch")),
        sa.UniqueConstraint("flow_id", name=op.f("uq_journey_watch_flow_id")),
    )
    op.create_table(
        "journey_passage_step",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("passage_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("flow_id", crmkit.Id(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("answers", crmkit.json_type(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("occurred_at", crmkit.Instant(), nullable=True),
        sa.Column("act", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("to", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("wake_at", crmkit.Instant(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_journey_passage_step_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["journey_flow.id"], name=op.f("fk_journey_passage_step_flow_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["journey_passage.id"], name=op.f("fk_journey_passage_step_passage_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_passage_step")),
    )
    with op.batch_alter_table("journey_passage_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journey_passage_step_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_journey_passage_step_node", ["flow_id", "node", "at"], unique=False)
        batch_op.create_index("uq_journey_passage_step_number", ["passage_id", "number"], unique=True)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("journey_passage_step", schema=None) as batch_op:
        batch_op.drop_index("uq_journey_passage_step_number")
        batch_op.drop_index("ix_journey_passage_step_node")
        batch_op.drop_index(batch_op.f("ix_journey_passage_step_customer_id"))

    op.drop_table("journey_passage_step")
    op.drop_table("journey_watch")
    with op.batch_alter_table("journey_passage", schema=None) as batch_op:
        batch_op.drop_index("uq_journey_passage_number")
        batch_op.drop_index(batch_op.f("ix_journey_passage_of_id"))
        batch_op.drop_index("ix_journey_passage_node")
        batch_op.drop_index("ix_journey_passage_due")
        batch_op.drop_index("ix_journey_passage_customer")

    op.drop_table("journey_passage")
    with op.batch_alter_table("journey_map_revision", schema=None) as batch_op:
        batch_op.drop_index("uq_journey_map_revision_number")
        batch_op.drop_index(batch_op.f("ix_journey_map_revision_user_id"))

    op.drop_table("journey_map_revision")
    with op.batch_alter_table("journey_flow_version", schema=None) as batch_op:
        batch_op.drop_index("uq_journey_flow_version_number")
        batch_op.drop_index(batch_op.f("ix_journey_flow_version_user_id"))

    op.drop_table("journey_flow_version")
    with op.batch_alter_table("journey_flow_draft", schema=None) as batch_op:
        batch_op.drop_index("uq_journey_flow_draft_number")
        batch_op.drop_index(batch_op.f("ix_journey_flow_draft_user_id"))

    op.drop_table("journey_flow_draft")
    with op.batch_alter_table("journey_arrival", schema=None) as batch_op:
        batch_op.drop_index("uq_journey_arrival_key")
        batch_op.drop_index(batch_op.f("ix_journey_arrival_customer_id"))

    op.drop_table("journey_arrival")
    with op.batch_alter_table("journey_alarm", schema=None) as batch_op:
        batch_op.drop_index("ix_journey_alarm_open")

    op.drop_table("journey_alarm")
    with op.batch_alter_table("journey_map", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journey_map_owner_id"))

    op.drop_table("journey_map")
    with op.batch_alter_table("journey_flow", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journey_flow_owner_id"))

    op.drop_table("journey_flow")
