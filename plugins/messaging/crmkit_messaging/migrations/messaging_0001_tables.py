"""tables

Revision: messaging_0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crmkit

revision = "messaging_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "messaging_automatic_answer",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("mailbox", sa.String(length=60), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("message_id", crmkit.Id(), nullable=True),
        sa.Column("answered_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customer.id"],
            name=op.f("fk_messaging_automatic_answer_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_automatic_answer")),
    )
    with op.batch_alter_table("messaging_automatic_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messaging_automatic_answer_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_messaging_automatic_answer_last", ["mailbox", "customer_id", "answered_at"], unique=False
        )

    op.create_table(
        "messaging_cap",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("per", sa.String(length=8), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_cap")),
    )
    op.create_table(
        "messaging_leave",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("left_at", crmkit.Instant(), nullable=True),
        sa.Column("way", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_messaging_leave_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_leave")),
    )
    with op.batch_alter_table("messaging_leave", schema=None) as batch_op:
        batch_op.create_index("ix_messaging_leave_customer", ["customer_id", "purpose", "channel"], unique=False)

    op.create_table(
        "messaging_mail",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("contact_point_id", crmkit.Id(), nullable=True),
        sa.Column("mailboxes", crmkit.json_type(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("received_at", crmkit.Instant(), nullable=False),
        sa.Column("unresolved", sa.Boolean(), nullable=False),
        sa.Column("answerable", sa.String(length=20), nullable=False),
        sa.Column("answered", sa.String(length=20), nullable=True),
        sa.Column("left_out", crmkit.json_type(), nullable=True),
        sa.Column("sender", sa.LargeBinary(), nullable=True),
        sa.Column("html_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("quoted_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("quoted", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_messaging_mail_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_messaging_mail_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_mail")),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_messaging_mail_interaction_id")),
        sa.UniqueConstraint("key", name=op.f("uq_messaging_mail_key")),
    )
    with op.batch_alter_table("messaging_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messaging_mail_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_messaging_mail_received", ["received_at", "id"], unique=False)
        batch_op.create_index("ix_messaging_mail_unresolved", ["unresolved", "received_at", "id"], unique=False)

    op.create_table(
        "messaging_mailbox",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("smtp_host", sa.String(length=253), nullable=True),
        sa.Column("smtp_port", sa.Integer(), nullable=False),
        sa.Column("smtp_security", sa.String(length=8), nullable=False),
        sa.Column("smtp_user", sa.String(length=254), nullable=True),
        sa.Column("imap_host", sa.String(length=253), nullable=True),
        sa.Column("imap_port", sa.Integer(), nullable=False),
        sa.Column("imap_security", sa.String(length=8), nullable=False),
        sa.Column("imap_user", sa.String(length=254), nullable=True),
        sa.Column("imap_folder", sa.String(length=200), nullable=False),
        sa.Column("unknown_senders", sa.String(length=12), nullable=False),
        sa.Column("makes_tasks", sa.Boolean(), nullable=False),
        sa.Column("task_queue_id", crmkit.Id(), nullable=True),
        sa.Column("auto_reply_template", sa.String(length=120), nullable=True),
        sa.Column("calendar_id", crmkit.Id(), nullable=True),
        sa.Column("dkim_selector", sa.String(length=63), nullable=True),
        sa.Column("sender_check", crmkit.json_type(), nullable=False),
        sa.Column("checked_at", crmkit.Instant(), nullable=True),
        sa.Column("smtp_password", sa.LargeBinary(), nullable=True),
        sa.Column("imap_password", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_mailbox")),
        sa.UniqueConstraint("address", name=op.f("uq_messaging_mailbox_address")),
        sa.UniqueConstraint("name", name=op.f("uq_messaging_mailbox_name")),
    )
    op.create_table(
        "messaging_mailbox_place",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("mailbox", sa.String(length=60), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", crmkit.Instant(), nullable=True),
        sa.Column("failing_since", crmkit.Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_mailbox_place")),
        sa.UniqueConstraint("mailbox", "folder", name=op.f("uq_messaging_mailbox_place_mailbox_folder")),
    )
    op.create_table(
        "messaging_message",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("reason_values", crmkit.json_type(), nullable=False),
        sa.Column("due_at", crmkit.Instant(), nullable=True),
        sa.Column("held_at", crmkit.Instant(), nullable=True),
        sa.Column("left_at", crmkit.Instant(), nullable=True),
        sa.Column("sent_at", crmkit.Instant(), nullable=True),
        sa.Column("ended_at", crmkit.Instant(), nullable=True),
        sa.Column("not_before", crmkit.Instant(), nullable=True),
        sa.Column("expires_at", crmkit.Instant(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("template", sa.String(length=120), nullable=True),
        sa.Column("variant", sa.String(length=60), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("contact_point_id", crmkit.Id(), nullable=True),
        sa.Column("mailbox", sa.String(length=60), nullable=True),
        sa.Column("reply_to_id", crmkit.Id(), nullable=True),
        sa.Column("ref", sa.String(length=120), nullable=True),
        sa.Column("file_ids", crmkit.json_type(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("leased_until", crmkit.Instant(), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("carrier_id", sa.String(length=200), nullable=True),
        sa.Column("interaction_id", crmkit.Id(), nullable=True),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("html", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_messaging_message_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_message")),
        sa.UniqueConstraint("actor_id", "key", name=op.f("uq_messaging_message_actor_id_key")),
    )
    with op.batch_alter_table("messaging_message", schema=None) as batch_op:
        batch_op.create_index("ix_messaging_message_customer", ["customer_id", "left_at"], unique=False)
        batch_op.create_index("ix_messaging_message_due", ["state", "due_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_message_message_id"), ["message_id"], unique=False)
        batch_op.create_index("ix_messaging_message_way", ["channel", "mailbox", "left_at"], unique=False)

    op.create_table(
        "messaging_policy",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("urgent_passes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_policy")),
        sa.UniqueConstraint("purpose", name=op.f("uq_messaging_policy_purpose")),
    )
    op.create_table(
        "messaging_quiet_hours",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("hours", sa.String(length=11), nullable=False),
        sa.Column("days", crmkit.json_type(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_quiet_hours")),
    )
    op.create_table(
        "messaging_reference",
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("message_key", sa.String(length=64), nullable=True),
        sa.Column("topic", sa.LargeBinary(length=32), nullable=True),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("occurred_at", crmkit.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_messaging_reference_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_messaging_reference_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("interaction_id", name=op.f("pk_messaging_reference")),
    )
    with op.batch_alter_table("messaging_reference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messaging_reference_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_reference_message_key"), ["message_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_reference_topic"), ["topic"], unique=False)

    op.create_table(
        "messaging_stuck_mail",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("mailbox", sa.String(length=60), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_stuck_mail")),
        sa.UniqueConstraint(
            "mailbox",
            "folder",
            "uid_validity",
            "uid",
            name=op.f("uq_messaging_stuck_mail_mailbox_folder_uid_validity_uid"),
        ),
    )
    op.create_table(
        "messaging_suppression",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.LargeBinary(length=32), nullable=False),
        sa.Column("point_token", sa.LargeBinary(length=17), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_messaging_suppression_customer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_suppression")),
        sa.UniqueConstraint("code", name=op.f("uq_messaging_suppression_code")),
    )
    with op.batch_alter_table("messaging_suppression", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messaging_suppression_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_suppression_point_token"), ["point_token"], unique=False)

    op.create_table(
        "messaging_template",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("tested_at", crmkit.Instant(), nullable=True),
        sa.Column("tested_by", sa.String(length=80), nullable=True),
        sa.Column("tested_outcome", sa.String(length=10), nullable=True),
        sa.Column("tested_reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_template")),
        sa.UniqueConstraint("name", name=op.f("uq_messaging_template_name")),
    )
    op.create_table(
        "messaging_throttle",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("mailbox", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_throttle")),
        sa.UniqueConstraint("channel", "mailbox", name=op.f("uq_messaging_throttle_channel_mailbox")),
    )
    op.create_table(
        "messaging_bounce",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("interaction_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=True),
        sa.Column("message_id", crmkit.Id(), nullable=True),
        sa.Column("contact_point_id", crmkit.Id(), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("happened_at", crmkit.Instant(), nullable=False),
        sa.Column("suppressed", sa.Boolean(), nullable=False),
        sa.Column("diagnostic", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_messaging_bounce_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["crm_interaction.id"],
            name=op.f("fk_messaging_bounce_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messaging_message.id"], name=op.f("fk_messaging_bounce_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_bounce")),
    )
    with op.batch_alter_table("messaging_bounce", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messaging_bounce_contact_point_id"), ["contact_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_bounce_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_bounce_interaction_id"), ["interaction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messaging_bounce_message_id"), ["message_id"], unique=False)

    op.create_table(
        "messaging_template_version",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("template_id", crmkit.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("given", crmkit.json_type(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("published_at", crmkit.Instant(), nullable=True),
        sa.Column("published_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["messaging_template.id"],
            name=op.f("fk_messaging_template_version_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_template_version")),
        sa.UniqueConstraint("template_id", "number", name=op.f("uq_messaging_template_version_template_id_number")),
    )
    op.create_table(
        "messaging_template_text",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("version_id", crmkit.Id(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("variant", sa.String(length=30), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("preheader", sa.String(length=300), nullable=False),
        sa.Column("blocks", crmkit.json_type(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["messaging_template_version.id"],
            name=op.f("fk_messaging_template_text_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_template_text")),
        sa.UniqueConstraint(
            "version_id", "language", "variant", name=op.f("uq_messaging_template_text_version_id_language_variant")
        ),
    )


def downgrade() -> None:
    """Bring the schema back."""
    op.drop_table("messaging_template_text")
    op.drop_table("messaging_template_version")
    with op.batch_alter_table("messaging_bounce", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messaging_bounce_message_id"))
        batch_op.drop_index(batch_op.f("ix_messaging_bounce_interaction_id"))
        batch_op.drop_index(batch_op.f("ix_messaging_bounce_customer_id"))
        batch_op.drop_index(batch_op.f("ix_messaging_bounce_contact_point_id"))

    op.drop_table("messaging_bounce")
    op.drop_table("messaging_throttle")
    op.drop_table("messaging_template")
    with op.batch_alter_table("messaging_suppression", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messaging_suppression_point_token"))
        batch_op.drop_index(batch_op.f("ix_messaging_suppression_customer_id"))

    op.drop_table("messaging_suppression")
    op.drop_table("messaging_stuck_mail")
    with op.batch_alter_table("messaging_reference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messaging_reference_topic"))
        batch_op.drop_index(batch_op.f("ix_messaging_reference_message_key"))
        batch_op.drop_index(batch_op.f("ix_messaging_reference_customer_id"))

    op.drop_table("messaging_reference")
    op.drop_table("messaging_quiet_hours")
    op.drop_table("messaging_policy")
    with op.batch_alter_table("messaging_message", schema=None) as batch_op:
        batch_op.drop_index("ix_messaging_message_way")
        batch_op.drop_index(batch_op.f("ix_messaging_message_message_id"))
        batch_op.drop_index("ix_messaging_message_due")
        batch_op.drop_index("ix_messaging_message_customer")

    op.drop_table("messaging_message")
    op.drop_table("messaging_mailbox_place")
    op.drop_table("messaging_mailbox")
    with op.batch_alter_table("messaging_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_messaging_mail_unresolved")
        batch_op.drop_index("ix_messaging_mail_received")
        batch_op.drop_index(batch_op.f("ix_messaging_mail_customer_id"))

    op.drop_table("messaging_mail")
    with op.batch_alter_table("messaging_leave", schema=None) as batch_op:
        batch_op.drop_index("ix_messaging_leave_customer")

    op.drop_table("messaging_leave")
    op.drop_table("messaging_cap")
    with op.batch_alter_table("messaging_automatic_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_messaging_automatic_answer_last")
        batch_op.drop_index(batch_op.f("ix_messaging_automatic_answer_customer_id"))

    op.drop_table("messaging_automatic_answer")
