"""Feedback by voice: gathered apart from texts, in a table and a run of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("shelf_run", sa.Column("kind", sa.SmallInteger(), nullable=False, server_default="1"))
    op.create_table(
        "staging_voice",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_staging_voice")),
        sqlite_with_rowid=False,
    )
