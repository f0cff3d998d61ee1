"""tables

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
        "work_absence",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("starts_at", crmkit.Instant(), nullable=False),
        sa.Column("ends_at", crmkit.Instant(), nullable=False),
        sa.Column("deputy_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["crm_user.id"], name=op.f("fk_work_absence_deputy_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_work_absence_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_absence")),
    )
    with op.batch_alter_table("work_absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_absence_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index("ix_work_absence_span", ["user_id", "ends_at", "starts_at"], unique=False)

    op.create_table(
        "work_approval_chain",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("steps", crmkit.json_type(), nullable=False),
        sa.Column("expires_minutes", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_approval_chain")),
        sa.UniqueConstraint("name", name=op.f("uq_work_approval_chain_name")),
    )
    op.create_table(
        "work_assignment",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("facts", crmkit.json_type(), nullable=False),
        sa.Column("verdicts", crmkit.json_type(), nullable=False),
        sa.Column("asked", crmkit.json_type(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("decided_at", crmkit.Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_assignment_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_assignment")),
    )
    with op.batch_alter_table("work_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_assignment_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_assignment_decided_at"), ["decided_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_assignment_queue_id"), ["queue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_assignment_ref"), ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_assignment_user_id"), ["user_id"], unique=False)

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
        "work_comment",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("author_id", crmkit.Id(), nullable=True),
        sa.Column("mentioned", crmkit.json_type(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("edited_at", crmkit.Instant(), nullable=True),
        sa.Column("removed_at", crmkit.Instant(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["crm_user.id"], name=op.f("fk_work_comment_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_comment_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_comment")),
    )
    with op.batch_alter_table("work_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_comment_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_comment_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_work_comment_topic", ["topic", "customer_id", "created_at"], unique=False)

    op.create_table(
        "work_heartbeat",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("ticked_at", crmkit.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_work_heartbeat")),
    )
    op.create_table(
        "work_notice",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("domain", sa.String(length=60), nullable=False),
        sa.Column("details", crmkit.json_type(), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("path", sa.String(length=400), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("read_at", crmkit.Instant(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_notice_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_work_notice_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_notice")),
    )
    with op.batch_alter_table("work_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_notice_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_work_notice_ref", ["ref"], unique=False)
        batch_op.create_index("ix_work_notice_unread", ["user_id", "hidden", "read_at", "created_at"], unique=False)

    op.create_table(
        "work_notice_choice",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("wanted", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_notice_choice_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_notice_choice")),
        sa.UniqueConstraint("user_id", "kind", "channel", name=op.f("uq_work_notice_choice_user_id_kind_channel")),
    )
    op.create_table(
        "work_notice_delivery",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt", crmkit.Id(), nullable=True),
        sa.Column("started_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("carrier_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_notice_delivery_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_notice_delivery")),
    )
    with op.batch_alter_table("work_notice_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_work_notice_delivery_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_notice_delivery_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_notice_person",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("daily_at", sa.String(length=5), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_notice_person_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_notice_person")),
        sa.UniqueConstraint("user_id", name=op.f("uq_work_notice_person_user_id")),
    )
    op.create_table(
        "work_person_address",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_person_address_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_person_address")),
        sa.UniqueConstraint("user_id", "channel", name=op.f("uq_work_person_address_user_id_channel")),
    )
    op.create_table(
        "work_task_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_work_task_counter")),
    )
    op.create_table(
        "work_team_lead",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("team_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_work_team_lead_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_team_lead_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_team_lead")),
        sa.UniqueConstraint("team_id", name=op.f("uq_work_team_lead_team_id")),
    )
    with op.batch_alter_table("work_team_lead", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_team_lead_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_watch",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("topic", sa.String(length=160), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_watch_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_work_watch_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_watch")),
    )
    with op.batch_alter_table("work_watch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_watch_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_work_watch_topic", ["topic"], unique=False)
        batch_op.create_index("ix_work_watch_user", ["user_id", "topic"], unique=False)

    op.create_table(
        "work_approval",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("chain_id", crmkit.Id(), nullable=True),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("target_id", crmkit.Id(), nullable=True),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("requester_id", crmkit.Id(), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("progress", crmkit.json_type(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("decided_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("result", sa.String(length=300), nullable=True),
        sa.Column("values", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["work_approval_chain.id"], name=op.f("fk_work_approval_chain_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_approval_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["crm_user.id"], name=op.f("fk_work_approval_requester_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_approval")),
    )
    with op.batch_alter_table("work_approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_approval_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_approval_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_approval_requester_id"), ["requester_id"], unique=False)
        batch_op.create_index("ix_work_approval_state", ["state", "due_at"], unique=False)

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
        "work_comment_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("comment_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", crmkit.Instant(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["work_comment.id"], name=op.f("fk_work_comment_version_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_comment_version_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_comment_version")),
    )
    with op.batch_alter_table("work_comment_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_comment_version_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_comment_version_customer_id"), ["customer_id"], unique=False)

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
        "work_notice_item",
        sa.Column("delivery_id", crmkit.Id(), nullable=False),
        sa.Column("notice_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["work_notice_delivery.id"],
            name=op.f("fk_work_notice_item_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["work_notice.id"], name=op.f("fk_work_notice_item_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "notice_id", name=op.f("pk_work_notice_item")),
    )
    with op.batch_alter_table("work_notice_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_notice_item_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "work_person",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("presence", sa.String(length=10), nullable=False),
        sa.Column("presence_until", crmkit.Instant(), nullable=True),
        sa.Column("presence_note", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("skills", crmkit.json_type(), nullable=False),
        sa.Column("languages", crmkit.json_type(), nullable=False),
        sa.Column("calendar_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["work_calendar.id"], name=op.f("fk_work_person_calendar_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_work_person_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_person")),
        sa.UniqueConstraint("user_id", name=op.f("uq_work_person_user_id")),
    )
    with op.batch_alter_table("work_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_person_calendar_id"), ["calendar_id"], unique=False)

    op.create_table(
        "work_queue",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("sticky", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("skills", crmkit.json_type(), nullable=False),
        sa.Column("languages", crmkit.json_type(), nullable=False),
        sa.Column("calendar_id", crmkit.Id(), nullable=True),
        sa.Column("in_hours", sa.Boolean(), nullable=False),
        sa.Column("max_per_day", sa.Integer(), nullable=True),
        sa.Column("fallback_queue_id", crmkit.Id(), nullable=True),
        sa.Column("fallback_team_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["work_calendar.id"], name=op.f("fk_work_queue_calendar_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["fallback_queue_id"], ["work_queue.id"], name=op.f("fk_work_queue_fallback_queue_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["fallback_team_id"], ["crm_team.id"], name=op.f("fk_work_queue_fallback_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_queue")),
        sa.UniqueConstraint("name", name=op.f("uq_work_queue_name")),
    )
    with op.batch_alter_table("work_queue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_queue_calendar_id"), ["calendar_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_queue_fallback_queue_id"), ["fallback_queue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_queue_fallback_team_id"), ["fallback_team_id"], unique=False)

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

    op.create_table(
        "work_approval_entry",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("approval_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("for_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["work_approval.id"], name=op.f("fk_work_approval_entry_approval_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_approval_entry_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["for_id"], ["crm_user.id"], name=op.f("fk_work_approval_entry_for_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_approval_entry_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_approval_entry")),
    )
    with op.batch_alter_table("work_approval_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_approval_entry_approval_id"), ["approval_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_approval_entry_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "work_handoff",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("from_user_id", crmkit.Id(), nullable=True),
        sa.Column("from_team_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("deputy_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("handed", sa.String(length=10), nullable=False),
        sa.Column("accept_seconds", sa.Integer(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("offered_at", crmkit.Instant(), nullable=False),
        sa.Column("accepted_at", crmkit.Instant(), nullable=True),
        sa.Column("expired_at", crmkit.Instant(), nullable=True),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("request_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("request", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_handoff_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["crm_user.id"], name=op.f("fk_work_handoff_deputy_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["from_team_id"], ["crm_team.id"], name=op.f("fk_work_handoff_from_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["crm_user.id"], name=op.f("fk_work_handoff_from_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_work_handoff_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_handoff_queue_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_work_handoff_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_handoff")),
    )
    with op.batch_alter_table("work_handoff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_handoff_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_from_team_id"), ["from_team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_from_user_id"), ["from_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_queue_id"), ["queue_id"], unique=False)
        batch_op.create_index("ix_work_handoff_ref", ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_team_id"), ["team_id"], unique=False)
        batch_op.create_index("ix_work_handoff_to", ["state", "team_id", "due_at"], unique=False)

    op.create_table(
        "work_ladder",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("steps", sa.String(length=4000), nullable=False),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("priorities", crmkit.json_type(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_ladder_queue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_ladder")),
        sa.UniqueConstraint("name", name=op.f("uq_work_ladder_name")),
    )
    op.create_table(
        "work_load",
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_load_queue_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_work_load_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_work_load")),
    )
    with op.batch_alter_table("work_load", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_load_queue_id"), ["queue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_load_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_queue_member",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("queue_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("max_per_day", sa.Integer(), nullable=True),
        sa.CheckConstraint("user_id IS NULL OR team_id IS NULL", name=op.f("ck_work_queue_member_one_member")),
        sa.CheckConstraint("weight BETWEEN 1 AND 1000", name=op.f("ck_work_queue_member_weight")),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_queue_member_queue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_work_queue_member_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_queue_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_queue_member")),
        sa.UniqueConstraint("queue_id", "team_id", name=op.f("uq_work_queue_member_queue_id_team_id")),
        sa.UniqueConstraint("queue_id", "user_id", name=op.f("uq_work_queue_member_queue_id_user_id")),
    )
    with op.batch_alter_table("work_queue_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_queue_member_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_queue_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_queue_turn",
        sa.Column("queue_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("current", sa.BigInteger(), nullable=False),
        sa.Column("served", sa.BigInteger(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_queue_turn_queue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_queue_turn_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("queue_id", "user_id", name=op.f("pk_work_queue_turn")),
    )
    with op.batch_alter_table("work_queue_turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_queue_turn_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_territory",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parent_id", crmkit.Id(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_work_territory_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["work_territory.id"], name=op.f("fk_work_territory_parent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_territory_queue_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_territory")),
        sa.UniqueConstraint("name", name=op.f("uq_work_territory_name")),
    )
    with op.batch_alter_table("work_territory", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_territory_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_territory_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_territory_queue_id"), ["queue_id"], unique=False)

    op.create_table(
        "work_handoff_step",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("handoff_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_handoff_step_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["work_handoff.id"], name=op.f("fk_work_handoff_step_handoff_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_handoff_step_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_handoff_step")),
    )
    with op.batch_alter_table("work_handoff_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_handoff_step_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_handoff_step_handoff_id"), ["handoff_id"], unique=False)

    op.create_table(
        "work_task",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("given_by_id", crmkit.Id(), nullable=True),
        sa.Column("assignment_id", crmkit.Id(), nullable=True),
        sa.Column("assigned_why", crmkit.json_type(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("due_calendar_id", crmkit.Id(), nullable=True),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("snoozed_until", crmkit.Instant(), nullable=True),
        sa.Column("started_at", crmkit.Instant(), nullable=True),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("done_by_id", crmkit.Id(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("repeat_rule", sa.String(length=300), nullable=True),
        sa.Column("repeat_when", sa.String(length=8), nullable=False),
        sa.Column("repeat_zone", sa.String(length=60), nullable=True),
        sa.Column("repeat_start", crmkit.Instant(), nullable=True),
        sa.Column("series_id", crmkit.Id(), nullable=True),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("repeat_at", crmkit.Instant(), nullable=True),
        sa.Column("ladder_id", crmkit.Id(), nullable=True),
        sa.Column("escalation_at", crmkit.Instant(), nullable=True),
        sa.Column("escalation_index", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", crmkit.Instant(), nullable=True),
        sa.Column("acknowledged_by_id", crmkit.Id(), nullable=True),
        sa.Column("description_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("description", sa.String(length=20000), nullable=True),
        sa.Column("outcome_note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome_note", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["crm_user.id"], name=op.f("fk_work_task_acknowledged_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_task_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["crm_user.id"], name=op.f("fk_work_task_done_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["due_calendar_id"], ["work_calendar.id"], name=op.f("fk_work_task_due_calendar_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["crm_user.id"], name=op.f("fk_work_task_given_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["work_ladder.id"], name=op.f("fk_work_task_ladder_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["crm_user.id"], name=op.f("fk_work_task_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_work_task_queue_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_work_task_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_task")),
        sa.UniqueConstraint("number", name=op.f("uq_work_task_number")),
    )
    with op.batch_alter_table("work_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_task_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_task_done_at"), ["done_at"], unique=False)
        batch_op.create_index(
            "ix_work_task_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index(
            "ix_work_task_escalates",
            ["escalation_at", "id"],
            unique=False,
            sqlite_where=sa.text("escalation_at IS NOT NULL"),
            postgresql_where=sa.text("escalation_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_work_task_given_by_id"), ["given_by_id"], unique=False)
        batch_op.create_index(
            "ix_work_task_mine",
            ["owner_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index(
            "ix_work_task_queued",
            ["queue_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NULL AND done_at IS NULL"),
            postgresql_where=sa.text("owner_id IS NULL AND done_at IS NULL"),
        )
        batch_op.create_index("ix_work_task_ref", ["ref"], unique=False)
        batch_op.create_index(
            "ix_work_task_repeats",
            ["repeat_at", "id"],
            unique=False,
            sqlite_where=sa.text("repeat_at IS NOT NULL"),
            postgresql_where=sa.text("repeat_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_work_task_series_id"), ["series_id"], unique=False)
        batch_op.create_index(
            "ix_work_task_snoozed",
            ["snoozed_until"],
            unique=False,
            sqlite_where=sa.text("snoozed_until IS NOT NULL"),
            postgresql_where=sa.text("snoozed_until IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_work_task_team_id"), ["team_id"], unique=False)

    op.create_table(
        "work_escalation",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("task_id", crmkit.Id(), nullable=False),
        sa.Column("ladder", sa.String(length=60), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=10), nullable=False),
        sa.Column("planned_at", crmkit.Instant(), nullable=False),
        sa.Column("fired_at", crmkit.Instant(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("told", crmkit.json_type(), nullable=False),
        sa.Column("acknowledged_at", crmkit.Instant(), nullable=True),
        sa.Column("acknowledged_by_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"],
            ["crm_user.id"],
            name=op.f("fk_work_escalation_acknowledged_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["work_task.id"], name=op.f("fk_work_escalation_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_escalation")),
    )
    with op.batch_alter_table("work_escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_escalation_task_id"), ["task_id"], unique=False)

    op.create_table(
        "work_reminder",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("task_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("start_at", crmkit.Instant(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("next_at", crmkit.Instant(), nullable=True),
        sa.Column("snoozed", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_reminder_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["work_task.id"], name=op.f("fk_work_reminder_task_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_reminder_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_reminder")),
    )
    with op.batch_alter_table("work_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_reminder_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_work_reminder_next", ["state", "next_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_reminder_task_id"), ["task_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_reminder_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_task_note",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("task_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.String(length=5000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_work_task_note_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["work_task.id"], name=op.f("fk_work_task_note_task_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_work_task_note_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_task_note")),
    )
    with op.batch_alter_table("work_task_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_task_note_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_task_note_task_id"), ["task_id"], unique=False)

    op.create_table(
        "work_reminder_firing",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("reminder_id", crmkit.Id(), nullable=False),
        sa.Column("task_id", crmkit.Id(), nullable=False),
        sa.Column("planned_at", crmkit.Instant(), nullable=False),
        sa.Column("fired_at", crmkit.Instant(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("told", crmkit.json_type(), nullable=False),
        sa.Column("in_place_of", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["work_reminder.id"], name=op.f("fk_work_reminder_firing_reminder_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["work_task.id"], name=op.f("fk_work_reminder_firing_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_reminder_firing")),
    )
    with op.batch_alter_table("work_reminder_firing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_reminder_firing_reminder_id"), ["reminder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_reminder_firing_task_id"), ["task_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("work_reminder_firing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_reminder_firing_task_id"))
        batch_op.drop_index(batch_op.f("ix_work_reminder_firing_reminder_id"))

    op.drop_table("work_reminder_firing")
    with op.batch_alter_table("work_task_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_task_note_task_id"))
        batch_op.drop_index(batch_op.f("ix_work_task_note_customer_id"))

    op.drop_table("work_task_note")
    with op.batch_alter_table("work_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_reminder_user_id"))
        batch_op.drop_index(batch_op.f("ix_work_reminder_task_id"))
        batch_op.drop_index("ix_work_reminder_next")
        batch_op.drop_index(batch_op.f("ix_work_reminder_customer_id"))

    op.drop_table("work_reminder")
    with op.batch_alter_table("work_escalation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_escalation_task_id"))

    op.drop_table("work_escalation")
    with op.batch_alter_table("work_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_task_team_id"))
        batch_op.drop_index(
            "ix_work_task_snoozed",
            sqlite_where=sa.text("snoozed_until IS NOT NULL"),
            postgresql_where=sa.text("snoozed_until IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_work_task_series_id"))
        batch_op.drop_index(
            "ix_work_task_repeats",
            sqlite_where=sa.text("repeat_at IS NOT NULL"),
            postgresql_where=sa.text("repeat_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_work_task_ref")
        batch_op.drop_index(
            "ix_work_task_queued",
            sqlite_where=sa.text("owner_id IS NULL AND done_at IS NULL"),
            postgresql_where=sa.text("owner_id IS NULL AND done_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_work_task_mine", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_work_task_given_by_id"))
        batch_op.drop_index(
            "ix_work_task_escalates",
            sqlite_where=sa.text("escalation_at IS NOT NULL"),
            postgresql_where=sa.text("escalation_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_work_task_due", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_work_task_done_at"))
        batch_op.drop_index(batch_op.f("ix_work_task_customer_id"))

    op.drop_table("work_task")
    with op.batch_alter_table("work_handoff_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_handoff_step_handoff_id"))
        batch_op.drop_index(batch_op.f("ix_work_handoff_step_customer_id"))

    op.drop_table("work_handoff_step")
    with op.batch_alter_table("work_territory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_territory_queue_id"))
        batch_op.drop_index(batch_op.f("ix_work_territory_parent_id"))
        batch_op.drop_index(batch_op.f("ix_work_territory_owner_id"))

    op.drop_table("work_territory")
    with op.batch_alter_table("work_queue_turn", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_queue_turn_user_id"))

    op.drop_table("work_queue_turn")
    with op.batch_alter_table("work_queue_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_queue_member_user_id"))
        batch_op.drop_index(batch_op.f("ix_work_queue_member_team_id"))

    op.drop_table("work_queue_member")
    with op.batch_alter_table("work_load", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_load_user_id"))
        batch_op.drop_index(batch_op.f("ix_work_load_queue_id"))

    op.drop_table("work_load")
    op.drop_table("work_ladder")
    with op.batch_alter_table("work_handoff", schema=None) as batch_op:
        batch_op.drop_index("ix_work_handoff_to")
        batch_op.drop_index(batch_op.f("ix_work_handoff_team_id"))
        batch_op.drop_index("ix_work_handoff_ref")
        batch_op.drop_index(batch_op.f("ix_work_handoff_queue_id"))
        batch_op.drop_index(batch_op.f("ix_work_handoff_owner_id"))
        batch_op.drop_index(batch_op.f("ix_work_handoff_from_user_id"))
        batch_op.drop_index(batch_op.f("ix_work_handoff_from_team_id"))
        batch_op.drop_index(batch_op.f("ix_work_handoff_deputy_id"))
        batch_op.drop_index(batch_op.f("ix_work_handoff_customer_id"))

    op.drop_table("work_handoff")
    with op.batch_alter_table("work_approval_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_approval_entry_customer_id"))
        batch_op.drop_index(batch_op.f("ix_work_approval_entry_approval_id"))

    op.drop_table("work_approval_entry")
    with op.batch_alter_table("work_team_calendar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_team_calendar_calendar_id"))

    op.drop_table("work_team_calendar")
    with op.batch_alter_table("work_queue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_queue_fallback_team_id"))
        batch_op.drop_index(batch_op.f("ix_work_queue_fallback_queue_id"))
        batch_op.drop_index(batch_op.f("ix_work_queue_calendar_id"))

    op.drop_table("work_queue")
    with op.batch_alter_table("work_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_person_calendar_id"))

    op.drop_table("work_person")
    with op.batch_alter_table("work_notice_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_notice_item_notice_id"))

    op.drop_table("work_notice_item")
    with op.batch_alter_table("work_customer_calendar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_customer_calendar_calendar_id"))

    op.drop_table("work_customer_calendar")
    with op.batch_alter_table("work_comment_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_comment_version_customer_id"))
        batch_op.drop_index(batch_op.f("ix_work_comment_version_comment_id"))

    op.drop_table("work_comment_version")
    op.drop_table("work_calendar_day")
    with op.batch_alter_table("work_approval", schema=None) as batch_op:
        batch_op.drop_index("ix_work_approval_state")
        batch_op.drop_index(batch_op.f("ix_work_approval_requester_id"))
        batch_op.drop_index(batch_op.f("ix_work_approval_customer_id"))
        batch_op.drop_index(batch_op.f("ix_work_approval_chain_id"))

    op.drop_table("work_approval")
    with op.batch_alter_table("work_watch", schema=None) as batch_op:
        batch_op.drop_index("ix_work_watch_user")
        batch_op.drop_index("ix_work_watch_topic")
        batch_op.drop_index(batch_op.f("ix_work_watch_customer_id"))

    op.drop_table("work_watch")
    with op.batch_alter_table("work_team_lead", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_team_lead_user_id"))

    op.drop_table("work_team_lead")
    op.drop_table("work_task_counter")
    op.drop_table("work_person_address")
    op.drop_table("work_notice_person")
    with op.batch_alter_table("work_notice_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_notice_delivery_user_id"))
        batch_op.drop_index("ix_work_notice_delivery_due")

    op.drop_table("work_notice_delivery")
    op.drop_table("work_notice_choice")
    with op.batch_alter_table("work_notice", schema=None) as batch_op:
        batch_op.drop_index("ix_work_notice_unread")
        batch_op.drop_index("ix_work_notice_ref")
        batch_op.drop_index(batch_op.f("ix_work_notice_customer_id"))

    op.drop_table("work_notice")
    op.drop_table("work_heartbeat")
    with op.batch_alter_table("work_comment", schema=None) as batch_op:
        batch_op.drop_index("ix_work_comment_topic")
        batch_op.drop_index(batch_op.f("ix_work_comment_customer_id"))
        batch_op.drop_index(batch_op.f("ix_work_comment_author_id"))

    op.drop_table("work_comment")
    op.drop_table("work_calendar")
    with op.batch_alter_table("work_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_assignment_user_id"))
        batch_op.drop_index(batch_op.f("ix_work_assignment_ref"))
        batch_op.drop_index(batch_op.f("ix_work_assignment_queue_id"))
        batch_op.drop_index(batch_op.f("ix_work_assignment_decided_at"))
        batch_op.drop_index(batch_op.f("ix_work_assignment_customer_id"))

    op.drop_table("work_assignment")
    op.drop_table("work_approval_chain")
    with op.batch_alter_table("work_absence", schema=None) as batch_op:
        batch_op.drop_index("ix_work_absence_span")
        batch_op.drop_index(batch_op.f("ix_work_absence_deputy_id"))

    op.drop_table("work_absence")
