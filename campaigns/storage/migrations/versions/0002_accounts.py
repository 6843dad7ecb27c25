"""Accounts: how staff sign in, which browsers are signed in, and how often it was tried."""

import sqlalchemy as sa
from alembic import op

from campaigns.storage.columns import BigId, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "account",
        sa.Column("id", BigId, nullable=False),
        sa.Column("sign_in", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=20), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=500), nullable=True),
        sa.Column("totp_counter", sa.BigInteger(), nullable=True),
        sa.Column("recovery_codes", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.rid"], name=op.f("fk_account_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("sign_in", name=op.f("uq_account_sign_in")),
        sa.UniqueConstraint("staff", name=op.f("uq_account_staff")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("id", BigId, nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_try")),
    )
    op.create_index(op.f("ix_sign_in_try_at"), "sign_in_try", ["at"], unique=False)
    op.create_index(op.f("ix_sign_in_try_mark_at"), "sign_in_try", ["mark", "at"], unique=False)
    op.create_table(
        "open_session",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_open_session_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_open_session")),
    )
    op.create_index(op.f("ix_open_session_account_id"), "open_session", ["account_id"], unique=False)
