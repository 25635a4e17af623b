"""What a round's cards say of time and help: until when to answer, and whom to ask."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("rounds", sa.Column("answer_by", sa.Date(), nullable=True))
    op.add_column("rounds", sa.Column("contact", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("rounds", "contact")
    op.drop_column("rounds", "answer_by")
