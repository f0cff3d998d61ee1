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
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=True),
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
        "knowledge_editing",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("seen", sa.String(length=60), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=True),
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
        "knowledge_revision",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("article_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("author_id", crmkit.Id(), nullable=True),
        sa.Column("reviewer_id", crmkit.Id(), nullable=True),
        sa.Column("answer", sa.String(length=2000), nullable=True),
        sa.Column("written_at", crmkit.Instant(), nullable=False),
        sa.Column("decided_at", crmkit.Instant(), nullable=True),
        sa.Column("released_at", crmkit.Instant(), nullable=True),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("summary", sa.String(length=1000), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.String(length=1000000), nullable=True),
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


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("knowledge_verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_verification_user_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_verification_article_id"))

    op.drop_table("knowledge_verification")
    with op.batch_alter_table("knowledge_revision", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_revision_number")
        batch_op.drop_index(batch_op.f("ix_knowledge_revision_reviewer_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_revision_author_id"))

    op.drop_table("knowledge_revision")
    op.drop_table("knowledge_reader_role")
    with op.batch_alter_table("knowledge_public_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_translates_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_space_id"))
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_released_at"))
        batch_op.drop_index(batch_op.f("ix_knowledge_public_text_category_id"))

    op.drop_table("knowledge_public_text")
    with op.batch_alter_table("knowledge_editing", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_editing_of")
        batch_op.drop_index(batch_op.f("ix_knowledge_editing_user_id"))

    op.drop_table("knowledge_editing")
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
    with op.batch_alter_table("knowledge_category", schema=None) as batch_op:
        batch_op.drop_index("uq_knowledge_category_name")
        batch_op.drop_index(batch_op.f("ix_knowledge_category_parent_id"))

    op.drop_table("knowledge_category")
    op.drop_table("knowledge_space")
    op.drop_table("knowledge_counter")
