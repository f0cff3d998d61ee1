"""tables

Revision: integration_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "integration_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "integration_endpoint",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("events", crmkit.json_type(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("limits", crmkit.json_type(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("because", sa.String(length=8), nullable=True),
        sa.Column("since", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_integration_endpoint_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_integration_endpoint_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_endpoint")),
        sa.UniqueConstraint("name", name=op.f("uq_integration_endpoint_name")),
    )
    with op.batch_alter_table("integration_endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_endpoint_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_endpoint_team_id"), ["team_id"], unique=False)

    op.create_table(
        "integration_source",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("runs_as_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("scheme", sa.String(length=10), nullable=False),
        sa.Column("previous_until", crmkit.Instant(), nullable=True),
        sa.Column("header", sa.String(length=100), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("encoding", sa.String(length=10), nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("signed", sa.String(length=100), nullable=False),
        sa.Column("timestamp_header", sa.String(length=100), nullable=False),
        sa.Column("signature_part", sa.String(length=20), nullable=False),
        sa.Column("timestamp_part", sa.String(length=20), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column("id_from", sa.String(length=300), nullable=False),
        sa.Column("sample", sa.String(), nullable=True),
        sa.Column("sample_headers", crmkit.json_type(), nullable=True),
        sa.Column("link_id", crmkit.Id(), nullable=True),
        sa.Column("seen_at", crmkit.Instant(), nullable=True),
        sa.Column("unkept", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_integration_source_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["runs_as_id"], ["crm_user.id"], name=op.f("fk_integration_source_runs_as_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_integration_source_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_source")),
        sa.UniqueConstraint("name", name=op.f("uq_integration_source_name")),
    )
    with op.batch_alter_table("integration_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_source_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_source_runs_as_id"), ["runs_as_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_source_team_id"), ["team_id"], unique=False)

    op.create_table(
        "integration_sync",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("connector", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("runs_as_id", crmkit.Id(), nullable=True),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("fields", crmkit.json_type(), nullable=False),
        sa.Column("names", crmkit.json_type(), nullable=False),
        sa.Column("match_by", sa.String(length=60), nullable=False),
        sa.Column("policy", sa.String(length=8), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("watermark_ours", sa.String(length=60), nullable=True),
        sa.Column("watermark_theirs", sa.String(length=200), nullable=True),
        sa.Column("held_until", crmkit.Instant(), nullable=True),
        sa.Column("held_by", crmkit.Id(), nullable=True),
        sa.Column("run_at", crmkit.Instant(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_integration_sync_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["runs_as_id"], ["crm_user.id"], name=op.f("fk_integration_sync_runs_as_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_integration_sync_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_sync")),
        sa.UniqueConstraint("name", name=op.f("uq_integration_sync_name")),
    )
    with op.batch_alter_table("integration_sync", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_sync_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_sync_runs_as_id"), ["runs_as_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_sync_team_id"), ["team_id"], unique=False)

    op.create_table(
        "integration_delivery",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("endpoint_id", crmkit.Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("event_id", crmkit.Id(), nullable=True),
        sa.Column("event_type", sa.String(length=120), nullable=False),
        sa.Column("happened_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("others", crmkit.json_type(), nullable=False),
        sa.Column("line", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", crmkit.Instant(), nullable=True),
        sa.Column("next_at", crmkit.Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["integration_endpoint.id"],
            name=op.f("fk_integration_delivery_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_delivery")),
    )
    with op.batch_alter_table("integration_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_delivery_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_integration_delivery_ended", ["state", "ended_at"], unique=False)
        batch_op.create_index("ix_integration_delivery_happened", ["endpoint_id", "happened_at"], unique=False)
        batch_op.create_index("ix_integration_delivery_open", ["endpoint_id", "state", "seq"], unique=False)
        batch_op.create_index("uq_integration_delivery_message", ["endpoint_id", "message_id"], unique=True)

    op.create_table(
        "integration_mapping",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("source_id", crmkit.Id(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("names", crmkit.json_type(), nullable=False),
        sa.Column("when", sa.String(length=2000), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("inputs", crmkit.json_type(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["integration_source.id"], name=op.f("fk_integration_mapping_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_mapping")),
    )
    with op.batch_alter_table("integration_mapping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_mapping_source_id"), ["source_id"], unique=False)

    op.create_table(
        "integration_progress",
        sa.Column("endpoint_id", crmkit.Id(), nullable=False),
        sa.Column("cursor", sa.String(length=40), nullable=True),
        sa.Column("cursor_at", crmkit.Instant(), nullable=False),
        sa.Column("begins_at", crmkit.Instant(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("run", crmkit.Id(), nullable=True),
        sa.Column("held_until", crmkit.Instant(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", crmkit.Instant(), nullable=True),
        sa.Column("rest_until", crmkit.Instant(), nullable=True),
        sa.Column("delivered_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["integration_endpoint.id"],
            name=op.f("fk_integration_progress_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_integration_progress")),
    )
    op.create_table(
        "integration_received",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("source_id", crmkit.Id(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("received_at", crmkit.Instant(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("operation", sa.String(length=120), nullable=True),
        sa.Column("result", sa.String(length=160), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", crmkit.Instant(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mended", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_integration_received_customer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["integration_source.id"], name=op.f("fk_integration_received_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_received")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_integration_received_source_id_external_id")),
    )
    with op.batch_alter_table("integration_received", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_received_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_integration_received_state", ["state", "received_at", "id"], unique=False)

    op.create_table(
        "integration_secret",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("endpoint_id", crmkit.Id(), nullable=False),
        sa.Column("made_at", crmkit.Instant(), nullable=False),
        sa.Column("expires_at", crmkit.Instant(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["integration_endpoint.id"],
            name=op.f("fk_integration_secret_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_secret")),
    )
    with op.batch_alter_table("integration_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_secret_endpoint_id"), ["endpoint_id"], unique=False)

    op.create_table(
        "integration_sync_pair",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("sync_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("agreed", crmkit.json_type(), nullable=False),
        sa.Column("synced_at", crmkit.Instant(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("pending", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_integration_sync_pair_customer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["sync_id"], ["integration_sync.id"], name=op.f("fk_integration_sync_pair_sync_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_sync_pair")),
        sa.UniqueConstraint("sync_id", "external_id", name=op.f("uq_integration_sync_pair_sync_id_external_id")),
    )
    with op.batch_alter_table("integration_sync_pair", schema=None) as batch_op:
        batch_op.create_index("ix_integration_sync_pair_customer", ["sync_id", "customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_sync_pair_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_integration_sync_pair_state", ["sync_id", "state"], unique=False)

    op.create_table(
        "integration_sync_run",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("sync_id", crmkit.Id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("began_at", crmkit.Instant(), nullable=False),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("counts", crmkit.json_type(), nullable=False),
        sa.Column("checksums", crmkit.json_type(), nullable=False),
        sa.Column("differences", crmkit.json_type(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["sync_id"], ["integration_sync.id"], name=op.f("fk_integration_sync_run_sync_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_sync_run")),
    )
    with op.batch_alter_table("integration_sync_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_sync_run_sync_id"), ["sync_id"], unique=False)

    op.create_table(
        "integration_attempt",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("endpoint_id", crmkit.Id(), nullable=False),
        sa.Column("delivery_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("began_at", crmkit.Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("millis", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["integration_delivery.id"],
            name=op.f("fk_integration_attempt_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["integration_endpoint.id"],
            name=op.f("fk_integration_attempt_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_attempt")),
    )
    with op.batch_alter_table("integration_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_attempt_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_attempt_endpoint_id"), ["endpoint_id"], unique=False)

    op.create_table(
        "integration_conflict",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("sync_id", crmkit.Id(), nullable=False),
        sa.Column("pair_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("field_name", sa.String(length=80), nullable=False),
        sa.Column("found_at", crmkit.Instant(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=True),
        sa.Column("ours", sa.LargeBinary(), nullable=True),
        sa.Column("theirs", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_integration_conflict_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["integration_sync_pair.id"], name=op.f("fk_integration_conflict_pair_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sync_id"], ["integration_sync.id"], name=op.f("fk_integration_conflict_sync_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_conflict")),
    )
    with op.batch_alter_table("integration_conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integration_conflict_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_integration_conflict_open", ["sync_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_integration_conflict_pair_id"), ["pair_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("integration_conflict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_conflict_pair_id"))
        batch_op.drop_index("ix_integration_conflict_open")
        batch_op.drop_index(batch_op.f("ix_integration_conflict_customer_id"))

    op.drop_table("integration_conflict")
    with op.batch_alter_table("integration_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_attempt_endpoint_id"))
        batch_op.drop_index(batch_op.f("ix_integration_attempt_delivery_id"))

    op.drop_table("integration_attempt")
    with op.batch_alter_table("integration_sync_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_sync_run_sync_id"))

    op.drop_table("integration_sync_run")
    with op.batch_alter_table("integration_sync_pair", schema=None) as batch_op:
        batch_op.drop_index("ix_integration_sync_pair_state")
        batch_op.drop_index(batch_op.f("ix_integration_sync_pair_customer_id"))
        batch_op.drop_index("ix_integration_sync_pair_customer")

    op.drop_table("integration_sync_pair")
    with op.batch_alter_table("integration_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_secret_endpoint_id"))

    op.drop_table("integration_secret")
    with op.batch_alter_table("integration_received", schema=None) as batch_op:
        batch_op.drop_index("ix_integration_received_state")
        batch_op.drop_index(batch_op.f("ix_integration_received_customer_id"))

    op.drop_table("integration_received")
    op.drop_table("integration_progress")
    with op.batch_alter_table("integration_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_mapping_source_id"))

    op.drop_table("integration_mapping")
    with op.batch_alter_table("integration_delivery", schema=None) as batch_op:
        batch_op.drop_index("uq_integration_delivery_message")
        batch_op.drop_index("ix_integration_delivery_open")
        batch_op.drop_index("ix_integration_delivery_happened")
        batch_op.drop_index("ix_integration_delivery_ended")
        batch_op.drop_index(batch_op.f("ix_integration_delivery_customer_id"))

    op.drop_table("integration_delivery")
    with op.batch_alter_table("integration_sync", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_sync_team_id"))
        batch_op.drop_index(batch_op.f("ix_integration_sync_runs_as_id"))
        batch_op.drop_index(batch_op.f("ix_integration_sync_owner_id"))

    op.drop_table("integration_sync")
    with op.batch_alter_table("integration_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_source_team_id"))
        batch_op.drop_index(batch_op.f("ix_integration_source_runs_as_id"))
        batch_op.drop_index(batch_op.f("ix_integration_source_owner_id"))

    op.drop_table("integration_source")
    with op.batch_alter_table("integration_endpoint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_endpoint_team_id"))
        batch_op.drop_index(batch_op.f("ix_integration_endpoint_owner_id"))

    op.drop_table("integration_endpoint")
