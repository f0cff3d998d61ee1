"""tables

Revision: quality_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "quality_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "quality_cleaning",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("cleaners", crmkit.json_type(), nullable=False),
        sa.Column("where", sa.String(length=4000), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("counts", crmkit.json_type(), nullable=False),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_quality_cleaning_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_quality_cleaning_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_cleaning")),
    )
    with op.batch_alter_table("quality_cleaning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_cleaning_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_cleaning_team_id"), ["team_id"], unique=False)

    op.create_table(
        "quality_contract",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("resource", sa.String(length=20), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("required", crmkit.json_type(), nullable=False),
        sa.Column("headings", crmkit.json_type(), nullable=False),
        sa.Column("types", crmkit.json_type(), nullable=False),
        sa.Column("conditions", crmkit.json_type(), nullable=False),
        sa.Column("max_invalid", sa.Float(), nullable=False),
        sa.Column("max_duplicates", sa.Float(), nullable=False),
        sa.Column("min_rows", sa.Integer(), nullable=False),
        sa.Column("max_age_hours", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("stopped_at", crmkit.Instant(), nullable=True),
        sa.Column("fed_at", crmkit.Instant(), nullable=True),
        sa.Column("fed_rows", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_quality_contract_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_quality_contract_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_contract")),
        sa.UniqueConstraint("source", name=op.f("uq_quality_contract_source")),
    )
    with op.batch_alter_table("quality_contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_contract_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_contract_team_id"), ["team_id"], unique=False)

    op.create_table(
        "quality_figure",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("measured_at", crmkit.Instant(), nullable=False),
        sa.Column("grouping", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.Column("score", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("completeness", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("validity", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("uniqueness", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("consistency", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("timeliness", crmkit.ScaledDecimal(6), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_quality_figure_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_figure")),
    )
    with op.batch_alter_table("quality_figure", schema=None) as batch_op:
        batch_op.create_index("ix_quality_figure_measured", ["measured_at", "grouping", "about"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_figure_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "quality_key",
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_quality_key_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", "customer_id", name=op.f("pk_quality_key")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("quality_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_key_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "quality_merge",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("merge_id", crmkit.Id(), nullable=False),
        sa.Column("pair_id", crmkit.Id(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_quality_merge_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_merge")),
        sa.UniqueConstraint("merge_id", name=op.f("uq_quality_merge_merge_id")),
    )
    with op.batch_alter_table("quality_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_merge_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_merge_pair_id"), ["pair_id"], unique=False)

    op.create_table(
        "quality_pair",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("first_id", crmkit.Id(), nullable=False),
        sa.Column("second_id", crmkit.Id(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("band", sa.String(length=12), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("gain", sa.Float(), nullable=False),
        sa.Column("evidence", crmkit.json_type(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", crmkit.Instant(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_id"], ["crm_customer.id"], name=op.f("fk_quality_pair_first_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["crm_customer.id"], name=op.f("fk_quality_pair_second_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_pair")),
    )
    with op.batch_alter_table("quality_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_pair_first_id"), ["first_id"], unique=False)
        batch_op.create_index("ix_quality_pair_queue", ["state", "gain", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_pair_second_id"), ["second_id"], unique=False)

    op.create_table(
        "quality_rule",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("aspect", sa.String(length=12), nullable=False),
        sa.Column("valid_when", sa.String(length=4000), nullable=False),
        sa.Column("applies_when", sa.String(length=4000), nullable=False),
        sa.Column("check", sa.String(length=60), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_quality_rule_name")),
    )
    op.create_table(
        "quality_score",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("score", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("completeness", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("validity", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("uniqueness", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("consistency", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("timeliness", crmkit.ScaledDecimal(6), nullable=True),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("cells", crmkit.json_type(), nullable=False),
        sa.Column("checked_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_quality_score_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_score")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_quality_score_customer_id")),
    )
    op.create_table(
        "quality_search",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("seen_at", crmkit.Instant(), nullable=False),
        sa.Column("finished_at", crmkit.Instant(), nullable=True),
        sa.Column("data_at", crmkit.Instant(), nullable=True),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("compared", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_search")),
    )
    op.create_table(
        "quality_source",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("trust", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_source")),
        sa.UniqueConstraint("name", name=op.f("uq_quality_source_name")),
    )
    op.create_table(
        "quality_survivorship",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("strategy", sa.String(length=20), nullable=False),
        sa.Column("sources", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_survivorship")),
        sa.UniqueConstraint("field", name=op.f("uq_quality_survivorship_field")),
    )
    op.create_table(
        "quality_verification",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("contact_point_id", crmkit.Id(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_quality_verification_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_quality_verification_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_quality_verification_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_verification")),
    )
    with op.batch_alter_table("quality_verification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_verification_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_quality_verification_open", ["state", "due_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_verification_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_verification_team_id"), ["team_id"], unique=False)

    op.create_table(
        "quality_violation",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_quality_violation_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_violation")),
        sa.UniqueConstraint("customer_id", "rule", name=op.f("uq_quality_violation_customer_id_rule")),
    )
    with op.batch_alter_table("quality_violation", schema=None) as batch_op:
        batch_op.create_index("ix_quality_violation_rule", ["rule", "customer_id"], unique=False)
        batch_op.create_index("ix_quality_violation_since", ["since", "id"], unique=False)

    op.create_table(
        "quality_breach",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("contract_id", crmkit.Id(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("findings", crmkit.json_type(), nullable=False),
        sa.Column("happened_at", crmkit.Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done_at", crmkit.Instant(), nullable=True),
        sa.Column("resolution", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["quality_contract.id"], name=op.f("fk_quality_breach_contract_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_quality_breach_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_quality_breach_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_breach")),
    )
    with op.batch_alter_table("quality_breach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_breach_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index("ix_quality_breach_open", ["state", "due_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_breach_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_breach_team_id"), ["team_id"], unique=False)

    op.create_table(
        "quality_cleaning_change",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("cleaning_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("contact_point_id", crmkit.Id(), nullable=True),
        sa.Column("before", sa.String(length=1000), nullable=True),
        sa.Column("after", sa.String(length=1000), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("point_before", sa.LargeBinary(), nullable=True),
        sa.Column("point_after", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cleaning_id"],
            ["quality_cleaning.id"],
            name=op.f("fk_quality_cleaning_change_cleaning_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_quality_cleaning_change_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_cleaning_change")),
    )
    with op.batch_alter_table("quality_cleaning_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_cleaning_change_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_quality_cleaning_change_of", ["cleaning_id", "customer_id"], unique=False)

    op.create_table(
        "quality_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("search_id", crmkit.Id(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["search_id"], ["quality_search.id"], name=op.f("fk_quality_model_search_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_model")),
    )
    with op.batch_alter_table("quality_model", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_model_search_id"), ["search_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("quality_model", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_model_search_id"))

    op.drop_table("quality_model")
    with op.batch_alter_table("quality_cleaning_change", schema=None) as batch_op:
        batch_op.drop_index("ix_quality_cleaning_change_of")
        batch_op.drop_index(batch_op.f("ix_quality_cleaning_change_customer_id"))

    op.drop_table("quality_cleaning_change")
    with op.batch_alter_table("quality_breach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_breach_team_id"))
        batch_op.drop_index(batch_op.f("ix_quality_breach_owner_id"))
        batch_op.drop_index("ix_quality_breach_open")
        batch_op.drop_index(batch_op.f("ix_quality_breach_contract_id"))

    op.drop_table("quality_breach")
    with op.batch_alter_table("quality_violation", schema=None) as batch_op:
        batch_op.drop_index("ix_quality_violation_since")
        batch_op.drop_index("ix_quality_violation_rule")

    op.drop_table("quality_violation")
    with op.batch_alter_table("quality_verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_verification_team_id"))
        batch_op.drop_index(batch_op.f("ix_quality_verification_owner_id"))
        batch_op.drop_index("ix_quality_verification_open")
        batch_op.drop_index(batch_op.f("ix_quality_verification_customer_id"))

    op.drop_table("quality_verification")
    op.drop_table("quality_survivorship")
    op.drop_table("quality_source")
    op.drop_table("quality_search")
    op.drop_table("quality_score")
    op.drop_table("quality_rule")
    with op.batch_alter_table("quality_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_pair_second_id"))
        batch_op.drop_index("ix_quality_pair_queue")
        batch_op.drop_index(batch_op.f("ix_quality_pair_first_id"))

    op.drop_table("quality_pair")
    with op.batch_alter_table("quality_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_merge_pair_id"))
        batch_op.drop_index(batch_op.f("ix_quality_merge_customer_id"))

    op.drop_table("quality_merge")
    with op.batch_alter_table("quality_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_key_customer_id"))

    op.drop_table("quality_key")
    with op.batch_alter_table("quality_figure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_figure_owner_id"))
        batch_op.drop_index("ix_quality_figure_measured")

    op.drop_table("quality_figure")
    with op.batch_alter_table("quality_contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_contract_team_id"))
        batch_op.drop_index(batch_op.f("ix_quality_contract_owner_id"))

    op.drop_table("quality_contract")
    with op.batch_alter_table("quality_cleaning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_cleaning_team_id"))
        batch_op.drop_index(batch_op.f("ix_quality_cleaning_owner_id"))

    op.drop_table("quality_cleaning")
