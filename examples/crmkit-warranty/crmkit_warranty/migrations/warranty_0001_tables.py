"""The tables of warranties

Revision: warranty_0001
Revises: nothing
"""

from __future__ import annotations

import crmkit
import sqlalchemy as sa
from alembic import op

revision = "warranty_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "warranty_terms",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warranty_terms")),
        sa.UniqueConstraint("name", name=op.f("uq_warranty_terms_name")),
    )
    op.create_table(
        "warranty_warranty",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("owner_id", crmkit.Id(), nullable=True),
        sa.Column("team_id", crmkit.Id(), nullable=True),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("product_id", crmkit.Id(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("defect", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("receipt_token", sa.LargeBinary(length=17), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("closed_at", crmkit.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_warranty_warranty_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["crm_user.id"], name=op.f("fk_warranty_warranty_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["crm_product.id"], name=op.f("fk_warranty_warranty_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["crm_team.id"], name=op.f("fk_warranty_warranty_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warranty_warranty")),
        sa.UniqueConstraint("serial", name=op.f("uq_warranty_warranty_serial")),
    )
    with op.batch_alter_table("warranty_warranty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warranty_warranty_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_warranty_warranty_expires", ["expires_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warranty_warranty_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warranty_warranty_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_warranty_warranty_receipt", ["receipt_token"], unique=False)
        batch_op.create_index(batch_op.f("ix_warranty_warranty_team_id"), ["team_id"], unique=False)

    op.create_table(
        "warranty_claim",
        sa.Column("id", crmkit.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", crmkit.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=True),
        sa.Column("updated_at", crmkit.Instant(), nullable=False),
        sa.Column("warranty_id", crmkit.Id(), nullable=False),
        sa.Column("customer_id", crmkit.Id(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("defect", sa.LargeBinary(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_warranty_claim_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["warranty_id"], ["warranty_warranty.id"], name=op.f("fk_warranty_claim_warranty_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warranty_claim")),
    )
    with op.batch_alter_table("warranty_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warranty_claim_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warranty_claim_warranty_id"), ["warranty_id"], unique=False)


def downgrade() -> None:
    """Bring the schema back."""
    with op.batch_alter_table("warranty_claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warranty_claim_warranty_id"))
        batch_op.drop_index(batch_op.f("ix_warranty_claim_customer_id"))

    op.drop_table("warranty_claim")
    with op.batch_alter_table("warranty_warranty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warranty_warranty_team_id"))
        batch_op.drop_index(batch_op.f("ix_warranty_warranty_product_id"))
        batch_op.drop_index(batch_op.f("ix_warranty_warranty_owner_id"))
        batch_op.drop_index("ix_warranty_warranty_expires")
        batch_op.drop_index(batch_op.f("ix_warranty_warranty_customer_id"))

    op.drop_table("warranty_warranty")
    op.drop_table("warranty_terms")
