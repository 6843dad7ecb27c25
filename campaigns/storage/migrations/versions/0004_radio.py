"""Radio: shows and when they are on air, episodes in segments, the question of the week, listeners' clips."""

import sqlalchemy as sa
from alembic import op

from campaigns.storage.columns import BigId, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    _shows()
    _episodes()
    _questions()
    _clips()


def _shows() -> None:
    op.create_table(
        "show",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("own_name", sa.String(length=80), nullable=False),
        sa.Column("languages", sa.String(length=120), nullable=False),
        sa.Column("season", sa.Integer(), nullable=False),
        sa.Column("season_ends", sa.Date(), nullable=True),
        sa.Column("phone_weekday", sa.Integer(), nullable=True),
        sa.Column("phone_minute", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_show")),
        sa.UniqueConstraint("key", name=op.f("uq_show_key")),
    )
    op.create_table(
        "air_time",
        sa.Column("id", BigId, nullable=False),
        sa.Column("show_id", BigId, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("station", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["show_id"], ["show.id"], name=op.f("fk_air_time_show_id_show"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_air_time")),
    )
    op.create_index(op.f("ix_air_time_show_id"), "air_time", ["show_id"], unique=False)


def _episodes() -> None:
    op.create_table(
        "episode",
        sa.Column("id", BigId, nullable=False),
        sa.Column("show_id", BigId, nullable=False),
        sa.Column("season", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("publish_at", Instant(), nullable=True),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("adviser_heard", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_episode_show_id_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint("show_id", "season", "number", name=op.f("uq_episode_show_id_season_number")),
    )
    op.create_index(
        op.f("ix_episode_show_id_state_publish_at"),
        "episode",
        ["show_id", "state", "publish_at"],
        unique=False,
    )
    op.create_table(
        "segment",
        sa.Column("episode_id", BigId, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("blob", sa.LargeBinary(length=32), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["episode.id"],
            name=op.f("fk_segment_episode_id_episode"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("episode_id", "place", "language", name=op.f("pk_segment")),
    )


def _questions() -> None:
    op.create_table(
        "question",
        sa.Column("id", BigId, nullable=False),
        sa.Column("show_id", BigId, nullable=False),
        sa.Column("episode_id", BigId, nullable=True),
        sa.Column("poll", BigId, nullable=True),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_question_episode_id_episode")),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_question_show_id_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_show_id_opens_at"), "question", ["show_id", "opens_at"], unique=False)
    op.create_table(
        "question_words",
        sa.Column("question_id", BigId, autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("blob", sa.LargeBinary(length=32), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_question_words_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", "language", name=op.f("pk_question_words")),
    )


def _clips() -> None:
    op.create_table(
        "clip",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("show_id", BigId, nullable=False),
        sa.Column("question_id", BigId, nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=True),
        sa.Column("speaker", sa.Integer(), nullable=False),
        sa.Column("consents", sa.Integer(), nullable=False),
        sa.Column("wording_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("screened", sa.Integer(), nullable=False),
        sa.Column("cuts", sa.Text(), nullable=False),
        sa.Column("beeps", sa.Text(), nullable=False),
        sa.Column("disguised", sa.Boolean(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(length=80), nullable=False),
        sa.Column("on_air_name", sa.String(length=80), nullable=False),
        sa.Column("blob", sa.LargeBinary(length=32), nullable=True),
        sa.Column("cut_milliseconds", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("packed_on", sa.Date(), nullable=True),
        sa.Column("transcript", sa.LargeBinary(), nullable=True),
        sa.Column("box", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_clip_question_id_question")),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_clip_show_id_show")),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_clip")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_clip_code_mark"), "clip", ["code_mark"], unique=False)
    op.create_index(
        op.f("ix_clip_state_show_id_language"), "clip", ["state", "show_id", "language"], unique=False
    )
