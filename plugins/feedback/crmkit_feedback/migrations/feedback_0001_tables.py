"""tables

Revision: feedback_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "feedback_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "feedback_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feedback_counter")),
    )
    op.create_table(
        "feedback_loop_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("bands", crmkit.json_type(), nullable=False),
        sa.Column("sources", crmkit.json_type(), nullable=False),
        sa.Column("touchpoints", crmkit.json_type(), nullable=False),
        sa.Column("theme", sa.String(length=60), nullable=True),
        sa.Column("condition", sa.String(length=1000), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(length=60), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_feedback_loop_policy_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_loop_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_feedback_loop_policy_name")),
    )
    with op.batch_alter_table("feedback_loop_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_loop_policy_team_id"), ["team_id"], unique=False)

    op.create_table(
        "feedback_survey",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("metric", sa.String(length=4), nullable=True),
        sa.Column("purpose", sa.String(length=13), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("rest_days", sa.Integer(), nullable=False),
        sa.Column("small", sa.Integer(), nullable=False),
        sa.Column("draft", crmkit.json_type(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=True),
        sa.Column("opened_at", crmkit.Instant(), nullable=True),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["feedback_survey_version.id"],
            name="fk_feedback_survey_version",
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_survey")),
        sa.UniqueConstraint("name", name=op.f("uq_feedback_survey_name")),
    )
    op.create_table(
        "feedback_theme",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parent_id", crmkit.Id(), nullable=True),
        sa.Column("words", crmkit.json_type(), nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["feedback_theme.id"], name=op.f("fk_feedback_theme_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_theme")),
        sa.UniqueConstraint("name", name=op.f("uq_feedback_theme_name")),
    )
    with op.batch_alter_table("feedback_theme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_theme_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "feedback_theme_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("learnt_at", crmkit.Instant(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("figures", crmkit.json_type(), nullable=False),
        sa.Column("content", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_theme_model")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_feedback_theme_model_kind_number")),
    )
    op.create_table(
        "feedback_annotation",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_annotation_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_annotation")),
    )
    with op.batch_alter_table("feedback_annotation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_annotation_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_annotation_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "feedback_ballots",
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_ballots_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("pk_feedback_ballots")),
    )
    op.create_table(
        "feedback_distribution",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("way", sa.String(length=5), nullable=False),
        sa.Column("segment", sa.String(length=80), nullable=True),
        sa.Column("condition", sa.String(length=4000), nullable=True),
        sa.Column("event", sa.String(length=80), nullable=True),
        sa.Column("delay_hours", sa.Integer(), nullable=False),
        sa.Column("sample_percent", sa.Integer(), nullable=False),
        sa.Column("quotas", crmkit.json_type(), nullable=False),
        sa.Column("rules", crmkit.json_type(), nullable=False),
        sa.Column("reminders", crmkit.json_type(), nullable=False),
        sa.Column("expires_days", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("template", sa.String(length=120), nullable=True),
        sa.Column("touchpoint", sa.String(length=80), nullable=True),
        sa.Column("starts_at", crmkit.Instant(), nullable=True),
        sa.Column("started_at", crmkit.Instant(), nullable=True),
        sa.Column("planned_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_distribution_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_distribution")),
        sa.UniqueConstraint("name", name=op.f("uq_feedback_distribution_name")),
    )
    with op.batch_alter_table("feedback_distribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_distribution_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "feedback_improvement",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=2000), nullable=False),
        sa.Column("cause", sa.String(length=2000), nullable=True),
        sa.Column("action", sa.String(length=2000), nullable=True),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("theme_id", crmkit.Id(), nullable=True),
        sa.Column("survey_id", crmkit.Id(), nullable=True),
        sa.Column("condition", sa.String(length=4000), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("verify_after", sa.Integer(), nullable=False),
        sa.Column("result", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_feedback_improvement_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_improvement_survey_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_feedback_improvement_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["feedback_theme.id"], name=op.f("fk_feedback_improvement_theme_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_improvement")),
        sa.UniqueConstraint("number", name=op.f("uq_feedback_improvement_number")),
    )
    with op.batch_alter_table("feedback_improvement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_improvement_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_improvement_survey_id"), ["survey_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_improvement_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_improvement_theme_id"), ["theme_id"], unique=False)

    op.create_table(
        "feedback_link",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("link_id", crmkit.Id(), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("expires_at", crmkit.Instant(), nullable=False),
        sa.Column("origins", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_link_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_link")),
        sa.UniqueConstraint("survey_id", name=op.f("uq_feedback_link_survey_id")),
    )
    op.create_table(
        "feedback_survey_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", crmkit.json_type(), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_survey_version_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_survey_version")),
        sa.UniqueConstraint("survey_id", "number", name=op.f("uq_feedback_survey_version_survey_id_number")),
    )
    op.create_table(
        "feedback_invitation",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("distribution_id", crmkit.Id(), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=160), nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("due_at", crmkit.Instant(), nullable=False),
        sa.Column("sent_at", crmkit.Instant(), nullable=True),
        sa.Column("answered_at", crmkit.Instant(), nullable=True),
        sa.Column("expires_at", crmkit.Instant(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("message_id", crmkit.Id(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("again_at", crmkit.Instant(), nullable=True),
        sa.Column("caller_id", crmkit.Id(), nullable=True),
        sa.Column("held_until", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["crm_user.id"], name=op.f("fk_feedback_invitation_caller_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_feedback_invitation_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["feedback_distribution.id"],
            name=op.f("fk_feedback_invitation_distribution_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_feedback_invitation_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_invitation_survey_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_feedback_invitation_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_invitation")),
    )
    with op.batch_alter_table("feedback_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_invitation_caller_id"), ["caller_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_invitation_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_feedback_invitation_due", ["distribution_id", "state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_invitation_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            "ix_feedback_invitation_once", ["distribution_id", "customer_id", "occasion"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_feedback_invitation_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_feedback_invitation_sent", ["customer_id", "sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_invitation_survey_id"), ["survey_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_invitation_team_id"), ["team_id"], unique=False)

    op.create_table(
        "feedback_call",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("invitation_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("again_at", crmkit.Instant(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_feedback_call_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["feedback_invitation.id"],
            name=op.f("fk_feedback_call_invitation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_feedback_call_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_call")),
    )
    with op.batch_alter_table("feedback_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_call_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_call_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_call_user_id"), ["user_id"], unique=False)

    op.create_table(
        "feedback_response",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("invitation_id", crmkit.Id(), nullable=True),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("started_at", crmkit.Instant(), nullable=False),
        sa.Column("answered_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("attributes", crmkit.json_type(), nullable=False),
        sa.Column("touchpoint", sa.String(length=80), nullable=True),
        sa.Column("about", sa.String(length=160), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_feedback_response_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_feedback_response_interaction_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["feedback_invitation.id"],
            name=op.f("fk_feedback_response_invitation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_feedback_response_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_response_survey_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_feedback_response_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["feedback_survey_version.id"],
            name=op.f("fk_feedback_response_version_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_response")),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_feedback_response_interaction_id")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_feedback_response_invitation_id")),
    )
    with op.batch_alter_table("feedback_response", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_response_customer", ["customer_id", "answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_response_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_feedback_response_score", ["survey_id", "score", "answered_at"], unique=False)
        batch_op.create_index("ix_feedback_response_survey", ["survey_id", "state", "answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_response_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_response_version_id"), ["version_id"], unique=False)
        batch_op.create_index("uq_feedback_response_external", ["survey_id", "source", "external_id"], unique=True)

    op.create_table(
        "feedback_answer",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("response_id", crmkit.Id(), nullable=False),
        sa.Column("survey_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(length=80), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_feedback_answer_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["feedback_response.id"], name=op.f("fk_feedback_answer_response_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_answer_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_answer")),
    )
    with op.batch_alter_table("feedback_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_answer_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_feedback_answer_question", ["survey_id", "question", "item", "value"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_answer_response_id"), ["response_id"], unique=False)

    op.create_table(
        "feedback_feedback",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("response_id", crmkit.Id(), nullable=True),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("item", sa.String(length=200), nullable=True),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("touchpoint", sa.String(length=80), nullable=True),
        sa.Column("about", sa.String(length=160), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("metric", sa.String(length=6), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("band", sa.String(length=8), nullable=True),
        sa.Column("sentiment", sa.String(length=8), nullable=True),
        sa.Column("sentiment_score", sa.Integer(), nullable=True),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.Column("received_at", crmkit.Instant(), nullable=False),
        sa.Column("loop", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=18), nullable=False),
        sa.Column("state_since", crmkit.Instant(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("opened_at", crmkit.Instant(), nullable=True),
        sa.Column("task_id", crmkit.Id(), nullable=True),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("contacted_at", crmkit.Instant(), nullable=True),
        sa.Column("touched_at", crmkit.Instant(), nullable=True),
        sa.Column("escalated_at", crmkit.Instant(), nullable=True),
        sa.Column("resolved_at", crmkit.Instant(), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("verified_at", crmkit.Instant(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("attributes", crmkit.json_type(), nullable=False),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("verbatim_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("verbatim", sa.String(length=8000), nullable=True),
        sa.Column("resolution_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("resolution", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_feedback_feedback_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_feedback_feedback_interaction_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_feedback_feedback_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_feedback_feedback_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["feedback_response.id"],
            name=op.f("fk_feedback_feedback_response_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_feedback_feedback_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_feedback")),
        sa.UniqueConstraint("number", name=op.f("uq_feedback_feedback_number")),
        sa.UniqueConstraint("response_id", name=op.f("uq_feedback_feedback_response_id")),
    )
    with op.batch_alter_table("feedback_feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_feedback_customer", ["customer_id", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_feedback_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index("ix_feedback_feedback_judged", ["judged", "received_at"], unique=False)
        batch_op.create_index("ix_feedback_feedback_loop", ["loop", "state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_feedback_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_feedback_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_feedback_feedback_received", ["received_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_feedback_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_feedback_feedback_external", ["external_source", "external_id"], unique=True)

    op.create_table(
        "feedback_coding",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("feedback_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("themes", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback_feedback.id"], name=op.f("fk_feedback_coding_feedback_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_feedback_coding_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_coding")),
        sa.UniqueConstraint("feedback_id", "user_id", name=op.f("uq_feedback_coding_feedback_id_user_id")),
    )
    with op.batch_alter_table("feedback_coding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_coding_user_id"), ["user_id"], unique=False)

    op.create_table(
        "feedback_drawn",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("feedback_id", crmkit.Id(), nullable=False),
        sa.Column("settled_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback_feedback.id"], name=op.f("fk_feedback_drawn_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_drawn")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_feedback_drawn_feedback_id")),
    )
    op.create_table(
        "feedback_event",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("feedback_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=True),
        sa.Column("after", sa.String(length=200), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_feedback_event_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback_feedback.id"], name=op.f("fk_feedback_event_feedback_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_feedback_event_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_event")),
    )
    with op.batch_alter_table("feedback_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_event_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_event_feedback_id"), ["feedback_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_event_user_id"), ["user_id"], unique=False)

    op.create_table(
        "feedback_feedback_theme",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("feedback_id", crmkit.Id(), nullable=False),
        sa.Column("theme_id", crmkit.Id(), nullable=False),
        sa.Column("state", sa.String(length=3), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.Column("confidence", crmkit.ScaledDecimal(4), nullable=True),
        sa.Column("sentiment_score", sa.Integer(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback_feedback.id"],
            name=op.f("fk_feedback_feedback_theme_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["feedback_theme.id"], name=op.f("fk_feedback_feedback_theme_theme_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_feedback_feedback_theme_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_feedback_theme")),
        sa.UniqueConstraint("feedback_id", "theme_id", name=op.f("uq_feedback_feedback_theme_feedback_id_theme_id")),
    )
    with op.batch_alter_table("feedback_feedback_theme", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_feedback_theme_theme", ["theme_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_feedback_theme_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("feedback_feedback_theme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_feedback_theme_user_id"))
        batch_op.drop_index("ix_feedback_feedback_theme_theme")

    op.drop_table("feedback_feedback_theme")
    with op.batch_alter_table("feedback_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_event_user_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_event_feedback_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_event_customer_id"))

    op.drop_table("feedback_event")
    op.drop_table("feedback_drawn")
    with op.batch_alter_table("feedback_coding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_coding_user_id"))

    op.drop_table("feedback_coding")
    with op.batch_alter_table("feedback_feedback", schema=None) as batch_op:
        batch_op.drop_index("uq_feedback_feedback_external")
        batch_op.drop_index(batch_op.f("ix_feedback_feedback_team_id"))
        batch_op.drop_index("ix_feedback_feedback_received")
        batch_op.drop_index(batch_op.f("ix_feedback_feedback_product_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_feedback_owner_id"))
        batch_op.drop_index("ix_feedback_feedback_loop")
        batch_op.drop_index("ix_feedback_feedback_judged")
        batch_op.drop_index(batch_op.f("ix_feedback_feedback_interaction_id"))
        batch_op.drop_index("ix_feedback_feedback_customer")

    op.drop_table("feedback_feedback")
    with op.batch_alter_table("feedback_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_answer_response_id"))
        batch_op.drop_index("ix_feedback_answer_question")
        batch_op.drop_index(batch_op.f("ix_feedback_answer_customer_id"))

    op.drop_table("feedback_answer")
    with op.batch_alter_table("feedback_response", schema=None) as batch_op:
        batch_op.drop_index("uq_feedback_response_external")
        batch_op.drop_index(batch_op.f("ix_feedback_response_version_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_response_team_id"))
        batch_op.drop_index("ix_feedback_response_survey")
        batch_op.drop_index("ix_feedback_response_score")
        batch_op.drop_index(batch_op.f("ix_feedback_response_owner_id"))
        batch_op.drop_index("ix_feedback_response_customer")

    op.drop_table("feedback_response")
    with op.batch_alter_table("feedback_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_call_user_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_call_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_call_customer_id"))

    op.drop_table("feedback_call")
    with op.batch_alter_table("feedback_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_invitation_team_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_invitation_survey_id"))
        batch_op.drop_index("ix_feedback_invitation_sent")
        batch_op.drop_index(batch_op.f("ix_feedback_invitation_owner_id"))
        batch_op.drop_index("ix_feedback_invitation_once")
        batch_op.drop_index(batch_op.f("ix_feedback_invitation_message_id"))
        batch_op.drop_index("ix_feedback_invitation_due")
        batch_op.drop_index(batch_op.f("ix_feedback_invitation_customer_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_invitation_caller_id"))

    op.drop_table("feedback_invitation")
    op.drop_table("feedback_survey_version")
    op.drop_table("feedback_link")
    with op.batch_alter_table("feedback_improvement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_improvement_theme_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_improvement_team_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_improvement_survey_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_improvement_owner_id"))

    op.drop_table("feedback_improvement")
    with op.batch_alter_table("feedback_distribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_distribution_survey_id"))

    op.drop_table("feedback_distribution")
    op.drop_table("feedback_ballots")
    with op.batch_alter_table("feedback_annotation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_annotation_survey_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_annotation_day"))

    op.drop_table("feedback_annotation")
    op.drop_table("feedback_theme_model")
    with op.batch_alter_table("feedback_theme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_theme_parent_id"))

    op.drop_table("feedback_theme")
    op.drop_table("feedback_survey")
    with op.batch_alter_table("feedback_loop_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_loop_policy_team_id"))

    op.drop_table("feedback_loop_policy")
    op.drop_table("feedback_counter")
