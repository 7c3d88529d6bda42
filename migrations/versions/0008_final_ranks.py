"""The final ranks of settled auctions, one row for each bidder."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "final_ranks",
        sa.Column("auction_id", ID, autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(6), nullable=False),
        sa.Column("line_place", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_final_ranks_auction_id_auctions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_final_ranks_person_id_people")),
        sa.PrimaryKeyConstraint("auction_id", "rank", name=op.f("pk_final_ranks")),
        sa.UniqueConstraint("auction_id", "person_id", name=op.f("uq_final_ranks_auction_id_person_id")),
    )
    op.create_index(op.f("ix_final_ranks_person_id"), "final_ranks", ["person_id"])
    op.create_index("ix_final_ranks_line", "final_ranks", ["auction_id", "waiting", "line_place"])
    op.create_index("ix_final_ranks_alias", "final_ranks", ["auction_id", "alias"])
    op.create_index("ix_final_ranks_untold", "final_ranks", ["auction_id", "told_at", "rank"])


def downgrade() -> None:
    op.drop_table("final_ranks")
