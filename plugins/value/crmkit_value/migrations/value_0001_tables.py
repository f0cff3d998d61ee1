"""tables

Revision: value_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "value_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "value_acquisition_cost",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_acquisition_cost")),
    )
    with op.batch_alter_table("value_acquisition_cost", schema=None) as batch_op:
        batch_op.create_index("ix_value_acquisition_cost_source", ["source", "first"], unique=False)

    op.create_table(
        "value_category_margin",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("category", sa.String(length=120), nullable=False),
        sa.Column("percent", crmkit.ScaledDecimal(4), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_category_margin")),
        sa.UniqueConstraint("category", name=op.f("uq_value_category_margin_category")),
    )
    op.create_table(
        "value_contract_cohort",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("period_months", sa.Integer(), nullable=False),
        sa.Column("counts", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_contract_cohort")),
        sa.UniqueConstraint("name", name=op.f("uq_value_contract_cohort_name")),
    )
    op.create_table(
        "value_next_offer",
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("because_id", crmkit.Id(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("lift", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("margin_minor", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["because_id"], ["crm_product.id"], name=op.f("fk_value_next_offer_because_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_value_next_offer_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_value_next_offer_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "product_id", name=op.f("pk_value_next_offer")),
    )
    with op.batch_alter_table("value_next_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_value_next_offer_because_id"), ["because_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_value_next_offer_product_id"), ["product_id"], unique=False)

    op.create_table(
        "value_next_product",
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("why", sa.String(length=6), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_value_next_product_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_value_next_product_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_value_next_product")),
    )
    with op.batch_alter_table("value_next_product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_value_next_product_product_id"), ["product_id"], unique=False)

    op.create_table(
        "value_not_offered",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_value_not_offered_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_not_offered")),
        sa.UniqueConstraint("product_id", name=op.f("uq_value_not_offered_product_id")),
    )
    op.create_table(
        "value_offered_product",
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("margin_minor", sa.BigInteger(), nullable=False),
        sa.Column("gap_days", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("since_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_value_offered_product_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_value_offered_product")),
    )
    op.create_table(
        "value_pair",
        sa.Column("product_id", crmkit.Id(), nullable=False),
        sa.Column("other_id", crmkit.Id(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("confidence", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("lift", crmkit.ScaledDecimal(6), nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"], ["crm_product.id"], name=op.f("fk_value_pair_other_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_value_pair_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "other_id", name=op.f("pk_value_pair")),
    )
    with op.batch_alter_table("value_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_value_pair_other_id"), ["other_id"], unique=False)

    op.create_table(
        "value_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("horizon_months", sa.Integer(), nullable=False),
        sa.Column("annual_rate", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("margin_percent", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("rfm_bins", sa.Integer(), nullable=False),
        sa.Column("rfm_cuts", crmkit.json_type(), nullable=False),
        sa.Column("rfm_ties", sa.String(length=14), nullable=False),
        sa.Column("rfm_measure", sa.String(length=6), nullable=False),
        sa.Column("rfm_segments", crmkit.json_type(), nullable=False),
        sa.Column("grade_by", sa.String(length=30), nullable=False),
        sa.Column("grading", sa.String(length=8), nullable=False),
        sa.Column("grade_cuts", crmkit.json_type(), nullable=False),
        sa.Column("grade_margin", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("offer_days", sa.Integer(), nullable=False),
        sa.Column("offer_together", sa.Integer(), nullable=False),
        sa.Column("offer_lift", crmkit.ScaledDecimal(4), nullable=False),
        sa.Column("offer_gap_days", sa.Integer(), nullable=False),
        sa.Column("offers_each", sa.Integer(), nullable=False),
        sa.Column("offer_consent", sa.String(length=13), nullable=False),
        sa.Column("offer_purpose", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_policy")),
    )
    op.create_table(
        "value_scoring",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", crmkit.Instant(), nullable=False),
        sa.Column("known_at", crmkit.Instant(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=True),
        sa.Column("run_id", crmkit.Id(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("rules", crmkit.json_type(), nullable=False),
        sa.Column("figures", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_scoring")),
    )
    with op.batch_alter_table("value_scoring", schema=None) as batch_op:
        batch_op.create_index("ix_value_scoring_kind", ["kind", "as_of", "recorded_at"], unique=False)

    op.create_table(
        "value_service_cost",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("contact_minor", sa.BigInteger(), nullable=False),
        sa.Column("hour_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_service_cost")),
        sa.UniqueConstraint("kind", name=op.f("uq_value_service_cost_kind")),
    )
    op.create_table(
        "value_grade",
        sa.Column("scoring_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("plain", sa.String(length=1), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_value_grade_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scoring_id"], ["value_scoring.id"], name=op.f("fk_value_grade_scoring_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scoring_id", "customer_id", name=op.f("pk_value_grade")),
    )
    with op.batch_alter_table("value_grade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_value_grade_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "value_lifetime",
        sa.Column("scoring_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("mean_minor", sa.BigInteger(), nullable=False),
        sa.Column("p_alive", sa.Float(), nullable=False),
        sa.Column("p_alive_low", sa.Float(), nullable=True),
        sa.Column("p_alive_high", sa.Float(), nullable=True),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("expected_low", sa.Float(), nullable=True),
        sa.Column("expected_high", sa.Float(), nullable=True),
        sa.Column("spend_minor", sa.BigInteger(), nullable=False),
        sa.Column("clv_minor", sa.BigInteger(), nullable=False),
        sa.Column("clv_low", sa.BigInteger(), nullable=True),
        sa.Column("clv_high", sa.BigInteger(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_value_lifetime_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scoring_id"], ["value_scoring.id"], name=op.f("fk_value_lifetime_scoring_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scoring_id", "customer_id", name=op.f("pk_value_lifetime")),
    )
    with op.batch_alter_table("value_lifetime", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_value_lifetime_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "value_rfm",
        sa.Column("scoring_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("recency_days", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.Integer(), nullable=False),
        sa.Column("monetary_minor", sa.BigInteger(), nullable=False),
        sa.Column("recency", sa.Integer(), nullable=False),
        sa.Column("frequency_score", sa.Integer(), nullable=False),
        sa.Column("monetary", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_value_rfm_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scoring_id"], ["value_scoring.id"], name=op.f("fk_value_rfm_scoring_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scoring_id", "customer_id", name=op.f("pk_value_rfm")),
    )
    with op.batch_alter_table("value_rfm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_value_rfm_customer_id"), ["customer_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("value_rfm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_value_rfm_customer_id"))

    op.drop_table("value_rfm")
    with op.batch_alter_table("value_lifetime", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_value_lifetime_customer_id"))

    op.drop_table("value_lifetime")
    with op.batch_alter_table("value_grade", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_value_grade_customer_id"))

    op.drop_table("value_grade")
    op.drop_table("value_service_cost")
    with op.batch_alter_table("value_scoring", schema=None) as batch_op:
        batch_op.drop_index("ix_value_scoring_kind")

    op.drop_table("value_scoring")
    op.drop_table("value_policy")
    with op.batch_alter_table("value_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_value_pair_other_id"))

    op.drop_table("value_pair")
    op.drop_table("value_offered_product")
    op.drop_table("value_not_offered")
    with op.batch_alter_table("value_next_product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_value_next_product_product_id"))

    op.drop_table("value_next_product")
    with op.batch_alter_table("value_next_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_value_next_offer_product_id"))
        batch_op.drop_index(batch_op.f("ix_value_next_offer_because_id"))

    op.drop_table("value_next_offer")
    op.drop_table("value_contract_cohort")
    op.drop_table("value_category_margin")
    with op.batch_alter_table("value_acquisition_cost", schema=None) as batch_op:
        batch_op.drop_index("ix_value_acquisition_cost_source")

    op.drop_table("value_acquisition_cost")
