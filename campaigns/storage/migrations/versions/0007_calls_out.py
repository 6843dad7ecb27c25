"""Calls out: a line's rate of calls, a call's recording and plan, and what became of each ring."""

import sqlalchemy as sa
from alembic import op

from campaigns.storage.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "programme",
        sa.Column("barred_prefixes", sa.String(length=300), nullable=False, server_default=""),
    )
    op.add_column("line", sa.Column("calls_per_second", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("line", sa.Column("calls_at_once", sa.Integer(), nullable=False, server_default="20"))
    op.add_column("line", sa.Column("calls_free_at", Instant(), nullable=True))
    op.add_column("campaign", sa.Column("max_rings", sa.Integer(), nullable=False, server_default="3"))
    op.add_column("wording", sa.Column("blob", sa.LargeBinary(length=32), nullable=True))
    op.add_column("wording", sa.Column("milliseconds", sa.Integer(), nullable=True))
    op.add_column("delivery", sa.Column("rings", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("seconds", sa.Integer(), nullable=True))
    op.add_column("receipt", sa.Column("seconds", sa.Integer(), nullable=True))
