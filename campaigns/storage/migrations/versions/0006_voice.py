"""The voice line: versions of the menu, its prompts, its listeners, and counts by node."""

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
    op.create_table(
        "voice_line",
        sa.Column("line_id", BigId, autoincrement=False, nullable=False),
        sa.Column("way", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["line.id"], name=op.f("fk_voice_line_line_id_line"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_voice_line")),
    )
    op.create_table(
        "studio",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("menu_id", BigId, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["menu_id"], ["menu.id"], name=op.f("fk_studio_menu_id_menu"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff"], ["staff.rid"], name=op.f("fk_studio_staff_staff")),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_studio")),
        sa.UniqueConstraint("code_mark", name=op.f("uq_studio_code_mark")),
    )
    op.create_table(
        "listener",
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("calls", sa.SmallInteger(), nullable=False),
        sa.Column("show", sa.String(length=40), nullable=True),
        sa.Column("episode_id", BigId, nullable=True),
        sa.Column("segment_place", sa.Integer(), nullable=True),
        sa.Column("marked_on", sa.Date(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_listener")),
    )
    op.create_index(op.f("ix_listener_day"), "listener", ["day"], unique=False)
    op.create_table(
        "node_count",
        sa.Column("menu_id", BigId, autoincrement=False, nullable=False),
        sa.Column("node", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("menu_id", "node", "day", "what", name=op.f("pk_node_count")),
    )
    op.create_index(op.f("ix_node_count_day"), "node_count", ["day"], unique=False)
