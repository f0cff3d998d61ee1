"""tables

Revision: sales_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "sales_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "sales_affinity",
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("other_id", crmkit.Id(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("other_base", sa.Integer(), nullable=False),
        sa.Column("confidence", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("lift", crmkit.ScaledDecimal(6), nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"], ["crm_product.id"], name=op.f("fk_sales_affinity_other_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_affinity_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "other_id", name=op.f("pk_sales_affinity")),
    )
    with op.batch_alter_table("sales_affinity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_affinity_other_id"), ["other_id"], unique=False)

    op.create_table(
        "sales_budget_rate",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("rate", crmkit.ScaledDecimal(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_budget_rate")),
        sa.UniqueConstraint("currency", "first", name=op.f("uq_sales_budget_rate_currency_first")),
    )
    op.create_table(
        "sales_competitor",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("notes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.String(length=5000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_competitor")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_competitor_name")),
    )
    op.create_table(
        "sales_cost",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_cost_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_cost")),
        sa.UniqueConstraint(
            "product_id", "currency", "valid_from", name=op.f("uq_sales_cost_product_id_currency_valid_from")
        ),
    )
    op.create_table(
        "sales_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sales_counter")),
    )
    op.create_table(
        "sales_credit_limit",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_credit_limit_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_credit_limit")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_sales_credit_limit_customer_id")),
    )
    op.create_table(
        "sales_forecast_adjustment",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("made_at", crmkit.Instant(), nullable=False),
        sa.Column("author_id", crmkit.Id(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=6), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("measure", sa.String(length=10), nullable=False),
        sa.Column("original_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_forecast_adjustment")),
    )
    with op.batch_alter_table("sales_forecast_adjustment", schema=None) as batch_op:
        batch_op.create_index("ix_sales_forecast_adjustment_first", ["first", "last", "made_at"], unique=False)

    op.create_table(
        "sales_lead_source",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_lead_source")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_lead_source_name")),
    )
    op.create_table(
        "sales_next_offer",
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("because_id", crmkit.Id(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("confidence", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("lift", crmkit.ScaledDecimal(6), nullable=False),
        sa.ForeignKeyConstraint(
            ["because_id"], ["crm_product.id"], name=op.f("fk_sales_next_offer_because_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_next_offer_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_next_offer_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "product_id", name=op.f("pk_sales_next_offer")),
    )
    with op.batch_alter_table("sales_next_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_next_offer_because_id"), ["because_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_next_offer_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_offer_answer",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("because_id", crmkit.Id(), nullable=True),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("answered_at", crmkit.Instant(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["because_id"], ["crm_product.id"], name=op.f("fk_sales_offer_answer_because_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_offer_answer_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_offer_answer_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_offer_answer")),
    )
    with op.batch_alter_table("sales_offer_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_offer_answer_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_offer_answer_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_sales_offer_answer_until", ["customer_id", "product_id", "until"], unique=False)

    op.create_table(
        "sales_offer_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("together", sa.String(length=8), nullable=False),
        sa.Column("history_days", sa.Integer(), nullable=False),
        sa.Column("least_together", sa.Integer(), nullable=False),
        sa.Column("least_confidence", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("least_lift", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("repeat_days", sa.Integer(), nullable=False),
        sa.Column("pause_days", sa.Integer(), nullable=False),
        sa.Column("per_customer", sa.Integer(), nullable=False),
        sa.Column("built_at", crmkit.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_offer_policy")),
    )
    op.create_table(
        "sales_opportunity_state",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("opportunity_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("pipeline_id", crmkit.Id(), nullable=False),
        sa.Column("stage_id", crmkit.Id(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("stage_kind", sa.String(length=4), nullable=False),
        sa.Column("stage_since", crmkit.Instant(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_sales_opportunity_state_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_opportunity_state")),
    )
    with op.batch_alter_table("sales_opportunity_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_opportunity_state_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_opportunity_state_of", ["opportunity_id", "since", "id"], unique=False)
        batch_op.create_index("ix_sales_opportunity_state_since", ["since"], unique=False)

    op.create_table(
        "sales_order_rule",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("from_state", sa.String(length=14), nullable=False),
        sa.Column("to_state", sa.String(length=14), nullable=False),
        sa.Column("condition", sa.String(length=1000), nullable=False),
        sa.Column("among", sa.String(length=1000), nullable=False),
        sa.Column("checks", crmkit.json_type(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_order_rule_name")),
    )
    op.create_table(
        "sales_pipeline",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("probability_from", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_pipeline")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_pipeline_name")),
    )
    op.create_table(
        "sales_pool",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("team_id", crmkit.Id(), nullable=False),
        sa.Column("claims_per_day", sa.Integer(), nullable=True),
        sa.Column("holding_cap", sa.Integer(), nullable=True),
        sa.Column("protection_days", sa.Integer(), nullable=False),
        sa.Column("no_contact_days", sa.Integer(), nullable=True),
        sa.Column("no_deal_days", sa.Integer(), nullable=True),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.Column("cooldown_days", sa.Integer(), nullable=False),
        sa.Column("covers_owned", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_sales_pool_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_pool")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_pool_name")),
    )
    with op.batch_alter_table("sales_pool", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_pool_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_price_list",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_price_list")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_price_list_name")),
    )
    op.create_table(
        "sales_quota",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("territory", sa.String(length=60), nullable=True),
        sa.Column("category", sa.String(length=120), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_quota_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_sales_quota_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_quota")),
    )
    with op.batch_alter_table("sales_quota", schema=None) as batch_op:
        batch_op.create_index("ix_sales_quota_first", ["first", "last"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_quota_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_quota_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_quote_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("least_margin", crmkit.ScaledDecimal(4), nullable=True),
        sa.Column("most_discount", crmkit.ScaledDecimal(4), nullable=True),
        sa.Column("unknown_costs", sa.Boolean(), nullable=False),
        sa.Column("chain", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_quote_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_quote_policy_name")),
    )
    op.create_table(
        "sales_reason",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_reason")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_reason_name")),
    )
    op.create_table(
        "sales_score_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_score_model")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_score_model_name")),
    )
    op.create_table(
        "sales_snapshot",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("taken_at", crmkit.Instant(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=6), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("unconverted", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_snapshot")),
    )
    with op.batch_alter_table("sales_snapshot", schema=None) as batch_op:
        batch_op.create_index("ix_sales_snapshot_first", ["first", "last", "taken_at"], unique=False)

    op.create_table(
        "sales_win_model",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("trained_at", crmkit.Instant(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("brier", sa.Float(), nullable=False),
        sa.Column("brier_typed", sa.Float(), nullable=False),
        sa.Column("parameters", crmkit.json_type(), nullable=False),
        sa.Column("evaluation", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_win_model")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_win_model_number")),
    )
    op.create_table(
        "sales_forecast_figure",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("snapshot_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("commit", sa.BigInteger(), nullable=False),
        sa.Column("best_case", sa.BigInteger(), nullable=False),
        sa.Column("pipeline", sa.BigInteger(), nullable=False),
        sa.Column("weighted", sa.BigInteger(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("won_count", sa.Integer(), nullable=False),
        sa.Column("adjusted", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["sales_snapshot.id"],
            name=op.f("fk_sales_forecast_figure_snapshot_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_forecast_figure")),
    )
    with op.batch_alter_table("sales_forecast_figure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_forecast_figure_snapshot_id"), ["snapshot_id"], unique=False)

    op.create_table(
        "sales_form",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fields", crmkit.json_type(), nullable=False),
        sa.Column("texts", crmkit.json_type(), nullable=False),
        sa.Column("purposes", crmkit.json_type(), nullable=False),
        sa.Column("origins", crmkit.json_type(), nullable=False),
        sa.Column("source_id", crmkit.Id(), nullable=True),
        sa.Column("campaign", sa.String(length=120), nullable=True),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("hourly", sa.Integer(), nullable=False),
        sa.Column("link_id", crmkit.Id(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_form_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sales_lead_source.id"], name=op.f("fk_sales_form_source_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_sales_form_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_form")),
        sa.UniqueConstraint("name", name=op.f("uq_sales_form_name")),
    )
    with op.batch_alter_table("sales_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_form_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_form_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_form_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_holding",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("pool_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("protected_until", crmkit.Instant(), nullable=True),
        sa.Column("warned_for", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_holding_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_holding_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["sales_pool.id"], name=op.f("fk_sales_holding_pool_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_sales_holding_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_holding")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_sales_holding_customer_id")),
    )
    with op.batch_alter_table("sales_holding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_holding_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_sales_holding_state", ["pool_id", "state", "since"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_holding_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_holding_move",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("pool_id", crmkit.Id(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_holding_move_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["sales_pool.id"], name=op.f("fk_sales_holding_move_pool_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_sales_holding_move_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_sales_holding_move_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_holding_move")),
    )
    with op.batch_alter_table("sales_holding_move", schema=None) as batch_op:
        batch_op.create_index("ix_sales_holding_move_customer", ["customer_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_holding_move_pool_id"), ["pool_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_holding_move_team_id"), ["team_id"], unique=False)
        batch_op.create_index("ix_sales_holding_move_user", ["user_id", "at"], unique=False)

    op.create_table(
        "sales_pipeline_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("pipeline_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["sales_pipeline.id"],
            name=op.f("fk_sales_pipeline_version_pipeline_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_pipeline_version")),
        sa.UniqueConstraint("pipeline_id", "number", name=op.f("uq_sales_pipeline_version_pipeline_id_number")),
    )
    with op.batch_alter_table("sales_pipeline_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_pipeline_version_pipeline_id"), ["pipeline_id"], unique=False)

    op.create_table(
        "sales_price",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("list_id", crmkit.Id(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("from_quantity", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["sales_price_list.id"], name=op.f("fk_sales_price_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_price_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_price")),
    )
    with op.batch_alter_table("sales_price", schema=None) as batch_op:
        batch_op.create_index("ix_sales_price_list_product", ["list_id", "product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_price_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_score_version",
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
        sa.Column("fit", crmkit.json_type(), nullable=False),
        sa.Column("behaviour", crmkit.json_type(), nullable=False),
        sa.Column("warm", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("hot", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("margin", crmkit.ScaledDecimal(6), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["sales_score_model.id"], name=op.f("fk_sales_score_version_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_score_version")),
        sa.UniqueConstraint("model_id", "number", name=op.f("uq_sales_score_version_model_id_number")),
    )
    op.create_table(
        "sales_score",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("model_id", crmkit.Id(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("points", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("label", sa.String(length=6), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("computed_at", crmkit.Instant(), nullable=False),
        sa.Column("lines", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_score_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["sales_score_model.id"], name=op.f("fk_sales_score_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["sales_score_version.id"], name=op.f("fk_sales_score_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_score")),
        sa.UniqueConstraint("model_id", "customer_id", name=op.f("uq_sales_score_model_id_customer_id")),
    )
    with op.batch_alter_table("sales_score", schema=None) as batch_op:
        batch_op.create_index("ix_sales_score_customer", ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_score_points", ["model_id", "points"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_score_version_id"), ["version_id"], unique=False)

    op.create_table(
        "sales_stage",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("rot_days", sa.Integer(), nullable=True),
        sa.Column("entry", crmkit.json_type(), nullable=False),
        sa.Column("exit", crmkit.json_type(), nullable=False),
        sa.Column("reason_required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["sales_pipeline_version.id"], name=op.f("fk_sales_stage_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_stage")),
    )
    with op.batch_alter_table("sales_stage", schema=None) as batch_op:
        batch_op.create_index("uq_sales_stage_version_id_name", ["version_id", "name"], unique=True)

    op.create_table(
        "sales_opportunity",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("pipeline_id", crmkit.Id(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("stage_id", crmkit.Id(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("stage_kind", sa.String(length=4), nullable=False),
        sa.Column("stage_since", crmkit.Instant(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=10), nullable=True),
        sa.Column("effective_probability", sa.Integer(), nullable=False),
        sa.Column("effective_category", sa.String(length=10), nullable=False),
        sa.Column("win_probability", sa.Float(), nullable=True),
        sa.Column("next_step", sa.String(length=200), nullable=True),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("competitor_id", crmkit.Id(), nullable=True),
        sa.Column("reason_id", crmkit.Id(), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("lost_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["competitor_id"],
            ["sales_competitor.id"],
            name=op.f("fk_sales_opportunity_competitor_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_opportunity_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_opportunity_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["sales_pipeline.id"], name=op.f("fk_sales_opportunity_pipeline_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["sales_reason.id"], name=op.f("fk_sales_opportunity_reason_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["sales_stage.id"], name=op.f("fk_sales_opportunity_stage_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_sales_opportunity_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["sales_pipeline_version.id"],
            name=op.f("fk_sales_opportunity_version_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_opportunity")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_opportunity_number")),
    )
    with op.batch_alter_table("sales_opportunity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_opportunity_competitor_id"), ["competitor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_opportunity_external", ["external_id"], unique=False)
        batch_op.create_index("ix_sales_opportunity_kind", ["stage_kind", "pipeline_id", "stage_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_pipeline_id"), ["pipeline_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_reason_id"), ["reason_id"], unique=False)
        batch_op.create_index("ix_sales_opportunity_stage", ["stage", "expected_close"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_stage_id"), ["stage_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_version_id"), ["version_id"], unique=False)

    op.create_table(
        "sales_lead",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", crmkit.Instant(), nullable=False),
        sa.Column("source_id", crmkit.Id(), nullable=True),
        sa.Column("campaign", sa.String(length=120), nullable=True),
        sa.Column("intent", sa.String(length=10), nullable=False),
        sa.Column("ability", sa.String(length=10), nullable=False),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("timing", sa.String(length=10), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("marketer_id", crmkit.Id(), nullable=True),
        sa.Column("handoff_id", crmkit.Id(), nullable=True),
        sa.Column("queue_id", crmkit.Id(), nullable=True),
        sa.Column("accept_minutes", sa.Integer(), nullable=True),
        sa.Column("accept_by", crmkit.Instant(), nullable=True),
        sa.Column("opportunity_id", crmkit.Id(), nullable=True),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.Column("need", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_lead_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["marketer_id"], ["crm_user.id"], name=op.f("fk_sales_lead_marketer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["sales_opportunity.id"], name=op.f("fk_sales_lead_opportunity_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_lead_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sales_lead_source.id"], name=op.f("fk_sales_lead_source_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_sales_lead_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_lead")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_lead_number")),
    )
    with op.batch_alter_table("sales_lead", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_lead_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_handoff_id"), ["handoff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_marketer_id"), ["marketer_id"], unique=False)
        batch_op.create_index("ix_sales_lead_opened", ["opened_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_source_id"), ["source_id"], unique=False)
        batch_op.create_index("ix_sales_lead_state", ["state", "state_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_opportunity_line",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("opportunity_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("quantity", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_opportunity_line_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["sales_opportunity.id"],
            name=op.f("fk_sales_opportunity_line_opportunity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_opportunity_line_product_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_opportunity_line")),
    )
    with op.batch_alter_table("sales_opportunity_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_opportunity_line_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_line_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_opportunity_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_quote",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("opportunity_id", crmkit.Id(), nullable=True),
        sa.Column("primary", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("priced_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("discount", crmkit.ScaledDecimal(4), nullable=True),
        sa.Column("discount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("line_discounts_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_total_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.String(length=5000), nullable=False),
        sa.Column("policy_id", crmkit.Id(), nullable=True),
        sa.Column("approval_id", crmkit.Id(), nullable=True),
        sa.Column("sent_at", crmkit.Instant(), nullable=True),
        sa.Column("answered_at", crmkit.Instant(), nullable=True),
        sa.Column("answered_way", sa.String(length=5), nullable=True),
        sa.Column("document_id", crmkit.Id(), nullable=True),
        sa.Column("answered_by", sa.LargeBinary(), nullable=True),
        sa.Column("declined_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_quote_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["sales_opportunity.id"],
            name=op.f("fk_sales_quote_opportunity_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_quote_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["sales_quote_policy.id"], name=op.f("fk_sales_quote_policy_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_sales_quote_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_quote")),
        sa.UniqueConstraint("number", "revision", name=op.f("uq_sales_quote_number_revision")),
    )
    with op.batch_alter_table("sales_quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_quote_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_quote_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_quote_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_sales_quote_state", ["state", "valid_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_quote_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_inquiry",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("form_id", crmkit.Id(), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("received_at", crmkit.Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("lead_id", crmkit.Id(), nullable=True),
        sa.Column("problem", sa.String(length=10), nullable=True),
        sa.Column("sender", sa.String(length=32), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_inquiry_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["sales_form.id"], name=op.f("fk_sales_inquiry_form_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["sales_lead.id"], name=op.f("fk_sales_inquiry_lead_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_inquiry")),
        sa.UniqueConstraint(
            "external_source", "external_id", name=op.f("uq_sales_inquiry_external_source_external_id")
        ),
    )
    with op.batch_alter_table("sales_inquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_inquiry_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_inquiry_form_id"), ["form_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_inquiry_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index("ix_sales_inquiry_sender", ["sender", "received_at"], unique=False)
        batch_op.create_index("ix_sales_inquiry_state", ["state", "received_at", "id"], unique=False)

    op.create_table(
        "sales_lead_change",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("lead_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("intent", sa.String(length=10), nullable=False),
        sa.Column("ability", sa.String(length=10), nullable=False),
        sa.Column("timing", sa.String(length=10), nullable=False),
        sa.Column("source_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_lead_change_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["sales_lead.id"], name=op.f("fk_sales_lead_change_lead_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_lead_change")),
    )
    with op.batch_alter_table("sales_lead_change", schema=None) as batch_op:
        batch_op.create_index("ix_sales_lead_change_cause", ["cause", "since"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_lead_change_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_lead_change_lead", ["lead_id", "since", "id"], unique=False)

    op.create_table(
        "sales_order",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("state_since", crmkit.Instant(), nullable=False),
        sa.Column("exceptions", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("discount", crmkit.ScaledDecimal(4), nullable=True),
        sa.Column("discount_minor", sa.BigInteger(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("delivery", sa.String(length=8), nullable=False),
        sa.Column("quote_id", crmkit.Id(), nullable=True),
        sa.Column("opportunity_id", crmkit.Id(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("submitted_at", crmkit.Instant(), nullable=True),
        sa.Column("confirmed_at", crmkit.Instant(), nullable=True),
        sa.Column("paid_at", crmkit.Instant(), nullable=True),
        sa.Column("shipped_at", crmkit.Instant(), nullable=True),
        sa.Column("received_at", crmkit.Instant(), nullable=True),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.Column("purchase_id", crmkit.Id(), nullable=True),
        sa.Column("ship_to", sa.LargeBinary(), nullable=True),
        sa.Column("cancel_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_order_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["sales_opportunity.id"],
            name=op.f("fk_sales_order_opportunity_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_order_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["sales_quote.id"], name=op.f("fk_sales_order_quote_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_sales_order_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_order_number")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_sales_order_quote_id")),
    )
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_order_external", ["external_id", "source"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_sales_order_state", ["state", "exceptions"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_quote_line",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("quote_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("quantity", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("list_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("list_name", sa.String(length=60), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("tax_rate", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_quote_line_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_quote_line_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["sales_quote.id"], name=op.f("fk_sales_quote_line_quote_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_quote_line")),
    )
    with op.batch_alter_table("sales_quote_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_quote_line_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_quote_line_of", ["quote_id", "position"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_quote_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_contract",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("renewal", sa.String(length=9), nullable=False),
        sa.Column("renewal_months", sa.Integer(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("order_id", crmkit.Id(), nullable=True),
        sa.Column("opportunity_id", crmkit.Id(), nullable=True),
        sa.Column("notice_by", sa.Date(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("months_before", sa.Integer(), nullable=False),
        sa.Column("follows_id", crmkit.Id(), nullable=True),
        sa.Column("renewal_opportunity_id", crmkit.Id(), nullable=True),
        sa.Column("activated_at", crmkit.Instant(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("notice_side", sa.String(length=8), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("notes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.String(length=5000), nullable=True),
        sa.Column("notice_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_contract_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["sales_contract.id"], name=op.f("fk_sales_contract_follows_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["sales_opportunity.id"],
            name=op.f("fk_sales_contract_opportunity_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_contract_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_sales_contract_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["renewal_opportunity_id"],
            ["sales_opportunity.id"],
            name=op.f("fk_sales_contract_renewal_opportunity_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_sales_contract_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_contract")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_sales_contract_follows_id")),
        sa.UniqueConstraint("number", "term", name=op.f("uq_sales_contract_number_term")),
    )
    with op.batch_alter_table("sales_contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_contract_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_contract_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_contract_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_contract_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_sales_contract_remind", ["remind_on", "state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sales_contract_renewal_opportunity_id"), ["renewal_opportunity_id"], unique=False
        )
        batch_op.create_index("ix_sales_contract_state", ["state", "end_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_contract_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sales_order_exception",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("order_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("details", crmkit.json_type(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("raised_at", crmkit.Instant(), nullable=False),
        sa.Column("settled_at", crmkit.Instant(), nullable=True),
        sa.Column("settled_by_id", crmkit.Id(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_order_exception_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_order_exception_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["crm_user.id"], name=op.f("fk_sales_order_exception_settled_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_exception")),
    )
    with op.batch_alter_table("sales_order_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_exception_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_order_exception_order", ["order_id", "state"], unique=False)
        batch_op.create_index("ix_sales_order_exception_state", ["state", "raised_at"], unique=False)

    op.create_table(
        "sales_order_line",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("order_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("quantity", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("discount", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("tax_rate", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned", crmkit.ScaledDecimal(4), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_order_line_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_sales_order_line_product_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_line")),
        sa.UniqueConstraint("order_id", "line_no", name=op.f("uq_sales_order_line_order_id_line_no")),
    )
    with op.batch_alter_table("sales_order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_line_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_return",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("order_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("returned_at", crmkit.Instant(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("refund_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_return_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_return_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_return")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_return_number")),
    )
    with op.batch_alter_table("sales_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_return_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_return_order_id"), ["order_id"], unique=False)

    op.create_table(
        "sales_contract_file",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("contract_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("attachment_id", crmkit.Id(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["crm_attachment.id"],
            name=op.f("fk_sales_contract_file_attachment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["sales_contract.id"], name=op.f("fk_sales_contract_file_contract_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_contract_file_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_contract_file")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_sales_contract_file_attachment_id")),
    )
    with op.batch_alter_table("sales_contract_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_contract_file_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_contract_file_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "sales_return_line",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("return_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("order_line_id", crmkit.Id(), nullable=False),
        sa.Column("quantity", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_return_line_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["sales_order_line.id"],
            name=op.f("fk_sales_return_line_order_line_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["sales_return.id"], name=op.f("fk_sales_return_line_return_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_return_line")),
    )
    with op.batch_alter_table("sales_return_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_return_line_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_return_line_order_line_id"), ["order_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_return_line_return_id"), ["return_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("sales_return_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_return_line_return_id"))
        batch_op.drop_index(batch_op.f("ix_sales_return_line_order_line_id"))
        batch_op.drop_index(batch_op.f("ix_sales_return_line_customer_id"))

    op.drop_table("sales_return_line")
    with op.batch_alter_table("sales_contract_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_contract_file_customer_id"))
        batch_op.drop_index(batch_op.f("ix_sales_contract_file_contract_id"))

    op.drop_table("sales_contract_file")
    with op.batch_alter_table("sales_return", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_return_order_id"))
        batch_op.drop_index(batch_op.f("ix_sales_return_customer_id"))

    op.drop_table("sales_return")
    with op.batch_alter_table("sales_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_line_customer_id"))

    op.drop_table("sales_order_line")
    with op.batch_alter_table("sales_order_exception", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_order_exception_state")
        batch_op.drop_index("ix_sales_order_exception_order")
        batch_op.drop_index(batch_op.f("ix_sales_order_exception_customer_id"))

    op.drop_table("sales_order_exception")
    with op.batch_alter_table("sales_contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_contract_team_id"))
        batch_op.drop_index("ix_sales_contract_state")
        batch_op.drop_index(batch_op.f("ix_sales_contract_renewal_opportunity_id"))
        batch_op.drop_index("ix_sales_contract_remind")
        batch_op.drop_index(batch_op.f("ix_sales_contract_owner_id"))
        batch_op.drop_index(batch_op.f("ix_sales_contract_order_id"))
        batch_op.drop_index(batch_op.f("ix_sales_contract_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_sales_contract_customer_id"))

    op.drop_table("sales_contract")
    with op.batch_alter_table("sales_quote_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_quote_line_product_id"))
        batch_op.drop_index("ix_sales_quote_line_of")
        batch_op.drop_index(batch_op.f("ix_sales_quote_line_customer_id"))

    op.drop_table("sales_quote_line")
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_team_id"))
        batch_op.drop_index("ix_sales_order_state")
        batch_op.drop_index(batch_op.f("ix_sales_order_owner_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_opportunity_id"))
        batch_op.drop_index("ix_sales_order_external")
        batch_op.drop_index(batch_op.f("ix_sales_order_customer_id"))

    op.drop_table("sales_order")
    with op.batch_alter_table("sales_lead_change", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_lead_change_lead")
        batch_op.drop_index(batch_op.f("ix_sales_lead_change_customer_id"))
        batch_op.drop_index("ix_sales_lead_change_cause")

    op.drop_table("sales_lead_change")
    with op.batch_alter_table("sales_inquiry", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_inquiry_state")
        batch_op.drop_index("ix_sales_inquiry_sender")
        batch_op.drop_index(batch_op.f("ix_sales_inquiry_lead_id"))
        batch_op.drop_index(batch_op.f("ix_sales_inquiry_form_id"))
        batch_op.drop_index(batch_op.f("ix_sales_inquiry_customer_id"))

    op.drop_table("sales_inquiry")
    with op.batch_alter_table("sales_quote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_quote_team_id"))
        batch_op.drop_index("ix_sales_quote_state")
        batch_op.drop_index(batch_op.f("ix_sales_quote_owner_id"))
        batch_op.drop_index(batch_op.f("ix_sales_quote_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_sales_quote_customer_id"))

    op.drop_table("sales_quote")
    with op.batch_alter_table("sales_opportunity_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_line_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_line_customer_id"))

    op.drop_table("sales_opportunity_line")
    with op.batch_alter_table("sales_lead", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_lead_team_id"))
        batch_op.drop_index("ix_sales_lead_state")
        batch_op.drop_index(batch_op.f("ix_sales_lead_source_id"))
        batch_op.drop_index(batch_op.f("ix_sales_lead_owner_id"))
        batch_op.drop_index(batch_op.f("ix_sales_lead_opportunity_id"))
        batch_op.drop_index("ix_sales_lead_opened")
        batch_op.drop_index(batch_op.f("ix_sales_lead_marketer_id"))
        batch_op.drop_index(batch_op.f("ix_sales_lead_handoff_id"))
        batch_op.drop_index(batch_op.f("ix_sales_lead_customer_id"))

    op.drop_table("sales_lead")
    with op.batch_alter_table("sales_opportunity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_version_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_team_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_stage_id"))
        batch_op.drop_index("ix_sales_opportunity_stage")
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_reason_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_pipeline_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_owner_id"))
        batch_op.drop_index("ix_sales_opportunity_kind")
        batch_op.drop_index("ix_sales_opportunity_external")
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_customer_id"))
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_competitor_id"))

    op.drop_table("sales_opportunity")
    with op.batch_alter_table("sales_stage", schema=None) as batch_op:
        batch_op.drop_index("uq_sales_stage_version_id_name")

    op.drop_table("sales_stage")
    with op.batch_alter_table("sales_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_score_version_id"))
        batch_op.drop_index("ix_sales_score_points")
        batch_op.drop_index("ix_sales_score_customer")

    op.drop_table("sales_score")
    op.drop_table("sales_score_version")
    with op.batch_alter_table("sales_price", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_price_product_id"))
        batch_op.drop_index("ix_sales_price_list_product")

    op.drop_table("sales_price")
    with op.batch_alter_table("sales_pipeline_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_pipeline_version_pipeline_id"))

    op.drop_table("sales_pipeline_version")
    with op.batch_alter_table("sales_holding_move", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_holding_move_user")
        batch_op.drop_index(batch_op.f("ix_sales_holding_move_team_id"))
        batch_op.drop_index(batch_op.f("ix_sales_holding_move_pool_id"))
        batch_op.drop_index("ix_sales_holding_move_customer")

    op.drop_table("sales_holding_move")
    with op.batch_alter_table("sales_holding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_holding_team_id"))
        batch_op.drop_index("ix_sales_holding_state")
        batch_op.drop_index(batch_op.f("ix_sales_holding_owner_id"))

    op.drop_table("sales_holding")
    with op.batch_alter_table("sales_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_form_team_id"))
        batch_op.drop_index(batch_op.f("ix_sales_form_source_id"))
        batch_op.drop_index(batch_op.f("ix_sales_form_owner_id"))

    op.drop_table("sales_form")
    with op.batch_alter_table("sales_forecast_figure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_forecast_figure_snapshot_id"))

    op.drop_table("sales_forecast_figure")
    op.drop_table("sales_win_model")
    with op.batch_alter_table("sales_snapshot", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_snapshot_first")

    op.drop_table("sales_snapshot")
    op.drop_table("sales_score_model")
    op.drop_table("sales_reason")
    op.drop_table("sales_quote_policy")
    with op.batch_alter_table("sales_quota", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_quota_team_id"))
        batch_op.drop_index(batch_op.f("ix_sales_quota_owner_id"))
        batch_op.drop_index("ix_sales_quota_first")

    op.drop_table("sales_quota")
    op.drop_table("sales_price_list")
    with op.batch_alter_table("sales_pool", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_pool_team_id"))

    op.drop_table("sales_pool")
    op.drop_table("sales_pipeline")
    op.drop_table("sales_order_rule")
    with op.batch_alter_table("sales_opportunity_state", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_opportunity_state_since")
        batch_op.drop_index("ix_sales_opportunity_state_of")
        batch_op.drop_index(batch_op.f("ix_sales_opportunity_state_customer_id"))

    op.drop_table("sales_opportunity_state")
    op.drop_table("sales_offer_policy")
    with op.batch_alter_table("sales_offer_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_offer_answer_until")
        batch_op.drop_index(batch_op.f("ix_sales_offer_answer_product_id"))
        batch_op.drop_index(batch_op.f("ix_sales_offer_answer_customer_id"))

    op.drop_table("sales_offer_answer")
    with op.batch_alter_table("sales_next_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_next_offer_product_id"))
        batch_op.drop_index(batch_op.f("ix_sales_next_offer_because_id"))

    op.drop_table("sales_next_offer")
    op.drop_table("sales_lead_source")
    with op.batch_alter_table("sales_forecast_adjustment", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_forecast_adjustment_first")

    op.drop_table("sales_forecast_adjustment")
    op.drop_table("sales_credit_limit")
    op.drop_table("sales_counter")
    op.drop_table("sales_cost")
    op.drop_table("sales_competitor")
    op.drop_table("sales_budget_rate")
    with op.batch_alter_table("sales_affinity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_affinity_other_id"))

    op.drop_table("sales_affinity")
