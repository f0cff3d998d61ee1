"""tables

Revision: loyalty_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "loyalty_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "loyalty_program",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("enrolment", sa.String(length=10), nullable=False),
        sa.Column("clawback", sa.String(length=10), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("holdout", sa.Integer(), nullable=False),
        sa.Column("started_at", crmkit.Instant(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_program")),
        sa.UniqueConstraint("name", name=op.f("uq_loyalty_program_name")),
    )
    op.create_table(
        "loyalty_redemption_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_loyalty_redemption_counter")),
    )
    op.create_table(
        "loyalty_account",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_account_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_account_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_account_program_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_account_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_account")),
        sa.UniqueConstraint("number", name=op.f("uq_loyalty_account_number")),
    )
    with op.batch_alter_table("loyalty_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_account_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_account_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_account_program_id"), ["program_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_account_team_id"), ["team_id"], unique=False)

    op.create_table(
        "loyalty_draw",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_draw_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_draw_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_draw")),
    )
    with op.batch_alter_table("loyalty_draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_draw_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_loyalty_draw_program", ["program_id", "customer_id"], unique=False)

    op.create_table(
        "loyalty_notice",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("told_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_notice_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_notice_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_notice_program_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_notice_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_notice")),
    )
    with op.batch_alter_table("loyalty_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_notice_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_notice_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_notice_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_loyalty_notice_cause", ["customer_id", "cause"], unique=True)

    op.create_table(
        "loyalty_notice_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("kinds", crmkit.json_type(), nullable=False),
        sa.Column("days", crmkit.json_type(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("templates", crmkit.json_type(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_notice_policy_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_notice_policy")),
        sa.UniqueConstraint("program_id", name=op.f("uq_loyalty_notice_policy_program_id")),
    )
    op.create_table(
        "loyalty_point_type",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("spendable", sa.Boolean(), nullable=False),
        sa.Column("transferable", sa.Boolean(), nullable=False),
        sa.Column("pending_days", sa.Integer(), nullable=False),
        sa.Column("expiry", sa.String(length=8), nullable=False),
        sa.Column("expiry_months", sa.Integer(), nullable=False),
        sa.Column("expiry_rounding", sa.String(length=7), nullable=False),
        sa.Column("expiry_month", sa.Integer(), nullable=False),
        sa.Column("expiry_day", sa.Integer(), nullable=False),
        sa.Column("unit_cost", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_point_type_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_point_type")),
    )
    with op.batch_alter_table("loyalty_point_type", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_point_type_program_id"), ["program_id"], unique=False)
        batch_op.create_index("uq_loyalty_point_type_name", ["program_id", "name"], unique=True)

    op.create_table(
        "loyalty_promotion",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("percent", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("buy", sa.Integer(), nullable=False),
        sa.Column("get", sa.Integer(), nullable=False),
        sa.Column("gift", sa.String(length=120), nullable=True),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("skus", crmkit.json_type(), nullable=False),
        sa.Column("categories", crmkit.json_type(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("own_codes", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stack", sa.String(length=60), nullable=True),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("most_each", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=True),
        sa.Column("retired_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_promotion_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_promotion")),
    )
    with op.batch_alter_table("loyalty_promotion", schema=None) as batch_op:
        batch_op.create_index("ix_loyalty_promotion_state", ["program_id", "state"], unique=False)
        batch_op.create_index("uq_loyalty_promotion_version", ["program_id", "name", "version_no"], unique=True)

    op.create_table(
        "loyalty_promotion_code",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("promotion", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("used_ref", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["loyalty_program.id"],
            name=op.f("fk_loyalty_promotion_code_program_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_promotion_code")),
        sa.UniqueConstraint("number", name=op.f("uq_loyalty_promotion_code_number")),
    )
    op.create_table(
        "loyalty_rule_set",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=True),
        sa.Column("retired_at", crmkit.Instant(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_rule_set_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_rule_set")),
    )
    with op.batch_alter_table("loyalty_rule_set", schema=None) as batch_op:
        batch_op.create_index("uq_loyalty_rule_set_number", ["program_id", "number"], unique=True)

    op.create_table(
        "loyalty_tier",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reach", crmkit.json_type(), nullable=False),
        sa.Column("keep", crmkit.json_type(), nullable=False),
        sa.Column("benefits", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_tier_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_tier")),
    )
    with op.batch_alter_table("loyalty_tier", schema=None) as batch_op:
        batch_op.create_index("uq_loyalty_tier_level", ["program_id", "level"], unique=True)
        batch_op.create_index("uq_loyalty_tier_name", ["program_id", "name"], unique=True)

    op.create_table(
        "loyalty_tier_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("window", sa.String(length=13), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("downgrade", sa.String(length=10), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("landing", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_tier_policy_program_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_tier_policy")),
        sa.UniqueConstraint("program_id", name=op.f("uq_loyalty_tier_policy_program_id")),
    )
    op.create_table(
        "loyalty_balance",
        sa.Column("account_id", crmkit.Id(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("active_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["loyalty_account.id"], name=op.f("fk_loyalty_balance_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_balance_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("account_id", "type_id", name=op.f("pk_loyalty_balance")),
    )
    op.create_table(
        "loyalty_challenge",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("target", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("window", sa.String(length=7), nullable=False),
        sa.Column("unit", sa.String(length=5), nullable=False),
        sa.Column("per_unit", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("badge", sa.String(length=120), nullable=True),
        sa.Column("badge_rule", sa.String(length=9), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=True),
        sa.Column("retired_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_challenge_program_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_challenge_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_challenge")),
    )
    with op.batch_alter_table("loyalty_challenge", schema=None) as batch_op:
        batch_op.create_index("uq_loyalty_challenge_name", ["program_id", "name"], unique=True)

    op.create_table(
        "loyalty_earn_rule",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("set_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=5), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("points", sa.String(length=500), nullable=False),
        sa.Column("rounding", sa.String(length=7), nullable=False),
        sa.Column("stack", sa.String(length=60), nullable=True),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("cap_once", sa.BigInteger(), nullable=True),
        sa.Column("cap_day", sa.BigInteger(), nullable=True),
        sa.Column("cap_period", sa.BigInteger(), nullable=True),
        sa.Column("cap_days", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("pending_days", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"], ["loyalty_rule_set.id"], name=op.f("fk_loyalty_earn_rule_set_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_earn_rule_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_earn_rule")),
    )
    with op.batch_alter_table("loyalty_earn_rule", schema=None) as batch_op:
        batch_op.create_index("uq_loyalty_earn_rule_name", ["set_id", "name"], unique=True)

    op.create_table(
        "loyalty_hold",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("account_id", crmkit.Id(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("expires_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["loyalty_account.id"], name=op.f("fk_loyalty_hold_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_hold_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_hold_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_hold_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_hold_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_hold")),
    )
    with op.batch_alter_table("loyalty_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_hold_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_hold_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_hold_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_loyalty_hold_state", ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_hold_team_id"), ["team_id"], unique=False)

    op.create_table(
        "loyalty_liability_closing",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("share", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("low_minor", sa.BigInteger(), nullable=False),
        sa.Column("high_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["loyalty_program.id"],
            name=op.f("fk_loyalty_liability_closing_program_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["loyalty_point_type.id"],
            name=op.f("fk_loyalty_liability_closing_type_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_liability_closing")),
    )
    with op.batch_alter_table("loyalty_liability_closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_liability_closing_program_id"), ["program_id"], unique=False)
        batch_op.create_index("uq_loyalty_liability_closing_day", ["type_id", "day"], unique=True)

    op.create_table(
        "loyalty_member",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("account_id", crmkit.Id(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("referral", sa.String(length=20), nullable=False),
        sa.Column("joined_at", crmkit.Instant(), nullable=False),
        sa.Column("left_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["loyalty_account.id"], name=op.f("fk_loyalty_member_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_member_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_member_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_member_program_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_member_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_member")),
        sa.UniqueConstraint("referral", name=op.f("uq_loyalty_member_referral")),
    )
    with op.batch_alter_table("loyalty_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_member_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_loyalty_member_customer", ["customer_id", "program_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_member_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_member_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_member_program_id"), ["program_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_member_team_id"), ["team_id"], unique=False)

    op.create_table(
        "loyalty_promotion_use",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("promotion_id", crmkit.Id(), nullable=False),
        sa.Column("promotion", sa.String(length=60), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("free", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("used_at", crmkit.Instant(), nullable=False),
        sa.Column("returned_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_promotion_use_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_promotion_use_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["loyalty_program.id"],
            name=op.f("fk_loyalty_promotion_use_program_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["loyalty_promotion.id"],
            name=op.f("fk_loyalty_promotion_use_promotion_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_promotion_use_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_promotion_use")),
    )
    with op.batch_alter_table("loyalty_promotion_use", schema=None) as batch_op:
        batch_op.create_index("ix_loyalty_promotion_use_customer", ["customer_id", "promotion"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_promotion_use_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_promotion_use_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_promotion_use_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_promotion_use_promotion_id"), ["promotion_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_promotion_use_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_loyalty_promotion_use_ref", ["program_id", "ref", "promotion"], unique=True)

    op.create_table(
        "loyalty_referral_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("referrer_points", sa.BigInteger(), nullable=False),
        sa.Column("referred_points", sa.BigInteger(), nullable=False),
        sa.Column("hold_days", sa.Integer(), nullable=False),
        sa.Column("qualify_days", sa.Integer(), nullable=False),
        sa.Column("new_only", sa.Boolean(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("cap_days", sa.Integer(), nullable=False),
        sa.Column("join_url", sa.String(length=500), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["loyalty_program.id"],
            name=op.f("fk_loyalty_referral_policy_program_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_referral_policy_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_referral_policy")),
        sa.UniqueConstraint("program_id", name=op.f("uq_loyalty_referral_policy_program_id")),
    )
    op.create_table(
        "loyalty_reward",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("most_days", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=2000), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("voucher_days", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_reward_program_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_reward_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_reward")),
        sa.UniqueConstraint("name", name=op.f("uq_loyalty_reward_name")),
    )
    with op.batch_alter_table("loyalty_reward", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_reward_program_id"), ["program_id"], unique=False)

    op.create_table(
        "loyalty_tier_metric",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_tier_metric_program_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_tier_metric_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_tier_metric")),
    )
    with op.batch_alter_table("loyalty_tier_metric", schema=None) as batch_op:
        batch_op.create_index("uq_loyalty_tier_metric_name", ["program_id", "name"], unique=True)

    op.create_table(
        "loyalty_transaction",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("account_id", crmkit.Id(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=True),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("about_id", crmkit.Id(), nullable=True),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["loyalty_account.id"], name=op.f("fk_loyalty_transaction_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_transaction_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_transaction_program_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_transaction")),
        sa.UniqueConstraint("key", name=op.f("uq_loyalty_transaction_key")),
    )
    with op.batch_alter_table("loyalty_transaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_transaction_about_id"), ["about_id"], unique=False)
        batch_op.create_index("ix_loyalty_transaction_account", ["account_id", "at", "id"], unique=False)
        batch_op.create_index("ix_loyalty_transaction_customer", ["customer_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_transaction_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_transaction_program_id"), ["program_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_transaction_ref"), ["ref"], unique=False)

    op.create_table(
        "loyalty_badge",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("challenge_id", crmkit.Id(), nullable=False),
        sa.Column("member_id", crmkit.Id(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("given_at", crmkit.Instant(), nullable=False),
        sa.Column("taken_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["loyalty_challenge.id"], name=op.f("fk_loyalty_badge_challenge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_badge_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["loyalty_member.id"], name=op.f("fk_loyalty_badge_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_badge_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_badge_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_badge")),
    )
    with op.batch_alter_table("loyalty_badge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_badge_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_badge_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_badge_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_badge_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_loyalty_badge", ["challenge_id", "member_id"], unique=True)

    op.create_table(
        "loyalty_challenge_completion",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("challenge_id", crmkit.Id(), nullable=False),
        sa.Column("member_id", crmkit.Id(), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("completed_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["loyalty_challenge.id"],
            name=op.f("fk_loyalty_challenge_completion_challenge_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_loyalty_challenge_completion_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["loyalty_member.id"],
            name=op.f("fk_loyalty_challenge_completion_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_challenge_completion_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_challenge_completion_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_challenge_completion")),
    )
    with op.batch_alter_table("loyalty_challenge_completion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_completion_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_completion_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_completion_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_completion_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            "uq_loyalty_challenge_completion", ["challenge_id", "member_id", "period", "turn"], unique=True
        )

    op.create_table(
        "loyalty_challenge_progress",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("challenge_id", crmkit.Id(), nullable=False),
        sa.Column("member_id", crmkit.Id(), nullable=False),
        sa.Column("value", crmkit.ScaledDecimal(6), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("through", sa.Date(), nullable=True),
        sa.Column("looked_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["loyalty_challenge.id"],
            name=op.f("fk_loyalty_challenge_progress_challenge_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_loyalty_challenge_progress_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["loyalty_member.id"],
            name=op.f("fk_loyalty_challenge_progress_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_challenge_progress_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_challenge_progress_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_challenge_progress")),
    )
    with op.batch_alter_table("loyalty_challenge_progress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_progress_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_progress_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_progress_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_challenge_progress_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_loyalty_challenge_progress", ["challenge_id", "member_id"], unique=True)

    op.create_table(
        "loyalty_contribution",
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_contribution_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_contribution_program_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["loyalty_transaction.id"],
            name=op.f("fk_loyalty_contribution_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transaction_id", "number", name=op.f("pk_loyalty_contribution")),
    )
    with op.batch_alter_table("loyalty_contribution", schema=None) as batch_op:
        batch_op.create_index("ix_loyalty_contribution_cap", ["customer_id", "rule", "at"], unique=False)

    op.create_table(
        "loyalty_grant",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("good_through", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("external_source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_grant_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_grant_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_grant_program_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_grant_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["loyalty_transaction.id"],
            name=op.f("fk_loyalty_grant_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_grant_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_grant")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_loyalty_grant_transaction_id")),
    )
    with op.batch_alter_table("loyalty_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_grant_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_grant_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_grant_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_loyalty_grant_external", ["external_source", "external_id"], unique=True)

    op.create_table(
        "loyalty_lot",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("account_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", crmkit.Instant(), nullable=False),
        sa.Column("available_at", crmkit.Instant(), nullable=False),
        sa.Column("released_at", crmkit.Instant(), nullable=True),
        sa.Column("expires_at", crmkit.Instant(), nullable=True),
        sa.Column("unit_cost", crmkit.ScaledDecimal(6), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["loyalty_account.id"], name=op.f("fk_loyalty_lot_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_lot_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["loyalty_transaction.id"],
            name=op.f("fk_loyalty_lot_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_lot_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_lot")),
    )
    with op.batch_alter_table("loyalty_lot", schema=None) as batch_op:
        batch_op.create_index("ix_loyalty_lot_account", ["account_id", "type_id", "left"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_lot_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_loyalty_lot_expiry", ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_loyalty_lot_good",
            ["account_id", "type_id", "expires_at"],
            unique=False,
            sqlite_where=sa.text('"left" > 0'),
            postgresql_where=sa.text('"left" > 0'),
        )
        batch_op.create_index(batch_op.f("ix_loyalty_lot_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_lot_transaction_id"), ["transaction_id"], unique=False)
        batch_op.create_index("ix_loyalty_lot_waiting", ["released_at", "available_at"], unique=False)

    op.create_table(
        "loyalty_member_tier",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("member_id", crmkit.Id(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("tier_id", crmkit.Id(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("pinned_until", sa.Date(), nullable=True),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_member_tier_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["loyalty_member.id"], name=op.f("fk_loyalty_member_tier_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_member_tier_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_member_tier_program_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_member_tier_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"], ["loyalty_tier.id"], name=op.f("fk_loyalty_member_tier_tier_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_member_tier")),
        sa.UniqueConstraint("member_id", name=op.f("uq_loyalty_member_tier_member_id")),
    )
    with op.batch_alter_table("loyalty_member_tier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_member_tier_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_loyalty_member_tier_looked", ["looked_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_member_tier_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_member_tier_team_id"), ["team_id"], unique=False)

    op.create_table(
        "loyalty_redemption",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reward_id", crmkit.Id(), nullable=False),
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("state_since", crmkit.Instant(), nullable=False),
        sa.Column("redeemed_at", crmkit.Instant(), nullable=False),
        sa.Column("tracking", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_redemption_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_redemption_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reward_id"], ["loyalty_reward.id"], name=op.f("fk_loyalty_redemption_reward_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_redemption_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["loyalty_transaction.id"],
            name=op.f("fk_loyalty_redemption_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_redemption")),
        sa.UniqueConstraint("number", name=op.f("uq_loyalty_redemption_number")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_loyalty_redemption_transaction_id")),
    )
    with op.batch_alter_table("loyalty_redemption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_redemption_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_redemption_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_redemption_reward_id"), ["reward_id"], unique=False)
        batch_op.create_index("ix_loyalty_redemption_state", ["state", "redeemed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_redemption_team_id"), ["team_id"], unique=False)

    op.create_table(
        "loyalty_referral",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("member_id", crmkit.Id(), nullable=False),
        sa.Column("referrer_id", crmkit.Id(), nullable=True),
        sa.Column("invitation", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("entered_at", crmkit.Instant(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=True),
        sa.Column("condition", sa.String(length=2000), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("qualified_at", crmkit.Instant(), nullable=True),
        sa.Column("release_at", crmkit.Instant(), nullable=True),
        sa.Column("rewarded_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("referrer_points", sa.BigInteger(), nullable=False),
        sa.Column("referred_points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_referral_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["loyalty_member.id"], name=op.f("fk_loyalty_referral_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_referral_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_referral_program_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["referrer_id"], ["loyalty_member.id"], name=op.f("fk_loyalty_referral_referrer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_referral_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_referral")),
    )
    with op.batch_alter_table("loyalty_referral", schema=None) as batch_op:
        batch_op.create_index("ix_loyalty_referral_customer", ["customer_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_referrer_id"), ["referrer_id"], unique=False)
        batch_op.create_index("ix_loyalty_referral_state", ["state", "release_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_team_id"), ["team_id"], unique=False)

    op.create_table(
        "loyalty_refunded",
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_refunded_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["loyalty_transaction.id"],
            name=op.f("fk_loyalty_refunded_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transaction_id", "interaction_id", "line_no", name=op.f("pk_loyalty_refunded")),
    )
    with op.batch_alter_table("loyalty_refunded", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_refunded_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "loyalty_tier_change",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("member_id", crmkit.Id(), nullable=False),
        sa.Column("program_id", crmkit.Id(), nullable=False),
        sa.Column("before", sa.String(length=60), nullable=True),
        sa.Column("after", sa.String(length=60), nullable=False),
        sa.Column("level_before", sa.Integer(), nullable=True),
        sa.Column("level_after", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=9), nullable=False),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("user_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_tier_change_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["loyalty_member.id"], name=op.f("fk_loyalty_tier_change_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["loyalty_program.id"], name=op.f("fk_loyalty_tier_change_program_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_loyalty_tier_change_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_tier_change")),
    )
    with op.batch_alter_table("loyalty_tier_change", schema=None) as batch_op:
        batch_op.create_index("ix_loyalty_tier_change_customer", ["customer_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_tier_change_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_tier_change_user_id"), ["user_id"], unique=False)

    op.create_table(
        "loyalty_posting",
        sa.Column("transaction_id", crmkit.Id(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("account_id", crmkit.Id(), nullable=True),
        sa.Column("type_id", crmkit.Id(), nullable=False),
        sa.Column("side", sa.String(length=11), nullable=False),
        sa.Column("lot_id", crmkit.Id(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["loyalty_account.id"], name=op.f("fk_loyalty_posting_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_posting_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["loyalty_lot.id"], name=op.f("fk_loyalty_posting_lot_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["loyalty_transaction.id"],
            name=op.f("fk_loyalty_posting_transaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["loyalty_point_type.id"], name=op.f("fk_loyalty_posting_type_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("transaction_id", "line_no", name=op.f("pk_loyalty_posting")),
    )
    with op.batch_alter_table("loyalty_posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_posting_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_posting_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_posting_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "loyalty_referral_change",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("referral_id", crmkit.Id(), nullable=False),
        sa.Column("before", sa.String(length=9), nullable=True),
        sa.Column("after", sa.String(length=9), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_loyalty_referral_change_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["loyalty_referral.id"],
            name=op.f("fk_loyalty_referral_change_referral_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_referral_change")),
    )
    with op.batch_alter_table("loyalty_referral_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_referral_change_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_referral_change_referral_id"), ["referral_id"], unique=False)

    op.create_table(
        "loyalty_voucher",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("redemption_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("good_through", sa.Date(), nullable=False),
        sa.Column("used_at", crmkit.Instant(), nullable=True),
        sa.Column("used_ref", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_loyalty_voucher_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_loyalty_voucher_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"],
            ["loyalty_redemption.id"],
            name=op.f("fk_loyalty_voucher_redemption_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_loyalty_voucher_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_voucher")),
        sa.UniqueConstraint("number", name=op.f("uq_loyalty_voucher_number")),
    )
    with op.batch_alter_table("loyalty_voucher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loyalty_voucher_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_voucher_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_voucher_redemption_id"), ["redemption_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_loyalty_voucher_team_id"), ["team_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("loyalty_voucher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_voucher_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_voucher_redemption_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_voucher_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_voucher_customer_id"))

    op.drop_table("loyalty_voucher")
    with op.batch_alter_table("loyalty_referral_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_change_referral_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_change_customer_id"))

    op.drop_table("loyalty_referral_change")
    with op.batch_alter_table("loyalty_posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_posting_lot_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_posting_customer_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_posting_account_id"))

    op.drop_table("loyalty_posting")
    with op.batch_alter_table("loyalty_tier_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_tier_change_user_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_tier_change_member_id"))
        batch_op.drop_index("ix_loyalty_tier_change_customer")

    op.drop_table("loyalty_tier_change")
    with op.batch_alter_table("loyalty_refunded", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_refunded_customer_id"))

    op.drop_table("loyalty_refunded")
    with op.batch_alter_table("loyalty_referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_team_id"))
        batch_op.drop_index("ix_loyalty_referral_state")
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_referrer_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_member_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_referral_customer_id"))
        batch_op.drop_index("ix_loyalty_referral_customer")

    op.drop_table("loyalty_referral")
    with op.batch_alter_table("loyalty_redemption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_redemption_team_id"))
        batch_op.drop_index("ix_loyalty_redemption_state")
        batch_op.drop_index(batch_op.f("ix_loyalty_redemption_reward_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_redemption_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_redemption_customer_id"))

    op.drop_table("loyalty_redemption")
    with op.batch_alter_table("loyalty_member_tier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_member_tier_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_member_tier_owner_id"))
        batch_op.drop_index("ix_loyalty_member_tier_looked")
        batch_op.drop_index(batch_op.f("ix_loyalty_member_tier_customer_id"))

    op.drop_table("loyalty_member_tier")
    with op.batch_alter_table("loyalty_lot", schema=None) as batch_op:
        batch_op.drop_index("ix_loyalty_lot_waiting")
        batch_op.drop_index(batch_op.f("ix_loyalty_lot_transaction_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_lot_interaction_id"))
        batch_op.drop_index(
            "ix_loyalty_lot_good", sqlite_where=sa.text('"left" > 0'), postgresql_where=sa.text('"left" > 0')
        )
        batch_op.drop_index("ix_loyalty_lot_expiry")
        batch_op.drop_index(batch_op.f("ix_loyalty_lot_customer_id"))
        batch_op.drop_index("ix_loyalty_lot_account")

    op.drop_table("loyalty_lot")
    with op.batch_alter_table("loyalty_grant", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_grant_external")
        batch_op.drop_index(batch_op.f("ix_loyalty_grant_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_grant_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_grant_customer_id"))

    op.drop_table("loyalty_grant")
    with op.batch_alter_table("loyalty_contribution", schema=None) as batch_op:
        batch_op.drop_index("ix_loyalty_contribution_cap")

    op.drop_table("loyalty_contribution")
    with op.batch_alter_table("loyalty_challenge_progress", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_challenge_progress")
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_progress_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_progress_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_progress_member_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_progress_customer_id"))

    op.drop_table("loyalty_challenge_progress")
    with op.batch_alter_table("loyalty_challenge_completion", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_challenge_completion")
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_completion_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_completion_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_completion_member_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_challenge_completion_customer_id"))

    op.drop_table("loyalty_challenge_completion")
    with op.batch_alter_table("loyalty_badge", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_badge")
        batch_op.drop_index(batch_op.f("ix_loyalty_badge_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_badge_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_badge_member_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_badge_customer_id"))

    op.drop_table("loyalty_badge")
    with op.batch_alter_table("loyalty_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_transaction_ref"))
        batch_op.drop_index(batch_op.f("ix_loyalty_transaction_program_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_transaction_interaction_id"))
        batch_op.drop_index("ix_loyalty_transaction_customer")
        batch_op.drop_index("ix_loyalty_transaction_account")
        batch_op.drop_index(batch_op.f("ix_loyalty_transaction_about_id"))

    op.drop_table("loyalty_transaction")
    with op.batch_alter_table("loyalty_tier_metric", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_tier_metric_name")

    op.drop_table("loyalty_tier_metric")
    with op.batch_alter_table("loyalty_reward", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_reward_program_id"))

    op.drop_table("loyalty_reward")
    op.drop_table("loyalty_referral_policy")
    with op.batch_alter_table("loyalty_promotion_use", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_promotion_use_ref")
        batch_op.drop_index(batch_op.f("ix_loyalty_promotion_use_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_promotion_use_promotion_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_promotion_use_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_promotion_use_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_promotion_use_customer_id"))
        batch_op.drop_index("ix_loyalty_promotion_use_customer")

    op.drop_table("loyalty_promotion_use")
    with op.batch_alter_table("loyalty_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_member_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_member_program_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_member_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_member_customer_id"))
        batch_op.drop_index("ix_loyalty_member_customer")
        batch_op.drop_index(batch_op.f("ix_loyalty_member_account_id"))

    op.drop_table("loyalty_member")
    with op.batch_alter_table("loyalty_liability_closing", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_liability_closing_day")
        batch_op.drop_index(batch_op.f("ix_loyalty_liability_closing_program_id"))

    op.drop_table("loyalty_liability_closing")
    with op.batch_alter_table("loyalty_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_hold_team_id"))
        batch_op.drop_index("ix_loyalty_hold_state")
        batch_op.drop_index(batch_op.f("ix_loyalty_hold_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_hold_customer_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_hold_account_id"))

    op.drop_table("loyalty_hold")
    with op.batch_alter_table("loyalty_earn_rule", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_earn_rule_name")

    op.drop_table("loyalty_earn_rule")
    with op.batch_alter_table("loyalty_challenge", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_challenge_name")

    op.drop_table("loyalty_challenge")
    op.drop_table("loyalty_balance")
    op.drop_table("loyalty_tier_policy")
    with op.batch_alter_table("loyalty_tier", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_tier_name")
        batch_op.drop_index("uq_loyalty_tier_level")

    op.drop_table("loyalty_tier")
    with op.batch_alter_table("loyalty_rule_set", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_rule_set_number")

    op.drop_table("loyalty_rule_set")
    op.drop_table("loyalty_promotion_code")
    with op.batch_alter_table("loyalty_promotion", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_promotion_version")
        batch_op.drop_index("ix_loyalty_promotion_state")

    op.drop_table("loyalty_promotion")
    with op.batch_alter_table("loyalty_point_type", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_point_type_name")
        batch_op.drop_index(batch_op.f("ix_loyalty_point_type_program_id"))

    op.drop_table("loyalty_point_type")
    op.drop_table("loyalty_notice_policy")
    with op.batch_alter_table("loyalty_notice", schema=None) as batch_op:
        batch_op.drop_index("uq_loyalty_notice_cause")
        batch_op.drop_index(batch_op.f("ix_loyalty_notice_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_notice_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_notice_customer_id"))

    op.drop_table("loyalty_notice")
    with op.batch_alter_table("loyalty_draw", schema=None) as batch_op:
        batch_op.drop_index("ix_loyalty_draw_program")
        batch_op.drop_index(batch_op.f("ix_loyalty_draw_customer_id"))

    op.drop_table("loyalty_draw")
    with op.batch_alter_table("loyalty_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loyalty_account_team_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_account_program_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_account_owner_id"))
        batch_op.drop_index(batch_op.f("ix_loyalty_account_customer_id"))

    op.drop_table("loyalty_account")
    op.drop_table("loyalty_redemption_counter")
    op.drop_table("loyalty_program")
