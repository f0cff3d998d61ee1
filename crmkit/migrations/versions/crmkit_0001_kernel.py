"""The kernel's tables

Revision: crmkit_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crmkit.core.store import types
from crmkit.migrations.functions import install_functions, remove_functions
from crmkit.migrations.search import install_search, remove_search
from crmkit.migrations.triggers import install_triggers, remove_triggers

revision = "crmkit_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "crm_audit",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("token_id", types.Id(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("resource", sa.String(length=120), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("target_table", sa.String(length=63), nullable=True),
        sa.Column("target_id", types.Id(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("correlation_id", types.Id(), nullable=True),
        sa.Column("details", sa.String(), nullable=True),
        sa.Column("subjects_hash", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=True),
        sa.Column("writer", types.Id(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_audit")),
    )
    with op.batch_alter_table("crm_audit", schema=None) as batch_op:
        batch_op.create_index("ix_crm_audit_actor", ["actor_id", "recorded_at"], unique=False)
        batch_op.create_index("ix_crm_audit_recorded", ["recorded_at"], unique=False)
        batch_op.create_index("ix_crm_audit_target", ["target_id", "recorded_at"], unique=False)

    op.create_table(
        "crm_audit_chain",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", types.Id(), nullable=False),
        sa.Column("prev_mac", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_crm_audit_chain")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_crm_audit_chain_audit_id")),
    )
    op.create_table(
        "crm_audit_checkpoint",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_crm_audit_checkpoint")),
    )
    op.create_table(
        "crm_audit_payload",
        sa.Column("audit_id", types.Id(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_crm_audit_payload")),
    )
    op.create_table(
        "crm_audit_pending",
        sa.Column("audit_id", types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_crm_audit_pending")),
    )
    op.create_table(
        "crm_audit_subject",
        sa.Column("audit_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", "customer_id", name=op.f("pk_crm_audit_subject")),
    )
    with op.batch_alter_table("crm_audit_subject", schema=None) as batch_op:
        batch_op.create_index("ix_crm_audit_subject_customer", ["customer_id", "audit_id"], unique=False)

    op.create_table(
        "crm_business",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("singleton", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("base_currency", sa.String(length=3), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("province", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=True),
        sa.Column("fiscal_year_start", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=True),
        sa.Column("logo", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_business")),
        sa.UniqueConstraint("singleton", name=op.f("uq_crm_business_singleton")),
    )
    op.create_table(
        "crm_change",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("record_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("changes", types.json_type(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_change")),
    )
    with op.batch_alter_table("crm_change", schema=None) as batch_op:
        batch_op.create_index("ix_crm_change_customer", ["customer_id", "recorded_at"], unique=False)
        batch_op.create_index("ix_crm_change_record", ["record_id", "recorded_at"], unique=False)

    op.create_table(
        "crm_classification_run",
        sa.Column("dimension", sa.String(length=120), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("as_of", types.Instant(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("counts", types.json_type(), nullable=False),
        sa.Column("moves", types.json_type(), nullable=False),
        sa.Column("found", types.json_type(), nullable=False),
        sa.Column("alerts", types.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "id", name=op.f("pk_crm_classification_run")),
    )
    with op.batch_alter_table("crm_classification_run", schema=None) as batch_op:
        batch_op.create_index("ix_crm_classification_run_latest", ["dimension", "as_of"], unique=False)

    op.create_table(
        "crm_currency_rate",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", types.ScaledDecimal(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_currency_rate")),
        sa.UniqueConstraint(
            "currency", "base", "valid_from", name=op.f("uq_crm_currency_rate_currency_base_valid_from")
        ),
    )
    op.create_table(
        "crm_custom_field",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("resource", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("options", types.json_type(), nullable=False),
        sa.Column("field_class", sa.String(length=10), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_custom_field")),
        sa.UniqueConstraint("resource", "name", name=op.f("uq_crm_custom_field_resource_name")),
    )
    op.create_table(
        "crm_data_key",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("origin_id", types.Id(), nullable=False),
        sa.Column("root_id", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_data_key")),
    )
    with op.batch_alter_table("crm_data_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_data_key_root_id"), ["root_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_data_key_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "crm_definition",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", types.json_type(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("effective_from", types.Instant(), nullable=True),
        sa.Column("effective_until", types.Instant(), nullable=True),
        sa.Column("publisher", sa.String(length=80), nullable=False),
        sa.Column("publisher_user_id", types.Id(), nullable=True),
        sa.Column("publisher_limits", types.json_type(), nullable=True),
        sa.Column("published_at", types.Instant(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_definition")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_crm_definition_kind_name")),
    )
    op.create_table(
        "crm_definition_version",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", types.json_type(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("publisher", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_definition_version")),
        sa.UniqueConstraint("kind", "name", "number", name=op.f("uq_crm_definition_version_kind_name_number")),
    )
    op.create_table(
        "crm_erasure",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("certificate", types.json_type(), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_erasure")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_crm_erasure_subject_id")),
    )
    op.create_table(
        "crm_event",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("payload", types.json_type(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("cause_id", types.Id(), nullable=True),
        sa.Column("correlation_id", types.Id(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_event")),
    )
    with op.batch_alter_table("crm_event", schema=None) as batch_op:
        batch_op.create_index("ix_crm_event_name", ["name", "recorded_at"], unique=False)
        batch_op.create_index("ix_crm_event_position", ["position"], unique=True)
        batch_op.create_index("ix_crm_event_recorded", ["recorded_at"], unique=False)

    op.create_table(
        "crm_experiment_run",
        sa.Column("experiment", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("stopped_at", types.Instant(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("experiment", name=op.f("pk_crm_experiment_run")),
    )
    op.create_table(
        "crm_fact_kept",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("as_of", types.Instant(), nullable=True),
        sa.Column("known_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_fact_kept")),
        sa.UniqueConstraint("name", "key", name=op.f("uq_crm_fact_kept_name_key")),
    )
    op.create_table(
        "crm_generation",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_crm_generation")),
    )
    op.create_table(
        "crm_heartbeat",
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("seen_at", types.Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_crm_heartbeat")),
    )
    op.create_table(
        "crm_idempotency",
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("result", types.json_type(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "operation", "key", name=op.f("pk_crm_idempotency")),
    )
    with op.batch_alter_table("crm_idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_idempotency_recorded_at"), ["recorded_at"], unique=False)

    op.create_table(
        "crm_import",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("resource", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("settings", types.json_type(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("byte_position", sa.BigInteger(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("rejected_file", sa.String(length=1000), nullable=True),
        sa.Column("rejected_bytes", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.String(length=200), nullable=True),
        sa.Column("seen_at", types.Instant(), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.Column("reverted_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_import")),
    )
    with op.batch_alter_table("crm_import", schema=None) as batch_op:
        batch_op.create_index("ix_crm_import_sha256", ["sha256", "resource"], unique=False)

    op.create_table(
        "crm_import_mapping",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("resource", sa.String(length=60), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("columns", types.json_type(), nullable=False),
        sa.Column("corrected", types.json_type(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("used_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_import_mapping")),
        sa.UniqueConstraint("name", name=op.f("uq_crm_import_mapping_name")),
    )
    with op.batch_alter_table("crm_import_mapping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_import_mapping_fingerprint"), ["fingerprint"], unique=False)

    op.create_table(
        "crm_installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", types.Id(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_installation")),
    )
    op.create_table(
        "crm_job",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("run_at", types.Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", types.Instant(), nullable=True),
        sa.Column("worker", sa.String(length=120), nullable=True),
        sa.Column("unique_key", sa.String(length=200), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("actor", types.json_type(), nullable=True),
        sa.Column("cause_id", types.Id(), nullable=True),
        sa.Column("correlation_id", types.Id(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.Column("arguments", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_job")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_crm_job_unique_key")),
    )
    with op.batch_alter_table("crm_job", schema=None) as batch_op:
        batch_op.create_index("ix_crm_job_due", ["state", "run_at", "id"], unique=False)

    op.create_table(
        "crm_legal_hold",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_by", sa.String(length=80), nullable=False),
        sa.Column("released_at", types.Instant(), nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_legal_hold")),
    )
    with op.batch_alter_table("crm_legal_hold", schema=None) as batch_op:
        batch_op.create_index("ix_crm_legal_hold_customer", ["customer_id", "released_at"], unique=False)

    op.create_table(
        "crm_option",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("list_name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_option")),
        sa.UniqueConstraint("list_name", "value", name=op.f("uq_crm_option_list_name_value")),
    )
    op.create_table(
        "crm_personal_data",
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("column_name", sa.String(length=63), nullable=False),
        sa.Column("plugin", sa.String(length=30), nullable=False),
        sa.Column("columns", types.json_type(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("on_merge", sa.String(length=12), nullable=False),
        sa.Column("on_erase", sa.String(length=12), nullable=False),
        sa.Column("retention_days", sa.BigInteger(), nullable=True),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "column_name", name=op.f("pk_crm_personal_data")),
    )
    with op.batch_alter_table("crm_personal_data", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_personal_data_plugin"), ["plugin"], unique=False)

    op.create_table(
        "crm_plugin",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("package", sa.String(length=120), nullable=False),
        sa.Column("distribution", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("manifest", types.json_type(), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_crm_plugin")),
    )
    op.create_table(
        "crm_plugin_table",
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("plugin", sa.String(length=30), nullable=False),
        sa.Column("customer_column", sa.String(length=63), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", name=op.f("pk_crm_plugin_table")),
    )
    with op.batch_alter_table("crm_plugin_table", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_plugin_table_plugin"), ["plugin"], unique=False)

    op.create_table(
        "crm_product_category",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parent_id", types.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["crm_product_category.id"],
            name=op.f("fk_crm_product_category_parent_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_product_category")),
        sa.UniqueConstraint("name", name=op.f("uq_crm_product_category_name")),
    )
    with op.batch_alter_table("crm_product_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_product_category_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "crm_purpose_key",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("root_id", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_crm_purpose_key")),
    )
    op.create_table(
        "crm_required_field",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("resource", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_required_field")),
    )
    with op.batch_alter_table("crm_required_field", schema=None) as batch_op:
        batch_op.create_index("uq_crm_required_field_resource_name", ["resource", "name"], unique=True)

    op.create_table(
        "crm_retained",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("erasure_id", types.Id(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_retained")),
    )
    with op.batch_alter_table("crm_retained", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_retained_erasure_id"), ["erasure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_retained_until"), ["until"], unique=False)

    op.create_table(
        "crm_retention_rule",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_retention_rule")),
    )
    op.create_table(
        "crm_retention_run",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("before", types.Instant(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_retention_run")),
    )
    op.create_table(
        "crm_role",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_role")),
        sa.UniqueConstraint("name", name=op.f("uq_crm_role_name")),
    )
    op.create_table(
        "crm_root_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("backed_up_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_root_key")),
    )
    op.create_table(
        "crm_rule_count",
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "day", name=op.f("pk_crm_rule_count")),
    )
    op.create_table(
        "crm_saved_view",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("resource", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("filter", sa.String(length=4000), nullable=False),
        sa.Column("sort", sa.String(length=200), nullable=False),
        sa.Column("columns", types.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_saved_view")),
        sa.UniqueConstraint("owner", "resource", "title", name=op.f("uq_crm_saved_view_owner_resource_title")),
    )
    with op.batch_alter_table("crm_saved_view", schema=None) as batch_op:
        batch_op.create_index("ix_crm_saved_view_shared", ["resource", "shared"], unique=False)

    op.create_table(
        "crm_schedule",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("last_tick", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_crm_schedule")),
    )
    op.create_table(
        "crm_search_leftover",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_crm_search_leftover")),
    )
    op.create_table(
        "crm_search_word",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("stem", sa.String(length=60), nullable=True),
        sa.Column("piece_1", sa.String(length=60), nullable=True),
        sa.Column("piece_2", sa.String(length=60), nullable=True),
        sa.Column("piece_3", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_crm_search_word")),
    )
    with op.batch_alter_table("crm_search_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_search_word_piece_1"), ["piece_1"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_search_word_piece_2"), ["piece_2"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_search_word_piece_3"), ["piece_3"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_search_word_stem"), ["stem"], unique=False)

    op.create_table(
        "crm_searchable_kind",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("searchable", sa.Boolean(), nullable=False),
        sa.Column("declared_at", types.Instant(), nullable=False),
        sa.Column("declared_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_crm_searchable_kind")),
    )
    op.create_table(
        "crm_segment_freeze",
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("frozen_at", types.Instant(), nullable=False),
        sa.Column("frozen_by", sa.String(length=80), nullable=False),
        sa.Column("classified", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("segment", name=op.f("pk_crm_segment_freeze")),
    )
    op.create_table(
        "crm_segment_run",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("as_of", types.Instant(), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("classified", sa.String(length=10), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_segment_run")),
    )
    with op.batch_alter_table("crm_segment_run", schema=None) as batch_op:
        batch_op.create_index("ix_crm_segment_run_latest", ["segment", "as_of"], unique=False)

    op.create_table(
        "crm_team",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", types.Id(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["crm_team.id"], name=op.f("fk_crm_team_parent_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_team")),
        sa.UniqueConstraint("name", name=op.f("uq_crm_team_name")),
    )
    with op.batch_alter_table("crm_team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_team_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "crm_throttle",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("until", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_crm_throttle")),
    )
    op.create_table(
        "crm_user",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("left_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_user")),
        sa.UniqueConstraint("login", name=op.f("uq_crm_user_login")),
    )
    op.create_table(
        "crm_customer",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("converted_at", types.Instant(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("sort_name", sa.String(length=300), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("family_name", sa.String(length=150), nullable=True),
        sa.Column("given_name", sa.String(length=150), nullable=True),
        sa.Column("middle_name", sa.String(length=150), nullable=True),
        sa.Column("salutation", sa.String(length=60), nullable=True),
        sa.Column("job_title", sa.String(length=200), nullable=True),
        sa.Column("birthday", sa.String(length=5), nullable=True),
        sa.Column("birth_band", sa.Integer(), nullable=True),
        sa.Column("gender", sa.String(length=20), nullable=True),
        sa.Column("occupation", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.Column("identity_kind", sa.String(length=30), nullable=True),
        sa.Column("industry", sa.String(length=120), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("registration_number", sa.String(length=60), nullable=True),
        sa.Column("website", sa.String(length=500), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("province", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=True),
        sa.Column("preferences", types.json_type(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("parent_id", types.Id(), nullable=True),
        sa.Column("owner_id", types.Id(), nullable=True),
        sa.Column("team_id", types.Id(), nullable=True),
        sa.Column("custom", types.json_type(), nullable=False),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("identity_number", sa.LargeBinary(), nullable=True),
        sa.Column("identity_number_token", sa.LargeBinary(length=17), nullable=True),
        sa.Column("custom_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_crm_customer_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["crm_customer.id"], name=op.f("fk_crm_customer_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_crm_customer_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_customer")),
    )
    with op.batch_alter_table("crm_customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_customer_birthday"), ["birthday"], unique=False)
        batch_op.create_index("ix_crm_customer_city", ["city"], unique=False)
        batch_op.create_index("ix_crm_customer_created_at", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_crm_customer_identity", ["identity_number_token"], unique=False)
        batch_op.create_index("ix_crm_customer_name_key", ["name_key"], unique=False)
        batch_op.create_index("ix_crm_customer_owner", ["owner_id", "sort_name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_crm_customer_sort_name", ["sort_name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_team_id"), ["team_id"], unique=False)

    op.create_table(
        "crm_factor",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("confirmed_at", types.Instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_crm_factor_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_factor")),
        sa.UniqueConstraint("user_id", name=op.f("uq_crm_factor_user_id")),
    )
    op.create_table(
        "crm_field_right",
        sa.Column("role_id", types.Id(), nullable=False),
        sa.Column("resource", sa.String(length=120), nullable=False),
        sa.Column("classified", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "classified IN ('personal', 'text', 'sensitive')", name=op.f("ck_crm_field_right_classified")
        ),
        sa.CheckConstraint("level IN ('none', 'masked', 'full')", name=op.f("ck_crm_field_right_level")),
        sa.ForeignKeyConstraint(
            ["role_id"], ["crm_role.id"], name=op.f("fk_crm_field_right_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("role_id", "resource", "classified", name=op.f("pk_crm_field_right")),
    )
    op.create_table(
        "crm_grant",
        sa.Column("role_id", types.Id(), nullable=False),
        sa.Column("resource", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=5), nullable=False),
        sa.CheckConstraint("scope IN ('none', 'own', 'team', 'tree', 'all')", name=op.f("ck_crm_grant_scope")),
        sa.ForeignKeyConstraint(["role_id"], ["crm_role.id"], name=op.f("fk_crm_grant_role_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("role_id", "resource", "action", name=op.f("pk_crm_grant")),
    )
    op.create_table(
        "crm_identity",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", types.Instant(), nullable=False),
        sa.Column("last_used_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_crm_identity_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_crm_identity_issuer_subject")),
    )
    with op.batch_alter_table("crm_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_identity_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_import_row",
        sa.Column("import_id", types.Id(), nullable=False),
        sa.Column("row_index", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=9), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=True),
        sa.Column("record_id", types.Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["crm_import.id"], name=op.f("fk_crm_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row_index", name=op.f("pk_crm_import_row")),
    )
    with op.batch_alter_table("crm_import_row", schema=None) as batch_op:
        batch_op.create_index("ix_crm_import_row_record", ["record_id"], unique=False)

    op.create_table(
        "crm_one_time_code",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("used_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_crm_one_time_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_one_time_code")),
        sa.UniqueConstraint("hash", name=op.f("uq_crm_one_time_code_hash")),
    )
    with op.batch_alter_table("crm_one_time_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_one_time_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_password",
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_crm_password_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_crm_password")),
    )
    op.create_table(
        "crm_product",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("sku", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("category_id", types.Id(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["crm_product_category.id"], name=op.f("fk_crm_product_category_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_product")),
        sa.UniqueConstraint("sku", name=op.f("uq_crm_product_sku")),
    )
    with op.batch_alter_table("crm_product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_product_category_id"), ["category_id"], unique=False)

    op.create_table(
        "crm_recovery_code",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("used_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_crm_recovery_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_recovery_code")),
        sa.UniqueConstraint("hash", name=op.f("uq_crm_recovery_code_hash")),
    )
    with op.batch_alter_table("crm_recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_report_schedule",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("report", sa.String(length=120), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("cron", sa.String(length=120), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("next_at", types.Instant(), nullable=False),
        sa.Column("last_at", types.Instant(), nullable=True),
        sa.Column("last_file", sa.String(length=300), nullable=True),
        sa.Column("parameters", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_crm_report_schedule_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_report_schedule")),
        sa.UniqueConstraint("name", name=op.f("uq_crm_report_schedule_name")),
    )
    with op.batch_alter_table("crm_report_schedule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_report_schedule_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_report_schedule_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_role_include",
        sa.Column("role_id", types.Id(), nullable=False),
        sa.Column("included_id", types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["included_id"], ["crm_role.id"], name=op.f("fk_crm_role_include_included_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["crm_role.id"], name=op.f("fk_crm_role_include_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("role_id", "included_id", name=op.f("pk_crm_role_include")),
    )
    with op.batch_alter_table("crm_role_include", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_role_include_included_id"), ["included_id"], unique=False)

    op.create_table(
        "crm_session",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("factor", sa.String(length=10), nullable=True),
        sa.Column("provider", sa.String(length=60), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("agent", sa.String(length=120), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("signed_in_at", types.Instant(), nullable=False),
        sa.Column("seen_at", types.Instant(), nullable=False),
        sa.Column("stepped_up_at", types.Instant(), nullable=True),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_crm_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_crm_session_hash")),
    )
    with op.batch_alter_table("crm_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_session_seen_at"), ["seen_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_share",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("resource", sa.String(length=120), nullable=False),
        sa.Column("record_id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=True),
        sa.Column("team_id", types.Id(), nullable=True),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True),
        sa.Column("granted_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("action IN ('read', 'update')", name=op.f("ck_crm_share_action")),
        sa.CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name=op.f("ck_crm_share_one_recipient")),
        sa.ForeignKeyConstraint(["team_id"], ["crm_team.id"], name=op.f("fk_crm_share_team_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_crm_share_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_share")),
    )
    with op.batch_alter_table("crm_share", schema=None) as batch_op:
        batch_op.create_index("ix_crm_share_record", ["record_id", "resource"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_share_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_share_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_sign_in_step",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("user_id", types.Id(), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=True),
        sa.Column("data", types.json_type(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_crm_sign_in_step_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_sign_in_step")),
        sa.UniqueConstraint("hash", name=op.f("uq_crm_sign_in_step_hash")),
    )
    with op.batch_alter_table("crm_sign_in_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_sign_in_step_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_team_member",
        sa.Column("team_id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_crm_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_crm_team_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_crm_team_member")),
    )
    with op.batch_alter_table("crm_team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_team_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_token",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", types.json_type(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("last_used_at", types.Instant(), nullable=True),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["crm_user.id"], name=op.f("fk_crm_token_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_crm_token_hash")),
    )
    with op.batch_alter_table("crm_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "crm_user_role",
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("role_id", types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["crm_role.id"], name=op.f("fk_crm_user_role_role_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["crm_user.id"], name=op.f("fk_crm_user_role_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_crm_user_role")),
    )
    with op.batch_alter_table("crm_user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_user_role_role_id"), ["role_id"], unique=False)

    op.create_table(
        "crm_consent",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_consent_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_consent")),
    )
    with op.batch_alter_table("crm_consent", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_consent_current", ["customer_id", "purpose", "channel", "occurred_at"], unique=False
        )

    op.create_table(
        "crm_contact_point",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=True),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("verified_at", types.Instant(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("value_token", sa.LargeBinary(length=17), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_contact_point_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_contact_point")),
    )
    with op.batch_alter_table("crm_contact_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_contact_point_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_crm_contact_point_match", ["value_token", "kind"], unique=False)

    op.create_table(
        "crm_customer_identifier",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_crm_customer_identifier_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_crm_customer_identifier")),
    )
    with op.batch_alter_table("crm_customer_identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_customer_identifier_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "crm_customer_tag",
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_customer_tag_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "kind", "name", name=op.f("pk_crm_customer_tag")),
    )
    with op.batch_alter_table("crm_customer_tag", schema=None) as batch_op:
        batch_op.create_index("ix_crm_customer_tag_name", ["kind", "name", "customer_id"], unique=False)

    op.create_table(
        "crm_experiment_exposure",
        sa.Column("experiment", sa.String(length=120), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("arm", sa.String(length=120), nullable=False),
        sa.Column("exposed_at", types.Instant(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_crm_experiment_exposure_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment", "customer_id", name=op.f("pk_crm_experiment_exposure")),
    )
    with op.batch_alter_table("crm_experiment_exposure", schema=None) as batch_op:
        batch_op.create_index("ix_crm_experiment_exposure_customer", ["customer_id"], unique=False)
        batch_op.create_index("ix_crm_experiment_exposure_time", ["experiment", "exposed_at"], unique=False)

    op.create_table(
        "crm_fact_touch",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("run_id", types.Id(), nullable=True),
        sa.Column("touched_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_fact_touch_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_fact_touch")),
    )
    with op.batch_alter_table("crm_fact_touch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_fact_touch_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "crm_fact_value",
        sa.Column("fact_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("instant", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_fact_value_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["crm_fact_kept.id"], name=op.f("fk_crm_fact_value_fact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fact_id", "customer_id", name=op.f("pk_crm_fact_value")),
    )
    with op.batch_alter_table("crm_fact_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_fact_value_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "crm_interaction",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("occurred_at", types.Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("payload", types.json_type(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("thread", sa.String(length=200), nullable=True),
        sa.Column("visibility", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("reverses_id", types.Id(), nullable=True),
        sa.Column("about_id", types.Id(), nullable=True),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_interaction_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_interaction")),
    )
    with op.batch_alter_table("crm_interaction", schema=None) as batch_op:
        batch_op.create_index("ix_crm_interaction_about", ["about_id"], unique=False)
        batch_op.create_index("ix_crm_interaction_customer", ["customer_id", "occurred_at", "id"], unique=False)
        batch_op.create_index("ix_crm_interaction_kind", ["kind", "occurred_at"], unique=False)
        batch_op.create_index("ix_crm_interaction_thread", ["thread"], unique=False)
        batch_op.create_index(
            "uq_crm_interaction_reverses_id",
            ["reverses_id"],
            unique=True,
            sqlite_where=sa.text("reverses_id IS NOT NULL"),
            postgresql_where=sa.text("reverses_id IS NOT NULL"),
        )

    op.create_table(
        "crm_interaction_key",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("interaction_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_interaction_key_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_crm_interaction_key")),
    )
    with op.batch_alter_table("crm_interaction_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_interaction_key_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_interaction_key_interaction_id"), ["interaction_id"], unique=False)

    op.create_table(
        "crm_label",
        sa.Column("dimension", sa.String(length=120), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("since", types.Instant(), nullable=False),
        sa.Column("until", types.Instant(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("evidence", types.json_type(), nullable=True),
        sa.Column("run_id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("closed_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_label_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dimension", "customer_id", "since", name=op.f("pk_crm_label")),
    )
    with op.batch_alter_table("crm_label", schema=None) as batch_op:
        batch_op.create_index("ix_crm_label_customer", ["customer_id"], unique=False)

    op.create_table(
        "crm_label_pin",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("dimension", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_label_pin_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_label_pin")),
        sa.UniqueConstraint("customer_id", "dimension", name=op.f("uq_crm_label_pin_customer_id_dimension")),
    )
    with op.batch_alter_table("crm_label_pin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_label_pin_dimension"), ["dimension"], unique=False)

    op.create_table(
        "crm_merge",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("survivor_id", types.Id(), nullable=False),
        sa.Column("absorbed_id", types.Id(), nullable=False),
        sa.Column("absorbed_name", sa.String(length=300), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("fields", types.json_type(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("undone_at", types.Instant(), nullable=True),
        sa.Column("undone_by", sa.String(length=80), nullable=True),
        sa.Column("undone_reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_merge_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_merge")),
    )
    with op.batch_alter_table("crm_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_merge_absorbed_id"), ["absorbed_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_merge_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_merge_survivor_id"), ["survivor_id"], unique=False)

    op.create_table(
        "crm_public_link",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("page", sa.String(length=80), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=True),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.Column("used_at", types.Instant(), nullable=True),
        sa.Column("last_form", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_public_link_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_public_link")),
    )
    with op.batch_alter_table("crm_public_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_public_link_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_public_link_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "crm_relationship",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("other_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_relationship_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["crm_customer.id"], name=op.f("fk_crm_relationship_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_relationship")),
    )
    with op.batch_alter_table("crm_relationship", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_relationship_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_relationship_other_id"), ["other_id"], unique=False)

    op.create_table(
        "crm_rule_claim",
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("fired_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_rule_claim_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule", "customer_id", "period", name=op.f("pk_crm_rule_claim")),
    )
    with op.batch_alter_table("crm_rule_claim", schema=None) as batch_op:
        batch_op.create_index("ix_crm_rule_claim_customer", ["customer_id"], unique=False)

    op.create_table(
        "crm_rule_log",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("occasion", sa.String(length=160), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("event_id", types.Id(), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("correlation_id", types.Id(), nullable=True),
        sa.Column("facts_hash", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("details", types.json_type(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_rule_log_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_rule_log")),
    )
    with op.batch_alter_table("crm_rule_log", schema=None) as batch_op:
        batch_op.create_index("ix_crm_rule_log_customer", ["customer_id", "recorded_at"], unique=False)
        batch_op.create_index("ix_crm_rule_log_recorded", ["recorded_at"], unique=False)
        batch_op.create_index("ix_crm_rule_log_rule", ["rule", "recorded_at"], unique=False)
        batch_op.create_index("uq_crm_rule_log_occasion", ["rule", "occasion"], unique=True)

    op.create_table(
        "crm_search_document",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resource", sa.String(length=120), nullable=False),
        sa.Column("record_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("words", types.Tokens(), nullable=False),
        sa.Column("repeats", types.json_type(), nullable=True),
        sa.Column("title_length", sa.Integer(), nullable=False),
        sa.Column("text_length", sa.Integer(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_search_document_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_crm_search_document")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("crm_search_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_search_document_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_crm_search_document_length", ["resource", "title_length", "text_length"], unique=False
        )
        batch_op.create_index("ix_crm_search_document_record", ["resource", "record_id"], unique=True)

    op.create_table(
        "crm_segment_member",
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("since", types.Instant(), nullable=False),
        sa.Column("until", types.Instant(), nullable=True),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("until_cause", sa.String(length=12), nullable=True),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("closed_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_segment_member_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment", "customer_id", "since", name=op.f("pk_crm_segment_member")),
    )
    with op.batch_alter_table("crm_segment_member", schema=None) as batch_op:
        batch_op.create_index("ix_crm_segment_member_customer", ["customer_id"], unique=False)
        batch_op.create_index("ix_crm_segment_member_open", ["segment", "until", "customer_id"], unique=False)

    op.create_table(
        "crm_attachment",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("interaction_id", types.Id(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("occurred_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_attachment_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_crm_attachment_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_attachment")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_crm_attachment_storage_key")),
    )
    with op.batch_alter_table("crm_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_attachment_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_attachment_interaction_id"), ["interaction_id"], unique=False)

    op.create_table(
        "crm_merge_row",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("merge_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("column_name", sa.String(length=63), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_merge_row_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["crm_merge.id"], name=op.f("fk_crm_merge_row_merge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_merge_row")),
    )
    with op.batch_alter_table("crm_merge_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_merge_row_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_crm_merge_row_merge", ["merge_id", "position"], unique=False)

    op.create_table(
        "crm_participant",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("interaction_id", types.Id(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("user_id", types.Id(), nullable=True),
        sa.Column("contact_kind", sa.String(length=10), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("address_token", sa.LargeBinary(length=17), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_participant_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_crm_participant_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_participant")),
    )
    with op.batch_alter_table("crm_participant", schema=None) as batch_op:
        batch_op.create_index("ix_crm_participant_address_token", ["address_token"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_participant_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_participant_interaction_id"), ["interaction_id"], unique=False)

    op.create_table(
        "crm_purchase_line",
        sa.Column("interaction_id", types.Id(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("product_id", types.Id(), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("quantity", types.ScaledDecimal(4), nullable=False),
        sa.Column("unit_price", types.ScaledDecimal(6), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_purchase_line_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_crm_purchase_line_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_crm_purchase_line_product_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("interaction_id", "line_no", name=op.f("pk_crm_purchase_line")),
    )
    with op.batch_alter_table("crm_purchase_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_purchase_line_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_purchase_line_product_id"), ["product_id"], unique=False)
    install_triggers(op)
    install_search(op)
    install_functions(op)


def downgrade() -> None:
    """Bring the schema back."""
    remove_functions(op)
    remove_search(op)
    remove_triggers(op)
    with op.batch_alter_table("crm_purchase_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_purchase_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_crm_purchase_line_customer_id"))

    op.drop_table("crm_purchase_line")
    with op.batch_alter_table("crm_participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_participant_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_crm_participant_customer_id"))
        batch_op.drop_index("ix_crm_participant_address_token")

    op.drop_table("crm_participant")
    with op.batch_alter_table("crm_merge_row", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_merge_row_merge")
        batch_op.drop_index(batch_op.f("ix_crm_merge_row_customer_id"))

    op.drop_table("crm_merge_row")
    with op.batch_alter_table("crm_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_attachment_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_crm_attachment_customer_id"))

    op.drop_table("crm_attachment")
    with op.batch_alter_table("crm_segment_member", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_segment_member_open")
        batch_op.drop_index("ix_crm_segment_member_customer")

    op.drop_table("crm_segment_member")
    with op.batch_alter_table("crm_search_document", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_search_document_record")
        batch_op.drop_index("ix_crm_search_document_length")
        batch_op.drop_index(batch_op.f("ix_crm_search_document_customer_id"))

    op.drop_table("crm_search_document")
    with op.batch_alter_table("crm_rule_log", schema=None) as batch_op:
        batch_op.drop_index("uq_crm_rule_log_occasion")
        batch_op.drop_index("ix_crm_rule_log_rule")
        batch_op.drop_index("ix_crm_rule_log_recorded")
        batch_op.drop_index("ix_crm_rule_log_customer")

    op.drop_table("crm_rule_log")
    with op.batch_alter_table("crm_rule_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_rule_claim_customer")

    op.drop_table("crm_rule_claim")
    with op.batch_alter_table("crm_relationship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_relationship_other_id"))
        batch_op.drop_index(batch_op.f("ix_crm_relationship_customer_id"))

    op.drop_table("crm_relationship")
    with op.batch_alter_table("crm_public_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_public_link_expires_at"))
        batch_op.drop_index(batch_op.f("ix_crm_public_link_customer_id"))

    op.drop_table("crm_public_link")
    with op.batch_alter_table("crm_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_merge_survivor_id"))
        batch_op.drop_index(batch_op.f("ix_crm_merge_customer_id"))
        batch_op.drop_index(batch_op.f("ix_crm_merge_absorbed_id"))

    op.drop_table("crm_merge")
    with op.batch_alter_table("crm_label_pin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_label_pin_dimension"))

    op.drop_table("crm_label_pin")
    with op.batch_alter_table("crm_label", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_label_customer")

    op.drop_table("crm_label")
    with op.batch_alter_table("crm_interaction_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_interaction_key_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_crm_interaction_key_customer_id"))

    op.drop_table("crm_interaction_key")
    with op.batch_alter_table("crm_interaction", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_interaction_thread")
        batch_op.drop_index("ix_crm_interaction_kind")
        batch_op.drop_index("ix_crm_interaction_customer")
        batch_op.drop_index("ix_crm_interaction_about")

    op.drop_table("crm_interaction")
    with op.batch_alter_table("crm_fact_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_fact_value_customer_id"))

    op.drop_table("crm_fact_value")
    with op.batch_alter_table("crm_fact_touch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_fact_touch_customer_id"))

    op.drop_table("crm_fact_touch")
    with op.batch_alter_table("crm_experiment_exposure", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_experiment_exposure_time")
        batch_op.drop_index("ix_crm_experiment_exposure_customer")

    op.drop_table("crm_experiment_exposure")
    with op.batch_alter_table("crm_customer_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_customer_tag_name")

    op.drop_table("crm_customer_tag")
    with op.batch_alter_table("crm_customer_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_customer_identifier_customer_id"))

    op.drop_table("crm_customer_identifier")
    with op.batch_alter_table("crm_contact_point", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_contact_point_match")
        batch_op.drop_index(batch_op.f("ix_crm_contact_point_customer_id"))

    op.drop_table("crm_contact_point")
    with op.batch_alter_table("crm_consent", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_consent_current")

    op.drop_table("crm_consent")
    with op.batch_alter_table("crm_user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_user_role_role_id"))

    op.drop_table("crm_user_role")
    with op.batch_alter_table("crm_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_token_user_id"))

    op.drop_table("crm_token")
    with op.batch_alter_table("crm_team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_team_member_user_id"))

    op.drop_table("crm_team_member")
    with op.batch_alter_table("crm_sign_in_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_sign_in_step_user_id"))

    op.drop_table("crm_sign_in_step")
    with op.batch_alter_table("crm_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_share_user_id"))
        batch_op.drop_index(batch_op.f("ix_crm_share_team_id"))
        batch_op.drop_index("ix_crm_share_record")

    op.drop_table("crm_share")
    with op.batch_alter_table("crm_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_session_user_id"))
        batch_op.drop_index(batch_op.f("ix_crm_session_seen_at"))

    op.drop_table("crm_session")
    with op.batch_alter_table("crm_role_include", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_role_include_included_id"))

    op.drop_table("crm_role_include")
    with op.batch_alter_table("crm_report_schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_report_schedule_user_id"))
        batch_op.drop_index(batch_op.f("ix_crm_report_schedule_next_at"))

    op.drop_table("crm_report_schedule")
    with op.batch_alter_table("crm_recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_recovery_code_user_id"))

    op.drop_table("crm_recovery_code")
    with op.batch_alter_table("crm_product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_product_category_id"))

    op.drop_table("crm_product")
    op.drop_table("crm_password")
    with op.batch_alter_table("crm_one_time_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_one_time_code_user_id"))

    op.drop_table("crm_one_time_code")
    with op.batch_alter_table("crm_import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_import_row_record")

    op.drop_table("crm_import_row")
    with op.batch_alter_table("crm_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_identity_user_id"))

    op.drop_table("crm_identity")
    op.drop_table("crm_grant")
    op.drop_table("crm_field_right")
    op.drop_table("crm_factor")
    with op.batch_alter_table("crm_customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_customer_team_id"))
        batch_op.drop_index("ix_crm_customer_sort_name")
        batch_op.drop_index(batch_op.f("ix_crm_customer_parent_id"))
        batch_op.drop_index("ix_crm_customer_owner")
        batch_op.drop_index("ix_crm_customer_name_key")
        batch_op.drop_index("ix_crm_customer_identity")
        batch_op.drop_index("ix_crm_customer_created_at")
        batch_op.drop_index("ix_crm_customer_city")
        batch_op.drop_index(batch_op.f("ix_crm_customer_birthday"))

    op.drop_table("crm_customer")
    op.drop_table("crm_user")
    op.drop_table("crm_throttle")
    with op.batch_alter_table("crm_team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_team_parent_id"))

    op.drop_table("crm_team")
    with op.batch_alter_table("crm_segment_run", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_segment_run_latest")

    op.drop_table("crm_segment_run")
    op.drop_table("crm_segment_freeze")
    op.drop_table("crm_searchable_kind")
    with op.batch_alter_table("crm_search_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_search_word_stem"))
        batch_op.drop_index(batch_op.f("ix_crm_search_word_piece_3"))
        batch_op.drop_index(batch_op.f("ix_crm_search_word_piece_2"))
        batch_op.drop_index(batch_op.f("ix_crm_search_word_piece_1"))

    op.drop_table("crm_search_word")
    op.drop_table("crm_search_leftover")
    op.drop_table("crm_schedule")
    with op.batch_alter_table("crm_saved_view", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_saved_view_shared")

    op.drop_table("crm_saved_view")
    op.drop_table("crm_rule_count")
    op.drop_table("crm_root_key")
    op.drop_table("crm_role")
    op.drop_table("crm_retention_run")
    op.drop_table("crm_retention_rule")
    with op.batch_alter_table("crm_retained", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_retained_until"))
        batch_op.drop_index(batch_op.f("ix_crm_retained_erasure_id"))

    op.drop_table("crm_retained")
    with op.batch_alter_table("crm_required_field", schema=None) as batch_op:
        batch_op.drop_index("uq_crm_required_field_resource_name")

    op.drop_table("crm_required_field")
    op.drop_table("crm_purpose_key")
    with op.batch_alter_table("crm_product_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_product_category_parent_id"))

    op.drop_table("crm_product_category")
    with op.batch_alter_table("crm_plugin_table", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_plugin_table_plugin"))

    op.drop_table("crm_plugin_table")
    op.drop_table("crm_plugin")
    with op.batch_alter_table("crm_personal_data", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_personal_data_plugin"))

    op.drop_table("crm_personal_data")
    op.drop_table("crm_option")
    with op.batch_alter_table("crm_legal_hold", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_legal_hold_customer")

    op.drop_table("crm_legal_hold")
    with op.batch_alter_table("crm_job", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_job_due")

    op.drop_table("crm_job")
    op.drop_table("crm_installation")
    with op.batch_alter_table("crm_import_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_import_mapping_fingerprint"))

    op.drop_table("crm_import_mapping")
    with op.batch_alter_table("crm_import", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_import_sha256")

    op.drop_table("crm_import")
    with op.batch_alter_table("crm_idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_idempotency_recorded_at"))

    op.drop_table("crm_idempotency")
    op.drop_table("crm_heartbeat")
    op.drop_table("crm_generation")
    op.drop_table("crm_fact_kept")
    op.drop_table("crm_experiment_run")
    with op.batch_alter_table("crm_event", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_event_recorded")
        batch_op.drop_index("ix_crm_event_position")
        batch_op.drop_index("ix_crm_event_name")

    op.drop_table("crm_event")
    op.drop_table("crm_erasure")
    op.drop_table("crm_definition_version")
    op.drop_table("crm_definition")
    with op.batch_alter_table("crm_data_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_data_key_subject_id"))
        batch_op.drop_index(batch_op.f("ix_crm_data_key_root_id"))

    op.drop_table("crm_data_key")
    op.drop_table("crm_custom_field")
    op.drop_table("crm_currency_rate")
    with op.batch_alter_table("crm_classification_run", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_classification_run_latest")

    op.drop_table("crm_classification_run")
    with op.batch_alter_table("crm_change", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_change_record")
        batch_op.drop_index("ix_crm_change_customer")

    op.drop_table("crm_change")
    op.drop_table("crm_business")
    with op.batch_alter_table("crm_audit_subject", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_audit_subject_customer")

    op.drop_table("crm_audit_subject")
    op.drop_table("crm_audit_pending")
    op.drop_table("crm_audit_payload")
    op.drop_table("crm_audit_checkpoint")
    op.drop_table("crm_audit_chain")
    with op.batch_alter_table("crm_audit", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_audit_target")
        batch_op.drop_index("ix_crm_audit_recorded")
        batch_op.drop_index("ix_crm_audit_actor")

    op.drop_table("crm_audit")
