"""The voice line: versions of the menu, its prompts."""

import sqlalchemy as sa
from alembic import op

from campaigns.storage.columns import BigId, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "menu",
        sa.Column("id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("made_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("published_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu")),
        sa.UniqueConstraint("version", name=op.f("uq_menu_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_menu_state",
        "menu",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state IN (0, 1)"),
        postgresql_where=sa.text("state IN (0, 1)"),
    )
    op.create_table(
        "prompt",
        sa.Column("menu_id", BigId, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blob", sa.LargeBinary(length=32), nullable=True),
        sa.Column("spoken_by", sa.SmallInteger(), nullable=True),
        sa.Column("level_db", sa.Float(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("words_changed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["menu_id"], ["menu.id"], name=op.f("fk_prompt_menu_id_menu"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("menu_id", "name", "language", name=op.f("pk_prompt")),
    )
