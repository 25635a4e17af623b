"""Whose a place was, until it was given to somebody else."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "past_assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("township_code", sa.String(length=12), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("psu_code", sa.String(length=12), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_past_assignments_person_id"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_past_assignments_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_past_assignments"),
    )
    op.create_index("ix_past_assignments_round_id", "past_assignments", ["round_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_past_assignments_round_id", table_name="past_assignments")
    op.drop_table("past_assignments")
