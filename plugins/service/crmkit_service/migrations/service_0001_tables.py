"""tables

Revision: service_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "service_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "service_case_type",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("states", crmkit.json_type(), nullable=False),
        sa.Column("moves", crmkit.json_type(), nullable=False),
        sa.Column("required", crmkit.json_type(), nullable=False),
        sa.Column("follow_up_days", sa.Integer(), nullable=False),
        sa.Column("close_days", sa.Integer(), nullable=True),
        sa.Column("default_priority", sa.String(length=6), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_case_type")),
        sa.UniqueConstraint("name", name=op.f("uq_service_case_type_name")),
    )
    op.create_table(
        "service_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_counter")),
    )
    op.create_table(
        "service_handling_rate",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("since_at", crmkit.Instant(), nullable=False),
        sa.Column("hourly_minor", sa.Integer(), nullable=False),
        sa.Column("usual_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_handling_rate")),
        sa.UniqueConstraint("since", name=op.f("uq_service_handling_rate_since")),
    )
    with op.batch_alter_table("service_handling_rate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_handling_rate_since_at"), ["since_at"], unique=False)

    op.create_table(
        "service_heartbeat",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("ticked_at", crmkit.Instant(), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_heartbeat")),
    )
    op.create_table(
        "service_intent",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_service_intent_queue_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_intent")),
        sa.UniqueConstraint("name", name=op.f("uq_service_intent_name")),
    )
    with op.batch_alter_table("service_intent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_intent_queue_id"), ["queue_id"], unique=False)

    op.create_table(
        "service_intent_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("learnt_at", crmkit.Instant(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("intents", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Float(), nullable=False),
        sa.Column("top3", sa.Float(), nullable=False),
        sa.Column("calibration_error", sa.Float(), nullable=False),
        sa.Column("evaluation", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_intent_model")),
        sa.UniqueConstraint("number", name=op.f("uq_service_intent_model_number")),
    )
    op.create_table(
        "service_ladder",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("steps", sa.String(length=4000), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_ladder")),
        sa.UniqueConstraint("name", name=op.f("uq_service_ladder_name")),
    )
    op.create_table(
        "service_macro",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("steps", crmkit.json_type(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_service_macro_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_service_macro_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_macro")),
    )
    with op.batch_alter_table("service_macro", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_macro_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_macro_team_id"), ["team_id"], unique=False)

    op.create_table(
        "service_rota",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rota")),
        sa.UniqueConstraint("name", name=op.f("uq_service_rota_name")),
    )
    op.create_table(
        "service_saved_reply",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=10000), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("intent", sa.String(length=80), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_service_saved_reply_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_service_saved_reply_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_saved_reply")),
    )
    with op.batch_alter_table("service_saved_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_saved_reply_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_saved_reply_team_id"), ["team_id"], unique=False)

    op.create_table(
        "service_view",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("filters", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_service_view_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_service_view_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_view")),
    )
    with op.batch_alter_table("service_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_view_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_view_team_id"), ["team_id"], unique=False)

    op.create_table(
        "service_case",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False),
        sa.Column("state_since", crmkit.Instant(), nullable=False),
        sa.Column("priority", sa.String(length=6), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("resolved_at", crmkit.Instant(), nullable=True),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.Column("last_in_at", crmkit.Instant(), nullable=True),
        sa.Column("last_out_at", crmkit.Instant(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("due_clock", sa.String(length=20), nullable=True),
        sa.Column("breached", sa.Boolean(), nullable=False),
        sa.Column("parent_id", crmkit.Id(), nullable=True),
        sa.Column("problem_id", crmkit.Id(), nullable=True),
        sa.Column("follows_id", crmkit.Id(), nullable=True),
        sa.Column("merged_into_id", crmkit.Id(), nullable=True),
        sa.Column("intent", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("purchase_id", crmkit.Id(), nullable=True),
        sa.Column("about", sa.String(length=160), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_case_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["service_case.id"], name=op.f("fk_service_case_follows_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["service_case.id"], name=op.f("fk_service_case_merged_into_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_service_case_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["service_case.id"], name=op.f("fk_service_case_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["service_case.id"], name=op.f("fk_service_case_problem_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_service_case_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["crm_interaction.id"], name=op.f("fk_service_case_purchase_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_service_case_queue_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_service_case_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["service_case_type.id"], name=op.f("fk_service_case_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_case")),
        sa.UniqueConstraint("number", name=op.f("uq_service_case_number")),
    )
    with op.batch_alter_table("service_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_case_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_follows_id"), ["follows_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index("ix_service_case_opened", ["opened_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_service_case_owner_phase", ["owner_id", "phase", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_service_case_phase", ["phase", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_problem_id"), ["problem_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_purchase_id"), ["purchase_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_queue_id"), ["queue_id"], unique=False)
        batch_op.create_index("ix_service_case_queue_phase", ["queue_id", "phase", "due_at"], unique=False)
        batch_op.create_index("ix_service_case_state", ["state", "state_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_type_id"), ["type_id"], unique=False)
        batch_op.create_index("uq_service_case_external", ["source", "external_id"], unique=True)

    op.create_table(
        "service_channel",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("mailbox", sa.String(length=60), nullable=True),
        sa.Column("type_id", crmkit.Id(), nullable=True),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("acknowledges", sa.Boolean(), nullable=False),
        sa.Column("rates", sa.Boolean(), nullable=False),
        sa.Column("fields", crmkit.json_type(), nullable=False),
        sa.Column("texts", crmkit.json_type(), nullable=False),
        sa.Column("purposes", crmkit.json_type(), nullable=False),
        sa.Column("origins", crmkit.json_type(), nullable=False),
        sa.Column("hourly", sa.Integer(), nullable=False),
        sa.Column("link_id", crmkit.Id(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["work_queue.id"], name=op.f("fk_service_channel_queue_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_service_channel_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["service_case_type.id"], name=op.f("fk_service_channel_type_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_channel")),
        sa.UniqueConstraint("mailbox", name=op.f("uq_service_channel_mailbox")),
        sa.UniqueConstraint("name", name=op.f("uq_service_channel_name")),
    )
    with op.batch_alter_table("service_channel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_channel_queue_id"), ["queue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_channel_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_channel_type_id"), ["type_id"], unique=False)

    op.create_table(
        "service_intent_weights",
        sa.Column("model_id", crmkit.Id(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["service_intent_model.id"],
            name=op.f("fk_service_intent_weights_model_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_service_intent_weights")),
    )
    op.create_table(
        "service_rota_shift",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("rota_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("starts_at", crmkit.Instant(), nullable=False),
        sa.Column("ends_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rota_id"], ["service_rota.id"], name=op.f("fk_service_rota_shift_rota_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_service_rota_shift_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rota_shift")),
    )
    with op.batch_alter_table("service_rota_shift", schema=None) as batch_op:
        batch_op.create_index("ix_service_rota_shift", ["rota_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_rota_shift_user_id"), ["user_id"], unique=False)

    op.create_table(
        "service_sla_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("types", crmkit.json_type(), nullable=False),
        sa.Column("queues", crmkit.json_type(), nullable=False),
        sa.Column("priorities", crmkit.json_type(), nullable=False),
        sa.Column("about", sa.String(length=160), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("calendar", sa.String(length=60), nullable=True),
        sa.Column("ladder_id", crmkit.Id(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_sla_policy_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["service_ladder.id"], name=op.f("fk_service_sla_policy_ladder_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_sla_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_service_sla_policy_name")),
    )
    with op.batch_alter_table("service_sla_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_sla_policy_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_sla_policy_ladder_id"), ["ladder_id"], unique=False)

    op.create_table(
        "service_after_sale",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("purchase_id", crmkit.Id(), nullable=True),
        sa.Column("purchase_line", sa.Integer(), nullable=True),
        sa.Column("serial", sa.String(length=120), nullable=True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("about", sa.String(length=160), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("finished_at", crmkit.Instant(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("work_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("work", sa.String(length=5000), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_after_sale_case_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_after_sale_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_service_after_sale_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_service_after_sale_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["crm_interaction.id"], name=op.f("fk_service_after_sale_purchase_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_service_after_sale_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_after_sale")),
        sa.UniqueConstraint("number", name=op.f("uq_service_after_sale_number")),
    )
    with op.batch_alter_table("service_after_sale", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_after_sale_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_after_sale_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_after_sale_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_after_sale_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_after_sale_purchase_id"), ["purchase_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_after_sale_team_id"), ["team_id"], unique=False)

    op.create_table(
        "service_case_event",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=False),
        sa.Column("after", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("message_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_case_event_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_case_event_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_case_event")),
    )
    with op.batch_alter_table("service_case_event", schema=None) as batch_op:
        batch_op.create_index("ix_service_case_event_case", ["case_id", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_case_event_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_service_case_event_kind", ["kind", "at"], unique=False)

    op.create_table(
        "service_clock",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=False),
        sa.Column("party", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", crmkit.Instant(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("breached_at", crmkit.Instant(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("consumed", sa.Integer(), nullable=False),
        sa.Column("policy_id", crmkit.Id(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=6), nullable=False),
        sa.Column("calendar", sa.String(length=60), nullable=False),
        sa.Column("computed_at", crmkit.Instant(), nullable=False),
        sa.Column("next_at", crmkit.Instant(), nullable=True),
        sa.Column("taken", crmkit.json_type(), nullable=False),
        sa.Column("told_breach", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", crmkit.Instant(), nullable=True),
        sa.Column("acknowledged_by_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"],
            ["crm_user.id"],
            name=op.f("fk_service_clock_acknowledged_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_clock_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_clock_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["service_sla_policy.id"], name=op.f("fk_service_clock_policy_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_clock")),
        sa.UniqueConstraint(
            "case_id", "clock", "party", "number", name=op.f("uq_service_clock_case_id_clock_party_number")
        ),
    )
    with op.batch_alter_table("service_clock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_clock_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_clock_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_clock_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index("ix_service_clock_state", ["state", "due_at"], unique=False)

    op.create_table(
        "service_complaint",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("root_cause", sa.String(length=60), nullable=True),
        sa.Column("upheld", sa.String(length=6), nullable=True),
        sa.Column("redress", sa.String(length=14), nullable=True),
        sa.Column("redress_minor", sa.BigInteger(), nullable=True),
        sa.Column("redress_currency", sa.String(length=3), nullable=True),
        sa.Column("granted_at", crmkit.Instant(), nullable=True),
        sa.Column("regulator", sa.String(length=120), nullable=True),
        sa.Column("regulator_deadline", sa.Date(), nullable=True),
        sa.Column("acknowledged_at", crmkit.Instant(), nullable=True),
        sa.Column("finding_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("finding", sa.String(length=5000), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_complaint_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_complaint_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_complaint")),
        sa.UniqueConstraint("case_id", name=op.f("uq_service_complaint_case_id")),
    )
    with op.batch_alter_table("service_complaint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_complaint_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "service_deflection",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("channel_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("what", sa.String(length=5), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["service_channel.id"], name=op.f("fk_service_deflection_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_deflection")),
    )
    with op.batch_alter_table("service_deflection", schema=None) as batch_op:
        batch_op.create_index("ix_service_deflection_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_deflection_channel_id"), ["channel_id"], unique=False)
        batch_op.create_index("ix_service_deflection_visit", ["visit", "what"], unique=False)

    op.create_table(
        "service_draft",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("seen_id", crmkit.Id(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("then_state", sa.String(length=20), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_draft_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_draft_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_service_draft_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_draft")),
    )
    with op.batch_alter_table("service_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_draft_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_draft_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_service_draft_of", ["case_id", "user_id"], unique=True)

    op.create_table(
        "service_handling",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_handling_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_handling_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_service_handling_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_handling")),
    )
    with op.batch_alter_table("service_handling", schema=None) as batch_op:
        batch_op.create_index("ix_service_handling_at", ["at"], unique=False)
        batch_op.create_index("ix_service_handling_case", ["case_id", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_handling_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_handling_user_id"), ["user_id"], unique=False)

    op.create_table(
        "service_intake",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("channel_id", crmkit.Id(), nullable=True),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("received_at", crmkit.Instant(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("problem", sa.String(length=10), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("case_id", crmkit.Id(), nullable=True),
        sa.Column("sender", sa.String(length=32), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_intake_case_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["service_channel.id"], name=op.f("fk_service_intake_channel_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_intake_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_service_intake_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_intake")),
        sa.UniqueConstraint(
            "external_source", "external_id", name=op.f("uq_service_intake_external_source_external_id")
        ),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_service_intake_interaction_id")),
    )
    with op.batch_alter_table("service_intake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_intake_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_intake_channel_id"), ["channel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_intake_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_service_intake_sender", ["sender", "received_at"], unique=False)
        batch_op.create_index("ix_service_intake_state", ["state", "received_at", "id"], unique=False)

    op.create_table(
        "service_intent_suggestion",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("model_id", crmkit.Id(), nullable=True),
        sa.Column("intent", sa.String(length=80), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("others", crmkit.json_type(), nullable=False),
        sa.Column("answer", sa.String(length=80), nullable=True),
        sa.Column("answered_at", crmkit.Instant(), nullable=True),
        sa.Column("answered_by", crmkit.Id(), nullable=True),
        sa.Column("because_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("because", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["crm_user.id"], name=op.f("fk_service_intent_suggestion_answered_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_intent_suggestion_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_service_intent_suggestion_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["service_intent_model.id"],
            name=op.f("fk_service_intent_suggestion_model_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_intent_suggestion")),
        sa.UniqueConstraint("case_id", name=op.f("uq_service_intent_suggestion_case_id")),
    )
    with op.batch_alter_table("service_intent_suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_intent_suggestion_answer"), ["answer"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_intent_suggestion_answered_by"), ["answered_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_intent_suggestion_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_intent_suggestion_model_id"), ["model_id"], unique=False)

    op.create_table(
        "service_merge",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("into_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("moved", crmkit.json_type(), nullable=False),
        sa.Column("mark_id", crmkit.Id(), nullable=False),
        sa.Column("undone_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_merge_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_merge_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["service_case.id"], name=op.f("fk_service_merge_into_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_merge")),
    )
    with op.batch_alter_table("service_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_merge_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_merge_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_merge_into_id"), ["into_id"], unique=False)

    op.create_table(
        "service_message",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("author_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("files", crmkit.json_type(), nullable=False),
        sa.Column("delivery", sa.String(length=8), nullable=False),
        sa.Column("from_case_id", crmkit.Id(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["crm_user.id"], name=op.f("fk_service_message_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_message_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_message_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_service_message_interaction_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_message")),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_service_message_interaction_id")),
    )
    with op.batch_alter_table("service_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_message_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_service_message_case", ["case_id", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_message_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "service_presence",
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("doing", sa.String(length=8), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("until", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_presence_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_service_presence_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_service_presence")),
    )
    with op.batch_alter_table("service_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_presence_until"), ["until"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_presence_user_id"), ["user_id"], unique=False)

    op.create_table(
        "service_rating",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rated_at", crmkit.Instant(), nullable=False),
        sa.Column("comment", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_rating_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_rating_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_service_rating_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_service_rating_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rating")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_service_rating_case_id_round")),
    )
    with op.batch_alter_table("service_rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_rating_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_rating_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_service_rating_rated", ["rated_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_rating_team_id"), ["team_id"], unique=False)

    op.create_table(
        "service_sla_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("policy_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("clocks", crmkit.json_type(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["service_sla_policy.id"], name=op.f("fk_service_sla_version_policy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_service_sla_version_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_sla_version")),
        sa.UniqueConstraint("policy_id", "number", name=op.f("uq_service_sla_version_policy_id_number")),
    )
    op.create_table(
        "service_suggestion_use",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("used_from", sa.String(length=12), nullable=False),
        sa.Column("source_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_suggestion_use_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_suggestion_use_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_suggestion_use")),
    )
    with op.batch_alter_table("service_suggestion_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_suggestion_use_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_suggestion_use_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_service_suggestion_use_of", ["used_from", "source_id"], unique=False)

    op.create_table(
        "service_departure",
        sa.Column("outgoing_id", crmkit.Id(), nullable=False),
        sa.Column("message_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_departure_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["service_message.id"], name=op.f("fk_service_departure_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outgoing_id", name=op.f("pk_service_departure")),
    )
    with op.batch_alter_table("service_departure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_departure_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_departure_message_id"), ["message_id"], unique=False)

    op.create_table(
        "service_escalation",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("case_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("clock_id", crmkit.Id(), nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=False),
        sa.Column("ladder", sa.String(length=60), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("whom", sa.String(length=80), nullable=False),
        sa.Column("planned_at", crmkit.Instant(), nullable=False),
        sa.Column("fired_at", crmkit.Instant(), nullable=False),
        sa.Column("late_seconds", sa.Integer(), nullable=False),
        sa.Column("told", crmkit.json_type(), nullable=False),
        sa.Column("done", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_service_escalation_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["service_clock.id"], name=op.f("fk_service_escalation_clock_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_service_escalation_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_escalation")),
        sa.UniqueConstraint(
            "clock_id", "seconds", "step", "turn", name=op.f("uq_service_escalation_clock_id_seconds_step_turn")
        ),
    )
    with op.batch_alter_table("service_escalation", schema=None) as batch_op:
        batch_op.create_index("ix_service_escalation_case", ["case_id", "fired_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_escalation_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_service_escalation_fired", ["fired_at"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("service_escalation", schema=None) as batch_op:
        batch_op.drop_index("ix_service_escalation_fired")
        batch_op.drop_index(batch_op.f("ix_service_escalation_customer_id"))
        batch_op.drop_index("ix_service_escalation_case")

    op.drop_table("service_escalation")
    with op.batch_alter_table("service_departure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_departure_message_id"))
        batch_op.drop_index(batch_op.f("ix_service_departure_customer_id"))

    op.drop_table("service_departure")
    with op.batch_alter_table("service_suggestion_use", schema=None) as batch_op:
        batch_op.drop_index("ix_service_suggestion_use_of")
        batch_op.drop_index(batch_op.f("ix_service_suggestion_use_customer_id"))
        batch_op.drop_index(batch_op.f("ix_service_suggestion_use_case_id"))

    op.drop_table("service_suggestion_use")
    op.drop_table("service_sla_version")
    with op.batch_alter_table("service_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_rating_team_id"))
        batch_op.drop_index("ix_service_rating_rated")
        batch_op.drop_index(batch_op.f("ix_service_rating_owner_id"))
        batch_op.drop_index(batch_op.f("ix_service_rating_customer_id"))

    op.drop_table("service_rating")
    with op.batch_alter_table("service_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_presence_user_id"))
        batch_op.drop_index(batch_op.f("ix_service_presence_until"))

    op.drop_table("service_presence")
    with op.batch_alter_table("service_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_message_customer_id"))
        batch_op.drop_index("ix_service_message_case")
        batch_op.drop_index(batch_op.f("ix_service_message_author_id"))

    op.drop_table("service_message")
    with op.batch_alter_table("service_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_merge_into_id"))
        batch_op.drop_index(batch_op.f("ix_service_merge_customer_id"))
        batch_op.drop_index(batch_op.f("ix_service_merge_case_id"))

    op.drop_table("service_merge")
    with op.batch_alter_table("service_intent_suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_intent_suggestion_model_id"))
        batch_op.drop_index(batch_op.f("ix_service_intent_suggestion_customer_id"))
        batch_op.drop_index(batch_op.f("ix_service_intent_suggestion_answered_by"))
        batch_op.drop_index(batch_op.f("ix_service_intent_suggestion_answer"))

    op.drop_table("service_intent_suggestion")
    with op.batch_alter_table("service_intake", schema=None) as batch_op:
        batch_op.drop_index("ix_service_intake_state")
        batch_op.drop_index("ix_service_intake_sender")
        batch_op.drop_index(batch_op.f("ix_service_intake_customer_id"))
        batch_op.drop_index(batch_op.f("ix_service_intake_channel_id"))
        batch_op.drop_index(batch_op.f("ix_service_intake_case_id"))

    op.drop_table("service_intake")
    with op.batch_alter_table("service_handling", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_handling_user_id"))
        batch_op.drop_index(batch_op.f("ix_service_handling_customer_id"))
        batch_op.drop_index("ix_service_handling_case")
        batch_op.drop_index("ix_service_handling_at")

    op.drop_table("service_handling")
    with op.batch_alter_table("service_draft", schema=None) as batch_op:
        batch_op.drop_index("uq_service_draft_of")
        batch_op.drop_index(batch_op.f("ix_service_draft_user_id"))
        batch_op.drop_index(batch_op.f("ix_service_draft_customer_id"))

    op.drop_table("service_draft")
    with op.batch_alter_table("service_deflection", schema=None) as batch_op:
        batch_op.drop_index("ix_service_deflection_visit")
        batch_op.drop_index(batch_op.f("ix_service_deflection_channel_id"))
        batch_op.drop_index("ix_service_deflection_at")

    op.drop_table("service_deflection")
    with op.batch_alter_table("service_complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_complaint_customer_id"))

    op.drop_table("service_complaint")
    with op.batch_alter_table("service_clock", schema=None) as batch_op:
        batch_op.drop_index("ix_service_clock_state")
        batch_op.drop_index(batch_op.f("ix_service_clock_policy_id"))
        batch_op.drop_index(batch_op.f("ix_service_clock_next_at"))
        batch_op.drop_index(batch_op.f("ix_service_clock_customer_id"))

    op.drop_table("service_clock")
    with op.batch_alter_table("service_case_event", schema=None) as batch_op:
        batch_op.drop_index("ix_service_case_event_kind")
        batch_op.drop_index(batch_op.f("ix_service_case_event_customer_id"))
        batch_op.drop_index("ix_service_case_event_case")

    op.drop_table("service_case_event")
    with op.batch_alter_table("service_after_sale", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_after_sale_team_id"))
        batch_op.drop_index(batch_op.f("ix_service_after_sale_purchase_id"))
        batch_op.drop_index(batch_op.f("ix_service_after_sale_product_id"))
        batch_op.drop_index(batch_op.f("ix_service_after_sale_owner_id"))
        batch_op.drop_index(batch_op.f("ix_service_after_sale_customer_id"))
        batch_op.drop_index(batch_op.f("ix_service_after_sale_case_id"))

    op.drop_table("service_after_sale")
    with op.batch_alter_table("service_sla_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_sla_policy_ladder_id"))
        batch_op.drop_index(batch_op.f("ix_service_sla_policy_customer_id"))

    op.drop_table("service_sla_policy")
    with op.batch_alter_table("service_rota_shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_rota_shift_user_id"))
        batch_op.drop_index("ix_service_rota_shift")

    op.drop_table("service_rota_shift")
    op.drop_table("service_intent_weights")
    with op.batch_alter_table("service_channel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_channel_type_id"))
        batch_op.drop_index(batch_op.f("ix_service_channel_team_id"))
        batch_op.drop_index(batch_op.f("ix_service_channel_queue_id"))

    op.drop_table("service_channel")
    with op.batch_alter_table("service_case", schema=None) as batch_op:
        batch_op.drop_index("uq_service_case_external")
        batch_op.drop_index(batch_op.f("ix_service_case_type_id"))
        batch_op.drop_index(batch_op.f("ix_service_case_team_id"))
        batch_op.drop_index("ix_service_case_state")
        batch_op.drop_index("ix_service_case_queue_phase")
        batch_op.drop_index(batch_op.f("ix_service_case_queue_id"))
        batch_op.drop_index(batch_op.f("ix_service_case_purchase_id"))
        batch_op.drop_index(batch_op.f("ix_service_case_product_id"))
        batch_op.drop_index(batch_op.f("ix_service_case_problem_id"))
        batch_op.drop_index("ix_service_case_phase")
        batch_op.drop_index(batch_op.f("ix_service_case_parent_id"))
        batch_op.drop_index("ix_service_case_owner_phase")
        batch_op.drop_index(batch_op.f("ix_service_case_owner_id"))
        batch_op.drop_index("ix_service_case_opened")
        batch_op.drop_index(batch_op.f("ix_service_case_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_service_case_follows_id"))
        batch_op.drop_index(batch_op.f("ix_service_case_customer_id"))

    op.drop_table("service_case")
    with op.batch_alter_table("service_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_view_team_id"))
        batch_op.drop_index(batch_op.f("ix_service_view_owner_id"))

    op.drop_table("service_view")
    with op.batch_alter_table("service_saved_reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_saved_reply_team_id"))
        batch_op.drop_index(batch_op.f("ix_service_saved_reply_owner_id"))

    op.drop_table("service_saved_reply")
    op.drop_table("service_rota")
    with op.batch_alter_table("service_macro", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_macro_team_id"))
        batch_op.drop_index(batch_op.f("ix_service_macro_owner_id"))

    op.drop_table("service_macro")
    op.drop_table("service_ladder")
    op.drop_table("service_intent_model")
    with op.batch_alter_table("service_intent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_intent_queue_id"))

    op.drop_table("service_intent")
    op.drop_table("service_heartbeat")
    with op.batch_alter_table("service_handling_rate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_handling_rate_since_at"))

    op.drop_table("service_handling_rate")
    op.drop_table("service_counter")
    op.drop_table("service_case_type")
