"""The online appraisal: codes handed out on demand, and a box of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "online_appraisals",
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_online_appraisals_round_id"),
        sa.PrimaryKeyConstraint("round_id", name="pk_online_appraisals"),
    )
    op.create_table(
        "online_ballots",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_online_ballots_round_id"),
        sa.PrimaryKeyConstraint("key", name="pk_online_ballots"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_online_ballots_round_id", "online_ballots", ["round_id"], unique=False)
    op.create_table(
        "online_codes",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("township_code", sa.String(length=12), nullable=False),
        sa.Column("spent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_online_codes_round_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_online_codes"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_online_codes_round_id", "online_codes", ["round_id"], unique=False)
    op.create_table(
        "online_responses",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("township_code", sa.String(length=12), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_online_responses_round_id"),
        sa.PrimaryKeyConstraint("key", name="pk_online_responses"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_online_responses_round_id", "online_responses", ["round_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_online_responses_round_id", table_name="online_responses")
    op.drop_table("online_responses")
    op.drop_index("ix_online_codes_round_id", table_name="online_codes")
    op.drop_table("online_codes")
    op.drop_index("ix_online_ballots_round_id", table_name="online_ballots")
    op.drop_table("online_ballots")
    op.drop_table("online_appraisals")
