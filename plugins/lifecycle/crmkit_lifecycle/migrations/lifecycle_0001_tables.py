"""tables

Revision: lifecycle_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "lifecycle_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "lifecycle_activity_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("usual_days", sa.Integer(), nullable=False),
        sa.Column("least_days", sa.Integer(), nullable=False),
        sa.Column("silent_factor", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("lost_factor", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("learnt_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_activity_policy")),
    )
    with op.batch_alter_table("lifecycle_activity_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_activity_policy_since"), ["since"], unique=False)

    op.create_table(
        "lifecycle_care_plan",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("eligible", sa.String(length=2000), nullable=False),
        sa.Column("success", sa.String(length=2000), nullable=False),
        sa.Column("task", sa.String(length=300), nullable=False),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("wait_days", sa.Integer(), nullable=False),
        sa.Column("cool_down_days", sa.Integer(), nullable=False),
        sa.Column("most_attempts", sa.Integer(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.Column("control_percent", crmkit.ScaledDecimal(4), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_lifecycle_care_plan_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_care_plan")),
        sa.UniqueConstraint("name", name=op.f("uq_lifecycle_care_plan_name")),
    )
    with op.batch_alter_table("lifecycle_care_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_care_plan_team_id"), ["team_id"], unique=False)

    op.create_table(
        "lifecycle_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("roll_up", sa.String(length=10), nullable=False),
        sa.Column("roll_up_kind", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_model")),
        sa.UniqueConstraint("name", name=op.f("uq_lifecycle_model_name")),
    )
    op.create_table(
        "lifecycle_review",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("told_at", crmkit.Instant(), nullable=True),
        sa.Column("handled_by", crmkit.Id(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_lifecycle_review_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["handled_by"], ["crm_user.id"], name=op.f("fk_lifecycle_review_handled_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_lifecycle_review_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_lifecycle_review_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_review")),
    )
    with op.batch_alter_table("lifecycle_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_review_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_review_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_review_handled_by"), ["handled_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_review_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_lifecycle_review_state", ["state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_review_team_id"), ["team_id"], unique=False)

    op.create_table(
        "lifecycle_source_cost",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_source_cost")),
    )
    with op.batch_alter_table("lifecycle_source_cost", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_source_cost_source"), ["source"], unique=False)

    op.create_table(
        "lifecycle_template",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_template")),
        sa.UniqueConstraint("name", name=op.f("uq_lifecycle_template_name")),
    )
    op.create_table(
        "lifecycle_attempt",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("plan_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("began_at", crmkit.Instant(), nullable=False),
        sa.Column("until", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("evidence", crmkit.json_type(), nullable=False),
        sa.Column("task_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_lifecycle_attempt_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["lifecycle_care_plan.id"], name=op.f("fk_lifecycle_attempt_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_attempt")),
    )
    with op.batch_alter_table("lifecycle_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_lifecycle_attempt_of", ["customer_id", "plan_id", "number"], unique=False)
        batch_op.create_index("ix_lifecycle_attempt_state", ["plan_id", "state", "until"], unique=False)

    op.create_table(
        "lifecycle_checklist",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("template_id", crmkit.Id(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("began_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_lifecycle_checklist_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_lifecycle_checklist_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_lifecycle_checklist_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["lifecycle_template.id"],
            name=op.f("fk_lifecycle_checklist_template_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_checklist")),
    )
    with op.batch_alter_table("lifecycle_checklist", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_template_id"), ["template_id"], unique=False)

    op.create_table(
        "lifecycle_rolled_up",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("model_id", crmkit.Id(), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("stage_name", sa.String(length=60), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("people", crmkit.json_type(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_lifecycle_rolled_up_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["lifecycle_model.id"], name=op.f("fk_lifecycle_rolled_up_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_rolled_up")),
    )
    with op.batch_alter_table("lifecycle_rolled_up", schema=None) as batch_op:
        batch_op.create_index("ix_lifecycle_rolled_up_of", ["customer_id", "model_id", "since"], unique=False)

    op.create_table(
        "lifecycle_template_item",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("template_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=10), nullable=False),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("done_when", sa.String(length=2000), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_lifecycle_template_item_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["lifecycle_template.id"],
            name=op.f("fk_lifecycle_template_item_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_template_item")),
    )
    with op.batch_alter_table("lifecycle_template_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_template_item_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_template_item_template_id"), ["template_id"], unique=False)

    op.create_table(
        "lifecycle_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("model_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=True),
        sa.Column("among", sa.String(length=2000), nullable=False),
        sa.Column("leave", sa.String(length=2000), nullable=False),
        sa.Column("again", sa.String(length=2000), nullable=False),
        sa.Column("again_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["lifecycle_model.id"], name=op.f("fk_lifecycle_version_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_version")),
        sa.UniqueConstraint("model_id", "number", name=op.f("uq_lifecycle_version_model_id_number")),
    )
    op.create_table(
        "lifecycle_checklist_item",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("checklist_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("done_when", sa.String(length=2000), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("done_by", sa.String(length=8), nullable=True),
        sa.Column("evidence", crmkit.json_type(), nullable=False),
        sa.Column("task_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["lifecycle_checklist.id"],
            name=op.f("fk_lifecycle_checklist_item_checklist_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_lifecycle_checklist_item_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_checklist_item")),
    )
    with op.batch_alter_table("lifecycle_checklist_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_item_checklist_id"), ["checklist_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_item_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_checklist_item_task_id"), ["task_id"], unique=False)

    op.create_table(
        "lifecycle_stage",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("key", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("enter", sa.String(length=2000), nullable=False),
        sa.Column("leave", sa.String(length=2000), nullable=False),
        sa.Column("moves", crmkit.json_type(), nullable=False),
        sa.Column("owner_role", sa.String(length=60), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=True),
        sa.Column("hand_to_team_id", crmkit.Id(), nullable=True),
        sa.Column("accept_minutes", sa.Integer(), nullable=False),
        sa.Column("declined_to", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=10), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hand_to_team_id"], ["crm_team.id"], name=op.f("fk_lifecycle_stage_hand_to_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lifecycle_version.id"], name=op.f("fk_lifecycle_stage_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_stage")),
        sa.UniqueConstraint("version_id", "name", name=op.f("uq_lifecycle_stage_version_id_name")),
    )
    with op.batch_alter_table("lifecycle_stage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_stage_hand_to_team_id"), ["hand_to_team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_stage_key"), ["key"], unique=False)

    op.create_table(
        "lifecycle_passage",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("model_id", crmkit.Id(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage_id", crmkit.Id(), nullable=False),
        sa.Column("stage_key", crmkit.Id(), nullable=False),
        sa.Column("began_at", crmkit.Instant(), nullable=False),
        sa.Column("stage_since", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=4), nullable=True),
        sa.Column("armed", sa.Boolean(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("late_at", crmkit.Instant(), nullable=True),
        sa.Column("handoff_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_lifecycle_passage_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["lifecycle_model.id"], name=op.f("fk_lifecycle_passage_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["lifecycle_stage.id"], name=op.f("fk_lifecycle_passage_stage_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lifecycle_version.id"], name=op.f("fk_lifecycle_passage_version_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_passage")),
    )
    with op.batch_alter_table("lifecycle_passage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_passage_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_passage_handoff_id"), ["handoff_id"], unique=False)
        batch_op.create_index("ix_lifecycle_passage_of", ["customer_id", "model_id", "number"], unique=False)
        batch_op.create_index("ix_lifecycle_passage_open", ["model_id", "ended_at", "stage_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_passage_stage_id"), ["stage_id"], unique=False)

    op.create_table(
        "lifecycle_interval",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("passage_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("model_id", crmkit.Id(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("stage_id", crmkit.Id(), nullable=False),
        sa.Column("stage_key", crmkit.Id(), nullable=False),
        sa.Column("stage_name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("entered_at", crmkit.Instant(), nullable=False),
        sa.Column("left_at", crmkit.Instant(), nullable=True),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("left_recorded_at", crmkit.Instant(), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("moved_by", sa.String(length=80), nullable=True),
        sa.Column("evidence", crmkit.json_type(), nullable=False),
        sa.Column("handoff_id", crmkit.Id(), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("answered_at", crmkit.Instant(), nullable=True),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("declined_why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_lifecycle_interval_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["lifecycle_model.id"], name=op.f("fk_lifecycle_interval_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["lifecycle_passage.id"], name=op.f("fk_lifecycle_interval_passage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["lifecycle_stage.id"], name=op.f("fk_lifecycle_interval_stage_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lifecycle_version.id"], name=op.f("fk_lifecycle_interval_version_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lifecycle_interval")),
    )
    with op.batch_alter_table("lifecycle_interval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lifecycle_interval_handoff_id"), ["handoff_id"], unique=False)
        batch_op.create_index("ix_lifecycle_interval_model", ["model_id", "entered_at"], unique=False)
        batch_op.create_index("ix_lifecycle_interval_of", ["customer_id", "model_id", "entered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lifecycle_interval_passage_id"), ["passage_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("lifecycle_interval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_interval_passage_id"))
        batch_op.drop_index("ix_lifecycle_interval_of")
        batch_op.drop_index("ix_lifecycle_interval_model")
        batch_op.drop_index(batch_op.f("ix_lifecycle_interval_handoff_id"))

    op.drop_table("lifecycle_interval")
    with op.batch_alter_table("lifecycle_passage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_passage_stage_id"))
        batch_op.drop_index("ix_lifecycle_passage_open")
        batch_op.drop_index("ix_lifecycle_passage_of")
        batch_op.drop_index(batch_op.f("ix_lifecycle_passage_handoff_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_passage_due_at"))

    op.drop_table("lifecycle_passage")
    with op.batch_alter_table("lifecycle_stage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_stage_key"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_stage_hand_to_team_id"))

    op.drop_table("lifecycle_stage")
    with op.batch_alter_table("lifecycle_checklist_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_item_task_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_item_customer_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_item_checklist_id"))

    op.drop_table("lifecycle_checklist_item")
    op.drop_table("lifecycle_version")
    with op.batch_alter_table("lifecycle_template_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_template_item_template_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_template_item_team_id"))

    op.drop_table("lifecycle_template_item")
    with op.batch_alter_table("lifecycle_rolled_up", schema=None) as batch_op:
        batch_op.drop_index("ix_lifecycle_rolled_up_of")

    op.drop_table("lifecycle_rolled_up")
    with op.batch_alter_table("lifecycle_checklist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_template_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_team_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_owner_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_checklist_customer_id"))

    op.drop_table("lifecycle_checklist")
    with op.batch_alter_table("lifecycle_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_lifecycle_attempt_state")
        batch_op.drop_index("ix_lifecycle_attempt_of")

    op.drop_table("lifecycle_attempt")
    op.drop_table("lifecycle_template")
    with op.batch_alter_table("lifecycle_source_cost", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_source_cost_source"))

    op.drop_table("lifecycle_source_cost")
    with op.batch_alter_table("lifecycle_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_review_team_id"))
        batch_op.drop_index("ix_lifecycle_review_state")
        batch_op.drop_index(batch_op.f("ix_lifecycle_review_owner_id"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_review_handled_by"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_review_due_on"))
        batch_op.drop_index(batch_op.f("ix_lifecycle_review_customer_id"))

    op.drop_table("lifecycle_review")
    op.drop_table("lifecycle_model")
    with op.batch_alter_table("lifecycle_care_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_care_plan_team_id"))

    op.drop_table("lifecycle_care_plan")
    with op.batch_alter_table("lifecycle_activity_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_activity_policy_since"))

    op.drop_table("lifecycle_activity_policy")
