"""The house."""

import sqlalchemy as sa
from alembic import op

from campaigns.storage.columns import BigId, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "audit",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("why_box", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_about"), "audit", ["about"], unique=False)

    op.create_table(
        "budget",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "period", name=op.f("pk_budget")),
    )
    op.create_table(
        "consent_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("wording", sa.LargeBinary(length=32), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("line_id", BigId, nullable=True),
        sa.Column("recorded_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("policy", sa.String(length=20), nullable=False),
        sa.Column("commit", sa.LargeBinary(length=32), nullable=False),
        sa.Column("source", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
        sa.UniqueConstraint("source", name=op.f("uq_consent_event_source")),
    )
    op.create_index(op.f("ix_consent_event_subject"), "consent_event", ["subject"], unique=False)

    op.create_table(
        "consent_wording",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_consent_wording")),
    )
    op.create_table(
        "ledger_block",
        sa.Column("n", BigId, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_ledger_block")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("event_id", BigId, autoincrement=False, nullable=False),
        sa.Column("block", BigId, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("block", "seat", name=op.f("uq_ledger_entry_block_seat")),
    )
    op.create_table(
        "line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("carrier", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=20), nullable=False),
        sa.Column("can", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.Boolean(), nullable=False),
        sa.Column("parts_per_second", sa.Integer(), nullable=False),
        sa.Column("reply_line_id", BigId, nullable=True),
        sa.Column("free_at", Instant(), nullable=False),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("paused_why", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["reply_line_id"], ["line.id"], name=op.f("fk_line_reply_line_id_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("carrier", "address", name=op.f("uq_line_carrier_address")),
    )
    op.create_table(
        "place",
        sa.Column("id", BigId, nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("tension", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("fk_place_parent_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("own_names", sa.String(length=300), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("languages", sa.String(length=120), nullable=False),
        sa.Column("help_lines", sa.String(length=120), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("halted_at", Instant(), nullable=True),
        sa.Column("halted_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("shelve_at_hour", sa.Integer(), nullable=False),
        sa.Column("shelve_least", sa.Integer(), nullable=False),
        sa.Column("shelve_every_seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_programme_only_one")),
        sa.CheckConstraint(
            "training OR (shelve_least >= 10 AND shelve_every_seconds IS NULL)",
            name=op.f("ck_programme_pool"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", BigId, nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    op.create_index(
        "ix_receipt_waiting",
        "receipt",
        ["id"],
        unique=False,
        sqlite_where=sa.text("applied_at IS NULL"),
        postgresql_where=sa.text("applied_at IS NULL"),
    )

    op.create_table(
        "residue",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("due_hour", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_residue")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response",
        sa.Column("id", BigId, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("by", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
    )
    op.create_table(
        "shelf",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("bucket", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=8), nullable=False),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_shelf")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shelf_key",
        sa.Column("key_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_shelf_key")),
    )
    op.create_table(
        "shelf_run",
        sa.Column("n", BigId, autoincrement=False, nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened", Instant(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_shelf_run")),
    )
    op.create_table(
        "staff",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("permissions", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_staff")),
    )
    op.create_table(
        "staging",
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_staging")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suppression",
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_suppression")),
    )
    op.create_table(
        "vault_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_epoch")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Integer(), nullable=False),
        sa.Column("need", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("line_id", BigId, nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("max_parts", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("approved_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("ceiling_people", sa.Integer(), nullable=True),
        sa.Column("ceiling_micros", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("launched_at", Instant(), nullable=True),
        sa.Column("launch_after", BigId, nullable=False),
        sa.Column("launch_done", sa.Boolean(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("paused_why", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_campaign_line_id_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_campaign_state_line_id"), "campaign", ["state", "line_id"], unique=False)

    op.create_table(
        "closed_day",
        sa.Column("id", BigId, nullable=False),
        sa.Column("place_id", BigId, nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_closed_day_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_day")),
    )
    op.create_table(
        "consent_detail",
        sa.Column("event_id", BigId, autoincrement=False, nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["consent_event.id"], name=op.f("fk_consent_detail_event_id_consent_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_consent_detail")),
    )
    op.create_index(op.f("ix_consent_detail_subject"), "consent_detail", ["subject"], unique=False)

    op.create_table(
        "consent_unsealed",
        sa.Column("event_id", BigId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["consent_event.id"], name=op.f("fk_consent_unsealed_event_id_consent_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_consent_unsealed")),
    )
    op.create_table(
        "price",
        sa.Column("line_id", BigId, nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_price_line_id_line")),
        sa.PrimaryKeyConstraint("line_id", "prefix", "since", name=op.f("pk_price")),
    )
    op.create_table(
        "rhythm",
        sa.Column("id", BigId, nullable=False),
        sa.Column("place_id", BigId, nullable=False),
        sa.Column("hours", sa.LargeBinary(length=42), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_rhythm_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rhythm")),
        sa.UniqueConstraint("place_id", "hours", name=op.f("uq_rhythm_place_id_hours")),
    )
    op.create_table(
        "second_person",
        sa.Column("id", BigId, nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("about", BigId, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("verdict", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "decided_by <> asked_by OR training OR verdict <> 1", name=op.f("ck_second_person_two_people")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.rid"], name=op.f("fk_second_person_asked_by_staff")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.rid"], name=op.f("fk_second_person_decided_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_person")),
    )
    op.create_index(op.f("ix_second_person_act_about"), "second_person", ["act", "about"], unique=False)

    op.create_table(
        "tolana",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("place_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_tolana_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tolana")),
        sa.UniqueConstraint("code", name=op.f("uq_tolana_code")),
    )
    op.create_table(
        "contact",
        sa.Column("id", BigId, nullable=False),
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number_box", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("place_id", BigId, nullable=False),
        sa.Column("rhythm_id", BigId, nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("heard_month", sa.String(length=7), nullable=True),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_contact_place_id_place")),
        sa.ForeignKeyConstraint(["rhythm_id"], ["rhythm.id"], name=op.f("fk_contact_rhythm_id_rhythm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("lookup", name=op.f("uq_contact_lookup")),
        sa.UniqueConstraint("rid", name=op.f("uq_contact_rid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_contact_mark"), "contact", ["mark"], unique=False)
    op.create_index(op.f("ix_contact_place_id_language"), "contact", ["place_id", "language"], unique=False)

    op.create_table(
        "opening",
        sa.Column("campaign_id", BigId, autoincrement=False, nullable=False),
        sa.Column("rhythm_id", BigId, autoincrement=False, nullable=False),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_opening_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["rhythm_id"], ["rhythm.id"], name=op.f("fk_opening_rhythm_id_rhythm")),
        sa.PrimaryKeyConstraint("campaign_id", "rhythm_id", "opens_at", name=op.f("pk_opening")),
    )
    op.create_table(
        "tally",
        sa.Column("campaign_id", BigId, autoincrement=False, nullable=False),
        sa.Column("step", BigId, autoincrement=False, nullable=False),
        sa.Column("state", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_tally_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "step", "state", name=op.f("pk_tally")),
    )
    op.create_table(
        "wording",
        sa.Column("id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("step", BigId, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("fallback_to", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_wording_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
        sa.UniqueConstraint(
            "campaign_id", "step", "language", name=op.f("uq_wording_campaign_id_step_language")
        ),
    )
    op.create_table(
        "asked",
        sa.Column("contact_id", BigId, autoincrement=False, nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purposes", sa.Integer(), nullable=False),
        sa.Column("wording", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("line_id", BigId, nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_asked_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_asked")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", BigId, nullable=False),
        sa.Column("campaign_id", BigId, nullable=False),
        sa.Column("contact_id", BigId, nullable=False),
        sa.Column("step", BigId, nullable=False),
        sa.Column("line_id", BigId, nullable=False),
        sa.Column("wording_id", BigId, nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("absent_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_delivery_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_delivery_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "campaign_id", "contact_id", "step", name=op.f("uq_delivery_campaign_id_contact_id_step")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_delivery_contact_id"), "delivery", ["contact_id"], unique=False)
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["campaign_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
    op.create_index(
        "ix_delivery_lease",
        "delivery",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN (1, 2, 3, 7)"),
        postgresql_where=sa.text("state IN (1, 2, 3, 7)"),
    )

    op.create_table(
        "inbound",
        sa.Column("id", BigId, nullable=False),
        sa.Column("rid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("contact_id", BigId, nullable=False),
        sa.Column("line_id", BigId, nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_inbound_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_inbound_line_id_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("rid", name=op.f("uq_inbound_rid")),
    )
    op.create_index(op.f("ix_inbound_contact_id"), "inbound", ["contact_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("tolana_id", BigId, nullable=False),
        sa.Column("contact_id", BigId, nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_membership_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tolana_id"], ["tolana.id"], name=op.f("fk_membership_tolana_id_tolana")),
        sa.PrimaryKeyConstraint("tolana_id", "contact_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_contact_id"), "membership", ["contact_id"], unique=False)

    op.create_table(
        "standing",
        sa.Column("contact_id", BigId, autoincrement=False, nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mask", sa.BigInteger(), nullable=False),
        sa.Column("reconfirm_by", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_standing_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_standing")),
        sa.UniqueConstraint("subject", name=op.f("uq_standing_subject")),
    )
    _refuse_changes_of_events()


def _refuse_changes_of_events() -> None:
    """The ledger is append-only in the database itself, whatever a program tries."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER consent_event_no_{act.lower()} BEFORE {act} ON consent_event "
                "BEGIN SELECT RAISE(ABORT, 'a consent event is never changed'); END"
            )
        # REPLACE deletes without asking the trigger above.
        op.execute(
            "CREATE TRIGGER consent_event_no_replace BEFORE INSERT ON consent_event "
            "WHEN EXISTS (SELECT 1 FROM consent_event WHERE id = NEW.id OR source = NEW.source) "
            "BEGIN SELECT RAISE(ABORT, 'a consent event is never changed'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION consent_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a consent event is never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_event_no_change BEFORE UPDATE OR DELETE ON consent_event "
        "FOR EACH ROW EXECUTE FUNCTION consent_event_is_kept()"
    )
    op.execute(
        "CREATE TRIGGER consent_event_no_truncate BEFORE TRUNCATE ON consent_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION consent_event_is_kept()"
    )
