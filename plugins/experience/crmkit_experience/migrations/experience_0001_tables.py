"""tables

Revision: experience_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "experience_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "experience_action",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("hypothesis", sa.String(length=2000), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=True),
        sa.Column("audience", sa.String(length=1000), nullable=False),
        sa.Column("compared_with", sa.String(length=1000), nullable=True),
        sa.Column("measure", sa.String(length=1000), nullable=True),
        sa.Column("part", sa.String(length=8), nullable=True),
        sa.Column("mode", sa.String(length=6), nullable=False),
        sa.Column("better", sa.String(length=4), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.String(length=120), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("learnt", sa.String(length=2000), nullable=True),
        sa.Column("method", sa.String(length=12), nullable=True),
        sa.Column("before", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("after", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("effect", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("effect_low", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("effect_high", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("customers", sa.Integer(), nullable=True),
        sa.Column("others", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("measured_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_experience_action_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_action")),
        sa.UniqueConstraint("name", name=op.f("uq_experience_action_name")),
    )
    with op.batch_alter_table("experience_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_action_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_experience_action_state", ["state", "starts_on"], unique=False)

    op.create_table(
        "experience_effort_issue",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("started_at", crmkit.Instant(), nullable=False),
        sa.Column("last_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("switches", sa.Integer(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("wait_minutes", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("elapsed_minutes", sa.Integer(), nullable=False),
        sa.Column("index", sa.Float(), nullable=False),
        sa.Column("level", sa.String(length=6), nullable=False),
        sa.Column("parts", crmkit.json_type(), nullable=False),
        sa.Column("told_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_experience_effort_issue_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_experience_effort_issue_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_experience_effort_issue_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_effort_issue")),
        sa.UniqueConstraint("ref", name=op.f("uq_experience_effort_issue_ref")),
    )
    with op.batch_alter_table("experience_effort_issue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_effort_issue_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_experience_effort_issue_ended", ["ended_on"], unique=False)
        batch_op.create_index("ix_experience_effort_issue_open", ["ended_at", "last_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_effort_issue_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_effort_issue_team_id"), ["team_id"], unique=False)

    op.create_table(
        "experience_friction_step",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("parts", crmkit.json_type(), nullable=False),
        sa.Column("leading", sa.String(length=8), nullable=True),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("excess", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("excess_low", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("excess_high", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("affected", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=True),
        sa.Column("stake_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("worth_by", sa.String(length=120), nullable=True),
        sa.Column("effort_mean", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("score_mean", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_friction_step")),
        sa.UniqueConstraint("step", name=op.f("uq_experience_friction_step_step")),
    )
    with op.batch_alter_table("experience_friction_step", schema=None) as batch_op:
        batch_op.create_index("ix_experience_friction_step_place", ["place"], unique=False)

    op.create_table(
        "experience_promise",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("whole_day", sa.Boolean(), nullable=False),
        sa.Column("promised_at", crmkit.Instant(), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_by_id", crmkit.Id(), nullable=True),
        sa.Column("why", sa.String(length=10), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("proof_id", crmkit.Id(), nullable=True),
        sa.Column("proof_at", crmkit.Instant(), nullable=True),
        sa.Column("soon_at", crmkit.Instant(), nullable=True),
        sa.Column("overdue_at", crmkit.Instant(), nullable=True),
        sa.Column("task_id", crmkit.Id(), nullable=True),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("what", sa.String(length=1000), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_experience_promise_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["crm_user.id"], name=op.f("fk_experience_promise_ended_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_experience_promise_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_experience_promise_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_promise")),
    )
    with op.batch_alter_table("experience_promise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_promise_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_experience_promise_day", ["due_on"], unique=False)
        batch_op.create_index("ix_experience_promise_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_ended_by_id"), ["ended_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_ref"), ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_task_id"), ["task_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_team_id"), ["team_id"], unique=False)

    op.create_table(
        "experience_scorecard",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("draft", crmkit.json_type(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lead_role", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_scorecard")),
        sa.UniqueConstraint("name", name=op.f("uq_experience_scorecard_name")),
    )
    op.create_table(
        "experience_calibration",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("scorecard_id", crmkit.Id(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["scorecard_id"],
            ["experience_scorecard.id"],
            name=op.f("fk_experience_calibration_scorecard_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_calibration")),
    )
    with op.batch_alter_table("experience_calibration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_calibration_scorecard_id"), ["scorecard_id"], unique=False)

    op.create_table(
        "experience_effort_day",
        sa.Column("issue_id", crmkit.Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("index", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_experience_effort_day_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["experience_effort_issue.id"],
            name=op.f("fk_experience_effort_day_issue_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "day", name=op.f("pk_experience_effort_day")),
    )
    with op.batch_alter_table("experience_effort_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_effort_day_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "experience_promise_suggestion",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("whole_day", sa.Boolean(), nullable=False),
        sa.Column("said_at", crmkit.Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("promise_id", crmkit.Id(), nullable=True),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("what", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_experience_promise_suggestion_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_experience_promise_suggestion_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["promise_id"],
            ["experience_promise.id"],
            name=op.f("fk_experience_promise_suggestion_promise_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_experience_promise_suggestion_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_promise_suggestion")),
    )
    with op.batch_alter_table("experience_promise_suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_promise_suggestion_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_suggestion_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_suggestion_promise_id"), ["promise_id"], unique=False)
        batch_op.create_index("ix_experience_promise_suggestion_state", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_promise_suggestion_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_experience_promise_suggestion", ["interaction_id", "place"], unique=True)

    op.create_table(
        "experience_review_draw",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("scorecard_id", crmkit.Id(), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("among", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("nobody", sa.Integer(), nullable=False),
        sa.Column("drawn_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scorecard_id"],
            ["experience_scorecard.id"],
            name=op.f("fk_experience_review_draw_scorecard_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_review_draw")),
    )
    with op.batch_alter_table("experience_review_draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_review_draw_scorecard_id"), ["scorecard_id"], unique=False)

    op.create_table(
        "experience_scorecard_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("scorecard_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", crmkit.json_type(), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scorecard_id"],
            ["experience_scorecard.id"],
            name=op.f("fk_experience_scorecard_version_scorecard_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_scorecard_version")),
        sa.UniqueConstraint("scorecard_id", "number", name=op.f("uq_experience_scorecard_version_scorecard_id_number")),
    )
    op.create_table(
        "experience_review",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("happened_at", crmkit.Instant(), nullable=False),
        sa.Column("scorecard_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lead_role", sa.String(length=60), nullable=False),
        sa.Column("reviewer_id", crmkit.Id(), nullable=True),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("risks", crmkit.json_type(), nullable=False),
        sa.Column("draw_id", crmkit.Id(), nullable=True),
        sa.Column("calibration_id", crmkit.Id(), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("scores", crmkit.json_type(), nullable=False),
        sa.Column("shares", crmkit.json_type(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("first_scores", crmkit.json_type(), nullable=True),
        sa.Column("first_score", sa.Float(), nullable=True),
        sa.Column("disputed_at", crmkit.Instant(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("settled_at", crmkit.Instant(), nullable=True),
        sa.Column("settled_by_id", crmkit.Id(), nullable=True),
        sa.Column("comment_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("comment", sa.String(length=4000), nullable=True),
        sa.Column("dispute_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("dispute", sa.String(length=4000), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.String(length=4000), nullable=True),
        sa.ForeignKeyConstraint(
            ["calibration_id"],
            ["experience_calibration.id"],
            name=op.f("fk_experience_review_calibration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_experience_review_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_experience_review_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["crm_user.id"], name=op.f("fk_experience_review_reviewer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_id"],
            ["experience_scorecard.id"],
            name=op.f("fk_experience_review_scorecard_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["crm_user.id"], name=op.f("fk_experience_review_settled_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_experience_review_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_review")),
    )
    with op.batch_alter_table("experience_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_review_calibration_id"), ["calibration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_experience_review_done", ["done_on", "scorecard_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_ref"), ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_scorecard_id"), ["scorecard_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_settled_by_id"), ["settled_by_id"], unique=False)
        batch_op.create_index("ix_experience_review_state", ["state", "reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experience_review_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            "uq_experience_review_who", ["ref", "scorecard_id", "reviewer_id", "calibration_id"], unique=True
        )


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("experience_review", schema=None) as batch_op:
        batch_op.drop_index("uq_experience_review_who")
        batch_op.drop_index(batch_op.f("ix_experience_review_team_id"))
        batch_op.drop_index("ix_experience_review_state")
        batch_op.drop_index(batch_op.f("ix_experience_review_settled_by_id"))
        batch_op.drop_index(batch_op.f("ix_experience_review_scorecard_id"))
        batch_op.drop_index(batch_op.f("ix_experience_review_reviewer_id"))
        batch_op.drop_index(batch_op.f("ix_experience_review_ref"))
        batch_op.drop_index(batch_op.f("ix_experience_review_owner_id"))
        batch_op.drop_index("ix_experience_review_done")
        batch_op.drop_index(batch_op.f("ix_experience_review_customer_id"))
        batch_op.drop_index(batch_op.f("ix_experience_review_calibration_id"))

    op.drop_table("experience_review")
    op.drop_table("experience_scorecard_version")
    with op.batch_alter_table("experience_review_draw", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_review_draw_scorecard_id"))

    op.drop_table("experience_review_draw")
    with op.batch_alter_table("experience_promise_suggestion", schema=None) as batch_op:
        batch_op.drop_index("uq_experience_promise_suggestion")
        batch_op.drop_index(batch_op.f("ix_experience_promise_suggestion_team_id"))
        batch_op.drop_index("ix_experience_promise_suggestion_state")
        batch_op.drop_index(batch_op.f("ix_experience_promise_suggestion_promise_id"))
        batch_op.drop_index(batch_op.f("ix_experience_promise_suggestion_owner_id"))
        batch_op.drop_index(batch_op.f("ix_experience_promise_suggestion_customer_id"))

    op.drop_table("experience_promise_suggestion")
    with op.batch_alter_table("experience_effort_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_effort_day_customer_id"))

    op.drop_table("experience_effort_day")
    with op.batch_alter_table("experience_calibration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_calibration_scorecard_id"))

    op.drop_table("experience_calibration")
    op.drop_table("experience_scorecard")
    with op.batch_alter_table("experience_promise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_promise_team_id"))
        batch_op.drop_index(batch_op.f("ix_experience_promise_task_id"))
        batch_op.drop_index(batch_op.f("ix_experience_promise_ref"))
        batch_op.drop_index(batch_op.f("ix_experience_promise_owner_id"))
        batch_op.drop_index(batch_op.f("ix_experience_promise_ended_by_id"))
        batch_op.drop_index("ix_experience_promise_due")
        batch_op.drop_index("ix_experience_promise_day")
        batch_op.drop_index(batch_op.f("ix_experience_promise_customer_id"))

    op.drop_table("experience_promise")
    with op.batch_alter_table("experience_friction_step", schema=None) as batch_op:
        batch_op.drop_index("ix_experience_friction_step_place")

    op.drop_table("experience_friction_step")
    with op.batch_alter_table("experience_effort_issue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_effort_issue_team_id"))
        batch_op.drop_index(batch_op.f("ix_experience_effort_issue_owner_id"))
        batch_op.drop_index("ix_experience_effort_issue_open")
        batch_op.drop_index("ix_experience_effort_issue_ended")
        batch_op.drop_index(batch_op.f("ix_experience_effort_issue_customer_id"))

    op.drop_table("experience_effort_issue")
    with op.batch_alter_table("experience_action", schema=None) as batch_op:
        batch_op.drop_index("ix_experience_action_state")
        batch_op.drop_index(batch_op.f("ix_experience_action_owner_id"))

    op.drop_table("experience_action")
