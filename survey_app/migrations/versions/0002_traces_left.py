"""Rounds remember that the old pages of their box still have to be overwritten."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("rounds", sa.Column("traces_left", sa.Boolean(), server_default=sa.false(), nullable=False))
    # An earlier version could not tell whether it had reached every page: those are overwritten once more.
    op.execute("UPDATE rounds SET traces_left = (state = 'closed')")


def downgrade() -> None:
    op.drop_column("rounds", "traces_left")
