"""Lotteries wait for a beacon; their lists are stored as bytes; members may be kept out of them."""

import json
import struct

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_LINE = struct.Struct(">32sIq")


def upgrade() -> None:
    op.add_column("lotteries", sa.Column("lines", sa.LargeBinary(), nullable=True))
    op.add_column("lotteries", sa.Column("closed_at", sa.BigInteger(), nullable=True))
    op.add_column("lotteries", sa.Column("round", sa.BigInteger(), nullable=True))
    op.add_column("lotteries", sa.Column("signature", sa.LargeBinary(), nullable=True))
    op.add_column("lotteries", sa.Column("retry_at", sa.BigInteger(), nullable=True))
    bind = op.get_bind()
    for lottery_id, listed in bind.execute(sa.text("SELECT id, listed FROM lotteries WHERE listed IS NOT NULL")).all():
        lines = json.loads(listed) if isinstance(listed, str) else listed
        packed = b"".join(_LINE.pack(bytes.fromhex(one), tickets, user_id) for one, tickets, user_id in lines or ())
        bind.execute(sa.text("UPDATE lotteries SET lines = :lines WHERE id = :id"), {"lines": packed, "id": lottery_id})
    bind.execute(sa.text("UPDATE lotteries SET closed_at = ended_at WHERE state IN ('closed', 'drawn')"))
    op.drop_column("lotteries", "listed")
    op.create_table(
        "lottery_bans",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_lottery_bans_group_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_lottery_bans")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lottery_winners_user_id", "lottery_winners", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_lottery_winners_user_id", "lottery_winners")
    op.drop_table("lottery_bans")
    op.add_column("lotteries", sa.Column("listed", sa.JSON(), nullable=True))
    bind = op.get_bind()
    for lottery_id, packed in bind.execute(sa.text("SELECT id, lines FROM lotteries WHERE lines IS NOT NULL")).all():
        listed = [[one.hex(), tickets, user_id] for one, tickets, user_id in _LINE.iter_unpack(packed)]
        statement = sa.text("UPDATE lotteries SET listed = :listed WHERE id = :id")
        statement = statement.bindparams(sa.bindparam("listed", type_=sa.JSON()))
        bind.execute(statement, {"listed": listed, "id": lottery_id})
    for column in ("lines", "closed_at", "round", "signature", "retry_at"):
        op.drop_column("lotteries", column)
