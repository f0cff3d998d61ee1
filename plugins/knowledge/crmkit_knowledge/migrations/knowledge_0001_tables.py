"""tables

Revision: knowledge_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "knowledge_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "knowledge_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_knowledge_counter")),
    )
    op.create_table(
        "knowledge_insight_topic",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_insight_topic")),
        sa.UniqueConstraint("name", name=op.f("uq_knowledge_insight_topic_name")),
    )
    op.create_table(
        "knowledge_search",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("best", sa.Numeric(precision=5, scale=4), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_search")),
    )
    with op.batch_alter_table("knowledge_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_search_day"), ["day"], unique=False)
        batch_op.create_index("ix_knowledge_search_visit", ["visit", "at"], unique=False)

    op.create_table(
        "knowledge_seen",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("visit", name=op.f("pk_knowledge_seen")),
    )
    with op.batch_alter_table("knowledge_seen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_seen_day"), ["day"], unique=False)

    op.create_table(
        "knowledge_session",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("started_at", crmkit.Instant(), nullable=False),
        sa.Column("arm", sa.String(length=7), nullable=False),
        sa.Column("suggested", crmkit.json_type(), nullable=False),
        sa.Column("articles", crmkit.json_type(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("sent_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("request_ref", sa.String(length=160), nullable=True),
        sa.Column("case_ref", sa.String(length=160), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_session")),
    )
    with op.batch_alter_table("knowledge_session", schema=None) as batch_op:
        batch_op.create_index("ix_knowledge_session_key", ["key", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_session_request_ref"), ["request_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_session_started_at"), ["started_at"], unique=False)

    op.create_table(
        "knowledge_space",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("audience", sa.String(length=9), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("verify_months", sa.Integer(), nullable=False),
        sa.Column("hide_overdue", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_space")),
        sa.UniqueConstraint("name", name=op.f("uq_knowledge_space_name")),
    )
    op.create_table(
        "knowledge_synonym",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("terms", crmkit.json_type(), nullable=False),
        sa.Column("of", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_synonym")),
    )
    op.create_table(
        "knowledge_tag",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("description", sa.String(length=1000), nullable=True),
        sa.Column("merged_into_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["knowledge_tag.id"], name=op.f("fk_knowledge_tag_merged_into_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_tag")),
        sa.UniqueConstraint("key", name=op.f("uq_knowledge_tag_key")),
    )
    with op.batch_alter_table("knowledge_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_tag_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "knowledge_visit_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_knowledge_visit_salt")),
    )
    op.create_table(
        "knowledge_category",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("space_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parent_id", crmkit.Id(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["knowledge_category.id"], name=op.f("fk_knowledge_category_parent_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["knowledge_space.id"], name=op.f("fk_knowledge_category_space_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_category")),
    )
    with op.batch_alter_table("knowledge_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_category_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("uq_knowledge_category_name", ["space_id", "name"], unique=True)

    op.create_table(
        "knowledge_insight",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("topic_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("learnt_at", crmkit.Instant(), nullable=False),
        sa.Column("confidence", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("confirmed_at", crmkit.Instant(), nullable=True),
        sa.Column("superseded_by_id", crmkit.Id(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_by_id", crmkit.Id(), nullable=True),
        sa.Column("why", sa.String(length=10), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("task_id", crmkit.Id(), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_knowledge_insight_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["crm_user.id"], name=op.f("fk_knowledge_insight_ended_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_knowledge_insight_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"],
            ["knowledge_insight.id"],
            name=op.f("fk_knowledge_insight_superseded_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["knowledge_insight_topic.id"],
            name=op.f("fk_knowledge_insight_topic_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_insight")),
    )
    with op.batch_alter_table("knowledge_insight", schema=None) as batch_op:
        batch_op.create_index("ix_knowledge_insight_customer", ["customer_id", "topic_id", "learnt_at"], unique=False)
        batch_op.create_index("ix_knowledge_insight_due", ["state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_ended_by_id"), ["ended_by_id"], unique=False)
        batch_op.create_index("ix_knowledge_insight_expiry", ["state", "expires_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_ref"), ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_superseded_by_id"), ["superseded_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_task_id"), ["task_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_topic_id"), ["topic_id"], unique=False)
        batch_op.create_index("uq_knowledge_insight_external", ["external_source", "external_id"], unique=True)

    op.create_table(
        "knowledge_pattern",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("space_id", crmkit.Id(), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=False),
        sa.Column("hint", sa.String(length=1000), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"], ["knowledge_space.id"], name=op.f("fk_knowledge_pattern_space_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_pattern")),
        sa.UniqueConstraint("name", name=op.f("uq_knowledge_pattern_name")),
    )
    with op.batch_alter_table("knowledge_pattern", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_pattern_space_id"), ["space_id"], unique=False)

    op.create_table(
        "knowledge_tag_alias",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("tag_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["knowledge_tag.id"], name=op.f("fk_knowledge_tag_alias_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_knowledge_tag_alias")),
    )
    with op.batch_alter_table("knowledge_tag_alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_tag_alias_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "knowledge_article",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("space_id", crmkit.Id(), nullable=False),
        sa.Column("category_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=True),
        sa.Column("state", sa.String(length=18), nullable=False),
        sa.Column("audience", sa.String(length=9), nullable=True),
        sa.Column("audience_of", crmkit.json_type(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("tags", crmkit.json_type(), nullable=False),
        sa.Column("translates_id", crmkit.Id(), nullable=True),
        sa.Column("translates_number", sa.Integer(), nullable=True),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("released", sa.Integer(), nullable=True),
        sa.Column("released_at", crmkit.Instant(), nullable=True),
        sa.Column("publish_at", crmkit.Instant(), nullable=True),
        sa.Column("expire_at", crmkit.Instant(), nullable=True),
        sa.Column("verified_at", crmkit.Instant(), nullable=True),
        sa.Column("verify_on", sa.Date(), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["knowledge_category.id"],
            name=op.f("fk_knowledge_article_category_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_knowledge_article_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["knowledge_space.id"], name=op.f("fk_knowledge_article_space_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_knowledge_article_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["translates_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_article_translates_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_article")),
        sa.UniqueConstraint("number", name=op.f("uq_knowledge_article_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_knowledge_article_slug")),
    )
    with op.batch_alter_table("knowledge_article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_article_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_article_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_article_space_id"), ["space_id"], unique=False)
        batch_op.create_index("ix_knowledge_article_state", ["state", "released_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_article_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_article_translates_id"), ["translates_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_article_verify_on"), ["verify_on"], unique=False)
        batch_op.create_index("uq_knowledge_article_external", ["external_source", "external_id"], unique=True)

    op.create_table(
        "knowledge_insight_event",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("insight_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("confidence", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_knowledge_insight_event_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["insight_id"],
            ["knowledge_insight.id"],
            name=op.f("fk_knowledge_insight_event_insight_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_knowledge_insight_event_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_insight_event")),
    )
    with op.batch_alter_table("knowledge_insight_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_insight_event_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_knowledge_insight_event_of", ["insight_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_insight_event_user_id"), ["user_id"], unique=False)

    op.create_table(
        "knowledge_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("space_id", crmkit.Id(), nullable=True),
        sa.Column("category_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=15), nullable=True),
        sa.Column("audience", sa.String(length=9), nullable=True),
        sa.Column("tag", sa.String(length=60), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("responsible_id", crmkit.Id(), nullable=True),
        sa.Column("responsible_team_id", crmkit.Id(), nullable=True),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("escalate_days", sa.Integer(), nullable=True),
        sa.Column("escalate_to_id", crmkit.Id(), nullable=True),
        sa.Column("hide_days", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["knowledge_category.id"], name=op.f("fk_knowledge_policy_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["escalate_to_id"], ["crm_user.id"], name=op.f("fk_knowledge_policy_escalate_to_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_knowledge_policy_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["crm_user.id"], name=op.f("fk_knowledge_policy_responsible_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_team_id"],
            ["crm_team.id"],
            name=op.f("fk_knowledge_policy_responsible_team_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["knowledge_space.id"], name=op.f("fk_knowledge_policy_space_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_knowledge_policy_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_knowledge_policy_name")),
    )
    with op.batch_alter_table("knowledge_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_policy_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_policy_escalate_to_id"), ["escalate_to_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_policy_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_policy_responsible_id"), ["responsible_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_knowledge_policy_responsible_team_id"), ["responsible_team_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_knowledge_policy_space_id"), ["space_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_policy_team_id"), ["team_id"], unique=False)

    op.create_table(
        "knowledge_alike",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("first_id", crmkit.Id(), nullable=False),
        sa.Column("second_id", crmkit.Id(), nullable=False),
        sa.Column("likeness", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_alike_first_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_alike_second_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_alike")),
    )
    with op.batch_alter_table("knowledge_alike", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_alike_second_id"), ["second_id"], unique=False)
        batch_op.create_index("uq_knowledge_alike", ["first_id", "second_id"], unique=True)

    op.create_table(
        "knowledge_article_tag",
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("tag_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_article_tag_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["knowledge_tag.id"], name=op.f("fk_knowledge_article_tag_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "tag_id", name=op.f("pk_knowledge_article_tag")),
    )
    with op.batch_alter_table("knowledge_article_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_article_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "knowledge_doubt",
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_doubt_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", name=op.f("pk_knowledge_doubt")),
    )
    op.create_table(
        "knowledge_editing",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("seen", sa.String(length=60), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_editing_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_knowledge_editing_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_editing")),
    )
    with op.batch_alter_table("knowledge_editing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_editing_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_knowledge_editing_of", ["article_id", "user_id"], unique=True)

    op.create_table(
        "knowledge_file",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_file_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_file")),
    )
    with op.batch_alter_table("knowledge_file", schema=None) as batch_op:
        batch_op.create_index("uq_knowledge_file_name", ["article_id", "name"], unique=True)

    op.create_table(
        "knowledge_gap",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("label", crmkit.json_type(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("article_id", crmkit.Id(), nullable=True),
        sa.Column("found_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_gap_article_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_knowledge_gap_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_gap")),
    )
    with op.batch_alter_table("knowledge_gap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_gap_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_gap_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "knowledge_link",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("removed_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_link_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_knowledge_link_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_knowledge_link_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_link")),
    )
    with op.batch_alter_table("knowledge_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_link_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_knowledge_link_kind", ["kind", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_link_ref"), ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_link_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_knowledge_link", ["article_id", "ref", "kind"], unique=True)

    op.create_table(
        "knowledge_policy_step",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("verify_on", sa.Date(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("policy_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_policy_step_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["knowledge_policy.id"], name=op.f("fk_knowledge_policy_step_policy_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_policy_step")),
    )
    with op.batch_alter_table("knowledge_policy_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_policy_step_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index("uq_knowledge_policy_step", ["article_id", "verify_on", "kind"], unique=True)

    op.create_table(
        "knowledge_public_text",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("space_id", crmkit.Id(), nullable=False),
        sa.Column("category_id", crmkit.Id(), nullable=True),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=False),
        sa.Column("plain", sa.String(length=1000000), nullable=False),
        sa.Column("audience", sa.String(length=9), nullable=False),
        sa.Column("audience_of", crmkit.json_type(), nullable=False),
        sa.Column("translates_id", crmkit.Id(), nullable=True),
        sa.Column("released_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_public_text_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["knowledge_category.id"],
            name=op.f("fk_knowledge_public_text_category_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["knowledge_space.id"], name=op.f("fk_knowledge_public_text_space_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["translates_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_public_text_translates_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_public_text")),
        sa.UniqueConstraint("article_id", name=op.f("uq_knowledge_public_text_article_id")),
        sa.UniqueConstraint("number", name=op.f("uq_knowledge_public_text_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_knowledge_public_text_slug")),
    )
    with op.batch_alter_table("knowledge_public_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_public_text_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_public_text_released_at"), ["released_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_public_text_space_id"), ["space_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_public_text_translates_id"), ["translates_id"], unique=False)

    op.create_table(
        "knowledge_question",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("article_id", crmkit.Id(), nullable=True),
        sa.Column("decided_at", crmkit.Instant(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("without_hits", sa.Integer(), nullable=False),
        sa.Column("without_click", sa.Integer(), nullable=False),
        sa.Column("reformulated", sa.Integer(), nullable=False),
        sa.Column("clickable", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_question_article_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_knowledge_question_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_question")),
        sa.UniqueConstraint("key", name=op.f("uq_knowledge_question_key")),
    )
    with op.batch_alter_table("knowledge_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_question_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_question_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_knowledge_question_state", ["state", "missed"], unique=False)

    op.create_table(
        "knowledge_reader_role",
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_reader_role_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "role", name=op.f("pk_knowledge_reader_role")),
    )
    op.create_table(
        "knowledge_redirect",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_redirect_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_knowledge_redirect")),
    )
    with op.batch_alter_table("knowledge_redirect", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_redirect_article_id"), ["article_id"], unique=False)

    op.create_table(
        "knowledge_reference",
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("named", sa.String(length=255), nullable=False),
        sa.Column("audience", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_reference_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_knowledge_reference")),
    )
    with op.batch_alter_table("knowledge_reference", schema=None) as batch_op:
        batch_op.create_index("ix_knowledge_reference_named", ["named"], unique=False)

    op.create_table(
        "knowledge_revision",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("author_id", crmkit.Id(), nullable=True),
        sa.Column("reviewer_id", crmkit.Id(), nullable=True),
        sa.Column("answer", sa.String(length=2000), nullable=True),
        sa.Column("written_at", crmkit.Instant(), nullable=False),
        sa.Column("decided_at", crmkit.Instant(), nullable=True),
        sa.Column("released_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_revision_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["crm_user.id"], name=op.f("fk_knowledge_revision_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["crm_user.id"], name=op.f("fk_knowledge_revision_reviewer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_revision")),
    )
    with op.batch_alter_table("knowledge_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_revision_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_revision_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index("uq_knowledge_revision_number", ["article_id", "number"], unique=True)

    op.create_table(
        "knowledge_search_click",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("search_id", crmkit.Id(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_search_click_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["knowledge_search.id"], name=op.f("fk_knowledge_search_click_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_search_click")),
    )
    with op.batch_alter_table("knowledge_search_click", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_search_click_article_id"), ["article_id"], unique=False)
        batch_op.create_index("uq_knowledge_search_click", ["search_id", "article_id"], unique=True)

    op.create_table(
        "knowledge_vector",
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_vector_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_knowledge_vector")),
    )
    with op.batch_alter_table("knowledge_vector", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_vector_at"), ["at"], unique=False)

    op.create_table(
        "knowledge_verification",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_article.id"],
            name=op.f("fk_knowledge_verification_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_knowledge_verification_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_verification")),
    )
    with op.batch_alter_table("knowledge_verification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_verification_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_knowledge_verification_user_id"), ["user_id"], unique=False)

    op.create_table(
        "knowledge_view",
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_view_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", "day", "door", name=op.f("pk_knowledge_view")),
    )
    with op.batch_alter_table("knowledge_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_view_day"), ["day"], unique=False)

    op.create_table(
        "knowledge_vote",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=True),
        sa.Column("comment", sa.String(length=1000), nullable=True),
        sa.Column("state", sa.String(length=4), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["knowledge_article.id"], name=op.f("fk_knowledge_vote_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_vote")),
    )
    with op.batch_alter_table("knowledge_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_vote_day"), ["day"], unique=False)
        batch_op.create_index("ix_knowledge_vote_state", ["state", "at"], unique=False)
        batch_op.create_index("uq_knowledge_vote_visit", ["article_id", "visit"], unique=True)

    op.create_table(
        "knowledge_gap_record",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("gap_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("nearness", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_knowledge_gap_record_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["gap_id"], ["knowledge_gap.id"], name=op.f("fk_knowledge_gap_record_gap_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_gap_record")),
    )
    with op.batch_alter_table("knowledge_gap_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_gap_record_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_knowledge_gap_record_gap", ["gap_id", "nearness"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("knowledge_gap_record", schema=None) as batch_op:
        batch_op.drop_index("ix_knowledge_gap_record_gap")
        batch_op.drop_index(batch_op.f("ix_knowledge_gap_record_customer_id"))

    op.drop_table("knowledge_gap_record")
    with op.batch_alter_table("knowledge_vote", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_vote_visit")
        batch_op.drop_index("ix_knowledge_vote_state")
        batch_op.drop_index(batch_op.f("ix_knowledge_vote_day"))

    op.drop_table("knowledge_vote")
    with op.batch_alter_table("knowledge_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_view_day"))

    op.drop_table("knowledge_view")
    with op.batch_alter_table("knowledge_verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_verification_user_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_verification_article_id"))

    op.drop_table("knowledge_verification")
    with op.batch_alter_table("knowledge_vector", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_vector_at"))

    op.drop_table("knowledge_vector")
    with op.batch_alter_table("knowledge_search_click", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_search_click")
        batch_op.drop_index(batch_op.f("ix_knowledge_search_click_article_id"))

    op.drop_table("knowledge_search_click")
    with op.batch_alter_table("knowledge_revision", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_revision_number")
        batch_op.drop_index(batch_op.f("ix_knowledge_revision_reviewer_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_revision_author_id"))

    op.drop_table("knowledge_revision")
    with op.batch_alter_table("knowledge_reference", schema=None) as batch_op:
        batch_op.drop_index("ix_knowledge_reference_named")

    op.drop_table("knowledge_reference")
    with op.batch_alter_table("knowledge_redirect", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_redirect_article_id"))

    op.drop_table("knowledge_redirect")
    op.drop_table("knowledge_reader_role")
    with op.batch_alter_table("knowledge_question", schema=None) as batch_op:
        batch_op.drop_index("ix_knowledge_question_state")
        batch_op.drop_index(batch_op.f("ix_knowledge_question_owner_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_question_article_id"))

    op.drop_table("knowledge_question")
    with op.batch_alter_table("knowledge_public_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_translates_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_space_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_released_at"))
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_category_id"))

    op.drop_table("knowledge_public_text")
    with op.batch_alter_table("knowledge_policy_step", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_policy_step")
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_step_policy_id"))

    op.drop_table("knowledge_policy_step")
    with op.batch_alter_table("knowledge_link", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_link")
        batch_op.drop_index(batch_op.f("ix_knowledge_link_user_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_link_ref"))
        batch_op.drop_index("ix_knowledge_link_kind")
        batch_op.drop_index(batch_op.f("ix_knowledge_link_customer_id"))

    op.drop_table("knowledge_link")
    with op.batch_alter_table("knowledge_gap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_gap_owner_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_gap_article_id"))

    op.drop_table("knowledge_gap")
    with op.batch_alter_table("knowledge_file", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_file_name")

    op.drop_table("knowledge_file")
    with op.batch_alter_table("knowledge_editing", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_editing_of")
        batch_op.drop_index(batch_op.f("ix_knowledge_editing_user_id"))

    op.drop_table("knowledge_editing")
    op.drop_table("knowledge_doubt")
    with op.batch_alter_table("knowledge_article_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_article_tag_tag_id"))

    op.drop_table("knowledge_article_tag")
    with op.batch_alter_table("knowledge_alike", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_alike")
        batch_op.drop_index(batch_op.f("ix_knowledge_alike_second_id"))

    op.drop_table("knowledge_alike")
    with op.batch_alter_table("knowledge_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_team_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_space_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_responsible_team_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_responsible_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_owner_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_escalate_to_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_policy_category_id"))

    op.drop_table("knowledge_policy")
    with op.batch_alter_table("knowledge_insight_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_event_user_id"))
        batch_op.drop_index("ix_knowledge_insight_event_of")
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_event_customer_id"))

    op.drop_table("knowledge_insight_event")
    with op.batch_alter_table("knowledge_article", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_article_external")
        batch_op.drop_index(batch_op.f("ix_knowledge_article_verify_on"))
        batch_op.drop_index(batch_op.f("ix_knowledge_article_translates_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_article_team_id"))
        batch_op.drop_index("ix_knowledge_article_state")
        batch_op.drop_index(batch_op.f("ix_knowledge_article_space_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_article_owner_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_article_category_id"))

    op.drop_table("knowledge_article")
    with op.batch_alter_table("knowledge_tag_alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_tag_alias_tag_id"))

    op.drop_table("knowledge_tag_alias")
    with op.batch_alter_table("knowledge_pattern", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_pattern_space_id"))

    op.drop_table("knowledge_pattern")
    with op.batch_alter_table("knowledge_insight", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_insight_external")
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_topic_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_task_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_superseded_by_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_ref"))
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_owner_id"))
        batch_op.drop_index("ix_knowledge_insight_expiry")
        batch_op.drop_index(batch_op.f("ix_knowledge_insight_ended_by_id"))
        batch_op.drop_index("ix_knowledge_insight_due")
        batch_op.drop_index("ix_knowledge_insight_customer")

    op.drop_table("knowledge_insight")
    with op.batch_alter_table("knowledge_category", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_category_name")
        batch_op.drop_index(batch_op.f("ix_knowledge_category_parent_id"))

    op.drop_table("knowledge_category")
    op.drop_table("knowledge_visit_salt")
    with op.batch_alter_table("knowledge_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_tag_merged_into_id"))

    op.drop_table("knowledge_tag")
    op.drop_table("knowledge_synonym")
    op.drop_table("knowledge_space")
    with op.batch_alter_table("knowledge_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_session_started_at"))
        batch_op.drop_index(batch_op.f("ix_knowledge_session_request_ref"))
        batch_op.drop_index("ix_knowledge_session_key")

    op.drop_table("knowledge_session")
    with op.batch_alter_table("knowledge_seen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_seen_day"))

    op.drop_table("knowledge_seen")
    with op.batch_alter_table("knowledge_search", schema=None) as batch_op:
        batch_op.drop_index("ix_knowledge_search_visit")
        batch_op.drop_index(batch_op.f("ix_knowledge_search_day"))

    op.drop_table("knowledge_search")
    op.drop_table("knowledge_insight_topic")
    op.drop_table("knowledge_counter")
