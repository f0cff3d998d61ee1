"""tables

Revision: churn_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "churn_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "churn_definition",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=2000), nullable=False),
        sa.Column("cancelled", sa.String(length=2000), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("gap_percent", sa.Integer(), nullable=False),
        sa.Column("least_gap_days", sa.Integer(), nullable=False),
        sa.Column("least_alive", sa.Integer(), nullable=False),
        sa.Column("drop_percent", sa.Integer(), nullable=False),
        sa.Column("among", sa.String(length=2000), nullable=False),
        sa.Column("observation_days", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("features", crmkit.json_type(), nullable=False),
        sa.Column("delays", crmkit.json_type(), nullable=False),
        sa.Column("points", crmkit.json_type(), nullable=False),
        sa.Column("undated", sa.Boolean(), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_definition")),
        sa.UniqueConstraint("name", name=op.f("uq_churn_definition_name")),
    )
    op.create_table(
        "churn_departure",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("definition", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("noticed_at", crmkit.Instant(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("rival", sa.String(length=120), nullable=True),
        sa.Column("asked_at", crmkit.Instant(), nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_churn_departure_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_departure")),
    )
    with op.batch_alter_table("churn_departure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_churn_departure_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_churn_departure_definition", ["definition", "since"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_departure_since"), ["since"], unique=False)

    op.create_table(
        "churn_health_override",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("until", crmkit.Instant(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_churn_health_override_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_health_override")),
    )
    with op.batch_alter_table("churn_health_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_churn_health_override_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "churn_health_scheme",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("among", sa.String(length=2000), nullable=False),
        sa.Column("groups", crmkit.json_type(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_health_scheme")),
        sa.UniqueConstraint("name", name=op.f("uq_churn_health_scheme_name")),
    )
    op.create_table(
        "churn_health_score",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("as_of", crmkit.Instant(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("known", sa.Float(), nullable=False),
        sa.Column("parts", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_churn_health_score_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_health_score")),
    )
    with op.batch_alter_table("churn_health_score", schema=None) as batch_op:
        batch_op.create_index("ix_churn_health_score_customer", ["customer_id", "as_of"], unique=False)

    op.create_table(
        "churn_pass",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("run_id", crmkit.Id(), nullable=False),
        sa.Column("as_of", crmkit.Instant(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("standing", sa.String(length=6), nullable=False),
        sa.Column("worst", sa.Float(), nullable=False),
        sa.Column("drift", crmkit.json_type(), nullable=False),
        sa.Column("counts", crmkit.json_type(), nullable=False),
        sa.Column("judged", crmkit.json_type(), nullable=False),
        sa.Column("judged_at", crmkit.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_pass")),
    )
    with op.batch_alter_table("churn_pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_churn_pass_as_of"), ["as_of"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_pass_run_id"), ["run_id"], unique=False)

    op.create_table(
        "churn_playbook",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("when", sa.String(length=2000), nullable=False),
        sa.Column("steps", crmkit.json_type(), nullable=False),
        sa.Column("offer", sa.String(length=500), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_percent", sa.Integer(), nullable=False),
        sa.Column("holdout", sa.Float(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_playbook")),
        sa.UniqueConstraint("name", name=op.f("uq_churn_playbook_name")),
    )
    op.create_table(
        "churn_score",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("as_of", crmkit.Instant(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("run_id", crmkit.Id(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("reasons", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_churn_score_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_score")),
    )
    with op.batch_alter_table("churn_score", schema=None) as batch_op:
        batch_op.create_index("ix_churn_score_customer", ["customer_id", "as_of"], unique=False)

    op.create_table(
        "churn_warning_rule",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("when", sa.String(length=2000), nullable=False),
        sa.Column("clear", sa.String(length=2000), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("cooldown_days", sa.Integer(), nullable=False),
        sa.Column("per_owner", sa.Integer(), nullable=False),
        sa.Column("escalate_hours", sa.Integer(), nullable=False),
        sa.Column("expires_days", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_warning_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_churn_warning_rule_name")),
    )
    op.create_table(
        "churn_warning",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("rule_id", crmkit.Id(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("worth_minor", sa.Integer(), nullable=True),
        sa.Column("reasons", crmkit.json_type(), nullable=False),
        sa.Column("opened_at", crmkit.Instant(), nullable=False),
        sa.Column("seen_at", crmkit.Instant(), nullable=True),
        sa.Column("escalated_at", crmkit.Instant(), nullable=True),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.Column("cleared_at", crmkit.Instant(), nullable=True),
        sa.Column("acted", sa.Boolean(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_churn_warning_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_churn_warning_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["churn_warning_rule.id"], name=op.f("fk_churn_warning_rule_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_churn_warning_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_warning")),
    )
    with op.batch_alter_table("churn_warning", schema=None) as batch_op:
        batch_op.create_index("ix_churn_warning_customer", ["customer_id", "rule_id", "opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_warning_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_warning_rule_id"), ["rule_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_warning_state"), ["state"], unique=False)

    op.create_table(
        "churn_treatment",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("playbook_id", crmkit.Id(), nullable=False),
        sa.Column("warning_id", crmkit.Id(), nullable=True),
        sa.Column("arm", sa.String(length=8), nullable=False),
        sa.Column("started_at", crmkit.Instant(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_churn_treatment_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["playbook_id"], ["churn_playbook.id"], name=op.f("fk_churn_treatment_playbook_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["churn_warning.id"], name=op.f("fk_churn_treatment_warning_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_churn_treatment")),
    )
    with op.batch_alter_table("churn_treatment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_churn_treatment_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_treatment_judged_on"), ["judged_on"], unique=False)
        batch_op.create_index("ix_churn_treatment_playbook", ["playbook_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_churn_treatment_warning_id"), ["warning_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("churn_treatment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_churn_treatment_warning_id"))
        batch_op.drop_index("ix_churn_treatment_playbook")
        batch_op.drop_index(batch_op.f("ix_churn_treatment_judged_on"))
        batch_op.drop_index(batch_op.f("ix_churn_treatment_customer_id"))

    op.drop_table("churn_treatment")
    with op.batch_alter_table("churn_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_churn_warning_state"))
        batch_op.drop_index(batch_op.f("ix_churn_warning_rule_id"))
        batch_op.drop_index(batch_op.f("ix_churn_warning_owner_id"))
        batch_op.drop_index("ix_churn_warning_customer")

    op.drop_table("churn_warning")
    op.drop_table("churn_warning_rule")
    with op.batch_alter_table("churn_score", schema=None) as batch_op:
        batch_op.drop_index("ix_churn_score_customer")

    op.drop_table("churn_score")
    op.drop_table("churn_playbook")
    with op.batch_alter_table("churn_pass", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_churn_pass_run_id"))
        batch_op.drop_index(batch_op.f("ix_churn_pass_as_of"))

    op.drop_table("churn_pass")
    with op.batch_alter_table("churn_health_score", schema=None) as batch_op:
        batch_op.drop_index("ix_churn_health_score_customer")

    op.drop_table("churn_health_score")
    op.drop_table("churn_health_scheme")
    with op.batch_alter_table("churn_health_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_churn_health_override_customer_id"))

    op.drop_table("churn_health_override")
    with op.batch_alter_table("churn_departure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_churn_departure_since"))
        batch_op.drop_index("ix_churn_departure_definition")
        batch_op.drop_index(batch_op.f("ix_churn_departure_customer_id"))

    op.drop_table("churn_departure")
    op.drop_table("churn_definition")
