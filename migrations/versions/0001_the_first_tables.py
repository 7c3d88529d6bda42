"""The first tables: people, concerts, auctions with their bids, seats and awards, and what people were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for plain INTEGER keys.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def exact_text(length: int) -> sa.String:
    """Compared byte by byte, on MariaDB too."""
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def upgrade() -> None:
    create_concerts()
    create_operator_acts()
    create_people()
    create_auctions()
    create_account_mails()
    create_sign_ins()
    create_bids()
    create_notifications()
    create_quarantined()
    create_sequence_gaps()
    create_seats()
    create_awards()
    create_award_events()


def downgrade() -> None:
    # A table takes its indexes with it; those that refer to others go first.
    op.drop_table("award_events")
    op.drop_table("awards")
    op.drop_table("seats")
    op.drop_table("sequence_gaps")
    op.drop_table("quarantined")
    op.drop_table("notifications")
    op.drop_table("bids")
    op.drop_table("sign_ins")
    op.drop_table("account_mails")
    op.drop_table("auctions")
    op.drop_table("people")
    op.drop_table("operator_acts")
    op.drop_table("concerts")


def create_concerts() -> None:
    op.create_table(
        "concerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("artist", sa.String(length=200), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("cancel_until", MOMENT, nullable=False),
        sa.Column("genre", sa.String(length=60), nullable=True),
        sa.Column("age_limit", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("poster", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerts")),
    )
    op.create_index(op.f("ix_concerts_starts_at"), "concerts", ["starts_at"])


def create_operator_acts() -> None:
    op.create_table(
        "operator_acts",
        sa.Column("id", ID, nullable=False),
        sa.Column("operator", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_acts")),
    )


def create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("blocked_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_people_phone")),
    )


def create_auctions() -> None:
    op.create_table(
        "auctions",
        sa.Column("id", ID, nullable=False),
        sa.Column("concert_id", ID, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("pricing", sa.String(length=16), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("soft_close_seconds", sa.Integer(), nullable=False),
        sa.Column("soft_close_cap_seconds", sa.Integer(), nullable=False),
        sa.Column("purchase_hours", sa.Integer(), nullable=False),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recorded_sequence", sa.Integer(), nullable=False),
        sa.Column("final_sequence", sa.Integer(), nullable=True),
        sa.Column("alias_salt", sa.String(length=32), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("minimum >= 0 AND step >= 1", name=op.f("ck_auctions_prices")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_auctions_window")),
        sa.CheckConstraint("recorded_sequence >= 0", name=op.f("ck_auctions_recorded")),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_auctions_seats")),
        sa.ForeignKeyConstraint(["concert_id"], ["concerts.id"], name=op.f("fk_auctions_concert_id_concerts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auctions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_auctions_concert_id"), "auctions", ["concert_id"])
    op.create_index(op.f("ix_auctions_state"), "auctions", ["state"])


def create_account_mails() -> None:
    op.create_table(
        "account_mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("nonce", exact_text(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_account_mails_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mails")),
    )
    op.create_index(op.f("ix_account_mails_person_id"), "account_mails", ["person_id"])
    op.create_index("ix_account_mails_unmailed", "account_mails", ["mailed_at", "created_at"])


def create_sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("handle", exact_text(32), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("handle", name=op.f("uq_sign_ins_handle")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"])


def create_bids() -> None:
    op.create_table(
        "bids",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("request_id", exact_text(64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.Column("displaced_id", ID, nullable=True),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_bids_amount")),
        sa.CheckConstraint("nth BETWEEN 1 AND 3", name=op.f("ck_bids_chances")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_bids_auction_id_auctions")),
        sa.ForeignKeyConstraint(["displaced_id"], ["people.id"], name=op.f("fk_bids_displaced_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bids_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bids")),
        sa.UniqueConstraint("auction_id", "person_id", "nth", name=op.f("uq_bids_auction_id_person_id_nth")),
        sa.UniqueConstraint(
            "auction_id", "person_id", "request_id", name=op.f("uq_bids_auction_id_person_id_request_id")
        ),
        sa.UniqueConstraint("auction_id", "sequence", name=op.f("uq_bids_auction_id_sequence")),
    )
    op.create_index(op.f("ix_bids_person_id"), "bids", ["person_id"])


def create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_notifications_auction_id_auctions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notifications_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "person_id",
            "auction_id",
            "kind",
            "occasion",
            name=op.f("uq_notifications_person_id_auction_id_kind_occasion"),
        ),
    )
    op.create_index("ix_notifications_unmailed", "notifications", ["mailed_at", "created_at"])
    op.create_index("ix_notifications_unread", "notifications", ["person_id", "seen_at"])


def create_quarantined() -> None:
    op.create_table(
        "quarantined",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_aside_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolution", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_quarantined_auction_id_auctions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined")),
        sa.UniqueConstraint("auction_id", "sequence", name=op.f("uq_quarantined_auction_id_sequence")),
    )
    op.create_index(op.f("ix_quarantined_auction_id"), "quarantined", ["auction_id"])


def create_sequence_gaps() -> None:
    op.create_table(
        "sequence_gaps",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.CheckConstraint("first >= 1 AND first <= last", name=op.f("ck_sequence_gaps_range")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_sequence_gaps_auction_id_auctions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequence_gaps")),
        sa.UniqueConstraint("auction_id", "first", name=op.f("uq_sequence_gaps_auction_id_first")),
    )


def create_seats() -> None:
    op.create_table(
        "seats",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_seats_auction_id_auctions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
        sa.UniqueConstraint("auction_id", "number", name=op.f("uq_seats_auction_id_number")),
    )


def create_awards() -> None:
    op.create_table(
        "awards",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("concert_id", ID, nullable=False),
        sa.Column("seat_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("previous_id", ID, nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "live",
            sa.Integer(),
            sa.Computed("CASE WHEN state IN ('offered', 'bought') THEN 1 ELSE NULL END", persisted=True),
            nullable=True,
        ),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_awards_auction_id_auctions")),
        sa.ForeignKeyConstraint(["concert_id"], ["concerts.id"], name=op.f("fk_awards_concert_id_concerts")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_awards_person_id_people")),
        sa.ForeignKeyConstraint(["previous_id"], ["awards.id"], name=op.f("fk_awards_previous_id_awards")),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], name=op.f("fk_awards_seat_id_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awards")),
        sa.UniqueConstraint("auction_id", "person_id", name=op.f("uq_awards_auction_id_person_id")),
        sa.UniqueConstraint("concert_id", "person_id", "live", name=op.f("uq_awards_concert_id_person_id_live")),
        sa.UniqueConstraint("seat_id", "live", name=op.f("uq_awards_seat_id_live")),
    )
    op.create_index(op.f("ix_awards_auction_id"), "awards", ["auction_id"])
    op.create_index("ix_awards_due", "awards", ["state", "expires_at"])
    op.create_index(op.f("ix_awards_person_id"), "awards", ["person_id"])


def create_award_events() -> None:
    op.create_table(
        "award_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("auction_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("award_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_award_events_auction_id_auctions")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_events_award_id_awards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_events")),
        sa.UniqueConstraint("auction_id", "number", name=op.f("uq_award_events_auction_id_number")),
    )
    op.create_index(op.f("ix_award_events_award_id"), "award_events", ["award_id"])
