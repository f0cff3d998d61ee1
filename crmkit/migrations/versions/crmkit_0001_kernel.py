"""The kernel's tables

Revision: crmkit_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crmkit.core.store import types
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
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("target_table", sa.String(length=63), nullable=True),
        sa.Column("target_id", types.Id(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_audit")),
    )
    with op.batch_alter_table("crm_audit", schema=None) as batch_op:
        batch_op.create_index("ix_crm_audit_recorded", ["recorded_at"], unique=False)
        batch_op.create_index("ix_crm_audit_target", ["target_id", "recorded_at"], unique=False)

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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_change")),
    )
    with op.batch_alter_table("crm_change", schema=None) as batch_op:
        batch_op.create_index("ix_crm_change_customer", ["customer_id", "recorded_at"], unique=False)
        batch_op.create_index("ix_crm_change_record", ["record_id", "recorded_at"], unique=False)

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
        "crm_event",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("payload", types.json_type(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("cause_id", types.Id(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_event")),
    )
    with op.batch_alter_table("crm_event", schema=None) as batch_op:
        batch_op.create_index("ix_crm_event_name", ["name", "recorded_at"], unique=False)
        batch_op.create_index("ix_crm_event_recorded", ["recorded_at"], unique=False)

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
        "crm_job",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("arguments", types.json_type(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("run_at", types.Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", types.Instant(), nullable=True),
        sa.Column("worker", sa.String(length=120), nullable=True),
        sa.Column("unique_key", sa.String(length=200), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("cause_id", types.Id(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_job")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_crm_job_unique_key")),
    )
    with op.batch_alter_table("crm_job", schema=None) as batch_op:
        batch_op.create_index("ix_crm_job_due", ["state", "run_at", "id"], unique=False)

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
        "crm_schedule",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("last_tick", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_crm_schedule")),
    )
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
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("gender", sa.String(length=20), nullable=True),
        sa.Column("occupation", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.Column("identity_kind", sa.String(length=30), nullable=True),
        sa.Column("identity_number", sa.String(length=60), nullable=True),
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
        batch_op.create_index("ix_crm_customer_city", ["city"], unique=False)
        batch_op.create_index("ix_crm_customer_created_at", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_crm_customer_name_key", ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_crm_customer_sort_name", ["sort_name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_team_id"), ["team_id"], unique=False)

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
        sa.Column("evidence", sa.String(length=2000), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
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
        sa.Column("value", sa.String(length=1000), nullable=False),
        sa.Column("match_key", sa.String(length=1000), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=True),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("verified_at", types.Instant(), nullable=True),
        sa.Column("details", types.json_type(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_contact_point_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_contact_point")),
    )
    with op.batch_alter_table("crm_contact_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_contact_point_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_crm_contact_point_match", ["match_key", "kind"], unique=False)

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
        "crm_interaction",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("occurred_at", types.Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_interaction_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_interaction")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_crm_interaction_reverses_id")),
    )
    with op.batch_alter_table("crm_interaction", schema=None) as batch_op:
        batch_op.create_index("ix_crm_interaction_about", ["about_id"], unique=False)
        batch_op.create_index("ix_crm_interaction_customer", ["customer_id", "occurred_at", "id"], unique=False)
        batch_op.create_index("ix_crm_interaction_kind", ["kind", "occurred_at"], unique=False)
        batch_op.create_index("ix_crm_interaction_thread", ["thread"], unique=False)

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
        sa.Column("note", sa.String(length=1000), nullable=True),
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
        "crm_attachment",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("interaction_id", types.Id(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
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
        "crm_participant",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("interaction_id", types.Id(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("user_id", types.Id(), nullable=True),
        sa.Column("contact_kind", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(length=1000), nullable=True),
        sa.Column("match_key", sa.String(length=1000), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
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
        batch_op.create_index(batch_op.f("ix_crm_participant_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_participant_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_participant_match_key"), ["match_key"], unique=False)

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


def downgrade() -> None:
    """Bring the schema back."""
    remove_triggers(op)
    with op.batch_alter_table("crm_purchase_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_purchase_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_crm_purchase_line_customer_id"))

    op.drop_table("crm_purchase_line")
    with op.batch_alter_table("crm_participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_participant_match_key"))
        batch_op.drop_index(batch_op.f("ix_crm_participant_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_crm_participant_customer_id"))

    op.drop_table("crm_participant")
    with op.batch_alter_table("crm_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_attachment_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_crm_attachment_customer_id"))

    op.drop_table("crm_attachment")
    with op.batch_alter_table("crm_relationship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_relationship_other_id"))
        batch_op.drop_index(batch_op.f("ix_crm_relationship_customer_id"))

    op.drop_table("crm_relationship")
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
    with op.batch_alter_table("crm_team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_team_member_user_id"))

    op.drop_table("crm_team_member")
    with op.batch_alter_table("crm_product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_product_category_id"))

    op.drop_table("crm_product")
    op.drop_table("crm_import_row")
    with op.batch_alter_table("crm_customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_customer_team_id"))
        batch_op.drop_index("ix_crm_customer_sort_name")
        batch_op.drop_index(batch_op.f("ix_crm_customer_parent_id"))
        batch_op.drop_index(batch_op.f("ix_crm_customer_owner_id"))
        batch_op.drop_index("ix_crm_customer_name_key")
        batch_op.drop_index("ix_crm_customer_created_at")
        batch_op.drop_index("ix_crm_customer_city")

    op.drop_table("crm_customer")
    op.drop_table("crm_user")
    with op.batch_alter_table("crm_team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_team_parent_id"))

    op.drop_table("crm_team")
    op.drop_table("crm_schedule")
    with op.batch_alter_table("crm_required_field", schema=None) as batch_op:
        batch_op.drop_index("uq_crm_required_field_resource_name")

    op.drop_table("crm_required_field")
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
    with op.batch_alter_table("crm_job", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_job_due")

    op.drop_table("crm_job")
    with op.batch_alter_table("crm_import", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_import_sha256")

    op.drop_table("crm_import")
    with op.batch_alter_table("crm_idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_idempotency_recorded_at"))

    op.drop_table("crm_idempotency")
    op.drop_table("crm_heartbeat")
    op.drop_table("crm_generation")
    with op.batch_alter_table("crm_event", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_event_recorded")
        batch_op.drop_index("ix_crm_event_name")

    op.drop_table("crm_event")
    op.drop_table("crm_custom_field")
    op.drop_table("crm_currency_rate")
    with op.batch_alter_table("crm_change", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_change_record")
        batch_op.drop_index("ix_crm_change_customer")

    op.drop_table("crm_change")
    op.drop_table("crm_business")
    with op.batch_alter_table("crm_audit", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_audit_target")
        batch_op.drop_index("ix_crm_audit_recorded")

    op.drop_table("crm_audit")
