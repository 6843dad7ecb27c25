"""The voice journey: audio."""

import sqlalchemy as sa
from alembic import op

from campaigns.storage.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "blob",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("level_db", sa.Float(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_blob")),
    )
    op.create_table(
        "upload",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=True),
        sa.Column("findings", sa.String(length=120), nullable=False),
        sa.Column("blob", sa.LargeBinary(length=32), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("taken_until", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_upload")),
    )
    op.create_index(
        "ix_upload_waiting",
        "upload",
        ["made_at"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
