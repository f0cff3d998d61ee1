"""tables

Revision: analytics_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "analytics_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "analytics_alert",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("z", sa.Float(), nullable=False),
        sa.Column("figures", crmkit.json_type(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=80), nullable=True),
        sa.Column("acknowledged_at", crmkit.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_alert")),
    )
    with op.batch_alter_table("analytics_alert", schema=None) as batch_op:
        batch_op.create_index("ix_analytics_alert_cause", ["cause", "last_day"], unique=False)

    op.create_table(
        "analytics_alert_watcher",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("user_id", crmkit.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_analytics_alert_watcher_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_alert_watcher")),
        sa.UniqueConstraint("user_id", name=op.f("uq_analytics_alert_watcher_user_id")),
    )
    op.create_table(
        "analytics_definition",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("recorded_at", crmkit.Instant(), nullable=False),
        sa.Column("sort", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", crmkit.json_type(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_definition")),
        sa.UniqueConstraint("sort", "name", "number", name=op.f("uq_analytics_definition_sort_name_number")),
    )
    op.create_table(
        "analytics_model_run",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("data_from", sa.Date(), nullable=True),
        sa.Column("data_until", sa.Date(), nullable=False),
        sa.Column("as_of", crmkit.Instant(), nullable=False),
        sa.Column("known_at", crmkit.Instant(), nullable=False),
        sa.Column("asked", crmkit.json_type(), nullable=False),
        sa.Column("parameters", crmkit.json_type(), nullable=False),
        sa.Column("figures", crmkit.json_type(), nullable=False),
        sa.Column("baseline", crmkit.json_type(), nullable=False),
        sa.Column("judged_by", sa.String(length=80), nullable=True),
        sa.Column("notes", crmkit.json_type(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("code_version", sa.String(length=120), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=True),
        sa.Column("started_at", crmkit.Instant(), nullable=True),
        sa.Column("finished_at", crmkit.Instant(), nullable=True),
        sa.Column("beat_at", crmkit.Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("progress_word", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("adopted_at", crmkit.Instant(), nullable=True),
        sa.Column("adopted_by", sa.String(length=80), nullable=True),
        sa.Column("retired_at", crmkit.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_model_run")),
        sa.UniqueConstraint("number", name=op.f("uq_analytics_model_run_number")),
    )
    with op.batch_alter_table("analytics_model_run", schema=None) as batch_op:
        batch_op.create_index("ix_analytics_model_run_model", ["model", "state"], unique=False)

    op.create_table(
        "analytics_model_artifact",
        sa.Column("run_id", crmkit.Id(), nullable=False),
        sa.Column("content", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["analytics_model_run.id"], name=op.f("fk_analytics_model_artifact_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_analytics_model_artifact")),
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("analytics_model_artifact")
    with op.batch_alter_table("analytics_model_run", schema=None) as batch_op:
        batch_op.drop_index("ix_analytics_model_run_model")

    op.drop_table("analytics_model_run")
    op.drop_table("analytics_definition")
    op.drop_table("analytics_alert_watcher")
    with op.batch_alter_table("analytics_alert", schema=None) as batch_op:
        batch_op.drop_index("ix_analytics_alert_cause")

    op.drop_table("analytics_alert")
