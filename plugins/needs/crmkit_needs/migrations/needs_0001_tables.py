"""tables

Revision: needs_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "needs_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "needs_area",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parent_id", crmkit.Id(), nullable=True),
        sa.Column("lead_id", crmkit.Id(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["crm_user.id"], name=op.f("fk_needs_area_lead_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["needs_area.id"], name=op.f("fk_needs_area_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_area")),
        sa.UniqueConstraint("name", name=op.f("uq_needs_area_name")),
    )
    with op.batch_alter_table("needs_area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_area_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_area_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "needs_board",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("counting", sa.String(length=7), nullable=False),
        sa.Column("most_votes", sa.Integer(), nullable=False),
        sa.Column("suggestions", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("link_id", crmkit.Id(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_board")),
        sa.UniqueConstraint("name", name=op.f("uq_needs_board_name")),
    )
    op.create_table(
        "needs_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_needs_counter")),
    )
    op.create_table(
        "needs_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("gains", crmkit.json_type(), nullable=False),
        sa.Column("costs", crmkit.json_type(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_model")),
        sa.UniqueConstraint("name", name=op.f("uq_needs_model_name")),
    )
    op.create_table(
        "needs_topic_run",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("kinds", crmkit.json_type(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=True),
        sa.Column("asked_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_needs_topic_run_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_topic_run")),
        sa.UniqueConstraint("number", name=op.f("uq_needs_topic_run_number")),
    )
    with op.batch_alter_table("needs_topic_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_topic_run_user_id"), ["user_id"], unique=False)

    op.create_table(
        "needs_need",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("urgency", sa.String(length=8), nullable=False),
        sa.Column("complexity", sa.String(length=7), nullable=False),
        sa.Column("area_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_since", crmkit.Instant(), nullable=False),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("decline", sa.String(length=12), nullable=True),
        sa.Column("on_board", sa.Boolean(), nullable=False),
        sa.Column("public_title", sa.String(length=200), nullable=True),
        sa.Column("public_text", sa.String(length=4000), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("release", sa.String(length=80), nullable=True),
        sa.Column("links", crmkit.json_type(), nullable=False),
        sa.Column("tags", crmkit.json_type(), nullable=False),
        sa.Column("inputs", crmkit.json_type(), nullable=False),
        sa.Column("merged_into_id", crmkit.Id(), nullable=True),
        sa.Column("root_id", crmkit.Id(), nullable=False),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("description_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("description", sa.String(length=8000), nullable=True),
        sa.Column("internal_note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("internal_note", sa.String(length=4000), nullable=True),
        sa.ForeignKeyConstraint(
            ["area_id"], ["needs_area.id"], name=op.f("fk_needs_need_area_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["needs_need.id"], name=op.f("fk_needs_need_merged_into_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_needs_need_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_needs_need_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_need")),
        sa.UniqueConstraint("number", name=op.f("uq_needs_need_number")),
    )
    with op.batch_alter_table("needs_need", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_need_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_need_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_need_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_need_root_id"), ["root_id"], unique=False)
        batch_op.create_index("ix_needs_need_state", ["state", "state_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_need_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_needs_need_external", ["external_source", "external_id"], unique=True)

    op.create_table(
        "needs_alike_dismissal",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("first_id", crmkit.Id(), nullable=False),
        sa.Column("second_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_id"], ["needs_need.id"], name=op.f("fk_needs_alike_dismissal_first_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["needs_need.id"], name=op.f("fk_needs_alike_dismissal_second_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_needs_alike_dismissal_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_alike_dismissal")),
    )
    with op.batch_alter_table("needs_alike_dismissal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_alike_dismissal_second_id"), ["second_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_alike_dismissal_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_needs_alike_dismissal", ["first_id", "second_id"], unique=True)

    op.create_table(
        "needs_event",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("need_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=True),
        sa.Column("after", sa.String(length=200), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs_need.id"], name=op.f("fk_needs_event_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_needs_event_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_event")),
    )
    with op.batch_alter_table("needs_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_event_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_event_user_id"), ["user_id"], unique=False)

    op.create_table(
        "needs_evidence",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("need_id", crmkit.Id(), nullable=False),
        sa.Column("source", sa.String(length=11), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("importance", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("heard_at", crmkit.Instant(), nullable=False),
        sa.Column("wants_news", sa.Boolean(), nullable=False),
        sa.Column("told_state", sa.String(length=12), nullable=True),
        sa.Column("told_at", crmkit.Instant(), nullable=True),
        sa.Column("asked_at", crmkit.Instant(), nullable=True),
        sa.Column("answered_at", crmkit.Instant(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("quote", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_needs_evidence_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_needs_evidence_interaction_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs_need.id"], name=op.f("fk_needs_evidence_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_needs_evidence_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_needs_evidence_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_evidence")),
    )
    with op.batch_alter_table("needs_evidence", schema=None) as batch_op:
        batch_op.create_index("ix_needs_evidence_customer", ["customer_id", "heard_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_evidence_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_evidence_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_evidence_need_id"), ["need_id"], unique=False)
        batch_op.create_index("ix_needs_evidence_once", ["need_id", "customer_id", "source", "ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_evidence_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_evidence_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_needs_evidence_external", ["external_source", "external_id"], unique=True)

    op.create_table(
        "needs_kano_answer",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("need_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("functional", sa.Integer(), nullable=False),
        sa.Column("dysfunctional", sa.Integer(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_needs_kano_answer_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs_need.id"], name=op.f("fk_needs_kano_answer_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_needs_kano_answer_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_kano_answer")),
    )
    with op.batch_alter_table("needs_kano_answer", schema=None) as batch_op:
        batch_op.create_index("ix_needs_kano_answer_customer", ["customer_id", "need_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_kano_answer_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_kano_answer_user_id"), ["user_id"], unique=False)

    op.create_table(
        "needs_kano_link",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("need_id", crmkit.Id(), nullable=False),
        sa.Column("survey", sa.String(length=60), nullable=False),
        sa.Column("functional", sa.String(length=81), nullable=False),
        sa.Column("dysfunctional", sa.String(length=81), nullable=False),
        sa.Column("reading", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs_need.id"], name=op.f("fk_needs_kano_link_need_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_kano_link")),
        sa.UniqueConstraint(
            "need_id",
            "survey",
            "functional",
            "dysfunctional",
            name=op.f("uq_needs_kano_link_need_id_survey_functional_dysfunctional"),
        ),
    )
    with op.batch_alter_table("needs_kano_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_kano_link_need_id"), ["need_id"], unique=False)

    op.create_table(
        "needs_merge",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("need_id", crmkit.Id(), nullable=False),
        sa.Column("into_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=False),
        sa.Column("undone_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["into_id"], ["needs_need.id"], name=op.f("fk_needs_merge_into_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs_need.id"], name=op.f("fk_needs_merge_need_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_merge")),
    )
    with op.batch_alter_table("needs_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_merge_into_id"), ["into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_merge_need_id"), ["need_id"], unique=False)

    op.create_table(
        "needs_topic",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("run_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("terms", crmkit.json_type(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("need_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs_need.id"], name=op.f("fk_needs_topic_need_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["needs_topic_run.id"], name=op.f("fk_needs_topic_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_topic")),
    )
    with op.batch_alter_table("needs_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_topic_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_topic_run_id"), ["run_id"], unique=False)

    op.create_table(
        "needs_topic_text",
        sa.Column("topic_id", crmkit.Id(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("nearness", sa.Float(), nullable=False),
        sa.Column("before", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_needs_topic_text_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_needs_topic_text_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["needs_topic.id"], name=op.f("fk_needs_topic_text_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "interaction_id", name=op.f("pk_needs_topic_text")),
    )
    with op.batch_alter_table("needs_topic_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_topic_text_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_needs_topic_text_interaction", ["interaction_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("needs_topic_text", schema=None) as batch_op:
        batch_op.drop_index("ix_needs_topic_text_interaction")
        batch_op.drop_index(batch_op.f("ix_needs_topic_text_customer_id"))

    op.drop_table("needs_topic_text")
    with op.batch_alter_table("needs_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_topic_run_id"))
        batch_op.drop_index(batch_op.f("ix_needs_topic_need_id"))

    op.drop_table("needs_topic")
    with op.batch_alter_table("needs_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_merge_need_id"))
        batch_op.drop_index(batch_op.f("ix_needs_merge_into_id"))

    op.drop_table("needs_merge")
    with op.batch_alter_table("needs_kano_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_kano_link_need_id"))

    op.drop_table("needs_kano_link")
    with op.batch_alter_table("needs_kano_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_kano_answer_user_id"))
        batch_op.drop_index(batch_op.f("ix_needs_kano_answer_need_id"))
        batch_op.drop_index("ix_needs_kano_answer_customer")

    op.drop_table("needs_kano_answer")
    with op.batch_alter_table("needs_evidence", schema=None) as batch_op:
        batch_op.drop_index("uq_needs_evidence_external")
        batch_op.drop_index(batch_op.f("ix_needs_evidence_team_id"))
        batch_op.drop_index(batch_op.f("ix_needs_evidence_owner_id"))
        batch_op.drop_index("ix_needs_evidence_once")
        batch_op.drop_index(batch_op.f("ix_needs_evidence_need_id"))
        batch_op.drop_index(batch_op.f("ix_needs_evidence_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_needs_evidence_customer_id"))
        batch_op.drop_index("ix_needs_evidence_customer")

    op.drop_table("needs_evidence")
    with op.batch_alter_table("needs_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_event_user_id"))
        batch_op.drop_index(batch_op.f("ix_needs_event_need_id"))

    op.drop_table("needs_event")
    with op.batch_alter_table("needs_alike_dismissal", schema=None) as batch_op:
        batch_op.drop_index("uq_needs_alike_dismissal")
        batch_op.drop_index(batch_op.f("ix_needs_alike_dismissal_user_id"))
        batch_op.drop_index(batch_op.f("ix_needs_alike_dismissal_second_id"))

    op.drop_table("needs_alike_dismissal")
    with op.batch_alter_table("needs_need", schema=None) as batch_op:
        batch_op.drop_index("uq_needs_need_external")
        batch_op.drop_index(batch_op.f("ix_needs_need_team_id"))
        batch_op.drop_index("ix_needs_need_state")
        batch_op.drop_index(batch_op.f("ix_needs_need_root_id"))
        batch_op.drop_index(batch_op.f("ix_needs_need_owner_id"))
        batch_op.drop_index(batch_op.f("ix_needs_need_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_needs_need_area_id"))

    op.drop_table("needs_need")
    with op.batch_alter_table("needs_topic_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_topic_run_user_id"))

    op.drop_table("needs_topic_run")
    op.drop_table("needs_model")
    op.drop_table("needs_counter")
    op.drop_table("needs_board")
    with op.batch_alter_table("needs_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_area_parent_id"))
        batch_op.drop_index(batch_op.f("ix_needs_area_lead_id"))

    op.drop_table("needs_area")
