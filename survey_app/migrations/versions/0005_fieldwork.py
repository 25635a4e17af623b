"""The fieldwork: phones, visits, released reserves, call-backs, paper slips, key halves, receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("wrong_pins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_devices_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("secret_hash", name="uq_devices_secret_hash"),
    )
    op.create_index("ix_devices_person_id", "devices", ["person_id"], unique=False)
    op.create_table(
        "key_halves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=10), nullable=False),
        sa.Column("point", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("typed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed_back_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_key_halves_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_key_halves"),
        sa.UniqueConstraint("round_id", "holder", name="uq_key_halves_round_id_holder"),
    )
    op.create_table(
        "receipts",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_receipts_round_id"),
        sa.PrimaryKeyConstraint("key", name="pk_receipts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_receipts_round_id", "receipts", ["round_id"], unique=False)
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("sample_unit_id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_callbacks_round_id"),
        sa.ForeignKeyConstraint(["sample_unit_id"], ["sample_units.id"], name="fk_callbacks_sample_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sa.UniqueConstraint("sample_unit_id", name="uq_callbacks_sample_unit_id"),
    )
    op.create_index("ix_callbacks_round_id", "callbacks", ["round_id"], unique=False)
    op.create_table(
        "reserve_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("failed_unit_id", sa.Integer(), nullable=False),
        sa.Column("released_unit_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name="fk_reserve_releases_asked_by_id"),
        sa.ForeignKeyConstraint(["failed_unit_id"], ["sample_units.id"], name="fk_reserve_releases_failed_unit_id"),
        sa.ForeignKeyConstraint(["released_unit_id"], ["sample_units.id"], name="fk_reserve_releases_released_unit_id"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_reserve_releases_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reserve_releases"),
        sa.UniqueConstraint("key", name="uq_reserve_releases_key"),
        sa.UniqueConstraint("released_unit_id", name="uq_reserve_releases_released_unit_id"),
    )
    op.create_index("ix_reserve_releases_round_id", "reserve_releases", ["round_id"], unique=False)
    op.create_index(
        "ix_reserve_releases_standing",
        "reserve_releases",
        ["failed_unit_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "slips",
        sa.Column("sample_unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["people.id"], name="fk_slips_entered_by_id"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_slips_round_id"),
        sa.ForeignKeyConstraint(["sample_unit_id"], ["sample_units.id"], name="fk_slips_sample_unit_id"),
        sa.PrimaryKeyConstraint("sample_unit_id", name="pk_slips"),
    )
    op.create_index("ix_slips_round_id", "slips", ["round_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("sample_unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("others_present", sa.String(length=10), nullable=False),
        sa.Column("appointment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_doubtful", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_visits_person_id"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_visits_round_id"),
        sa.ForeignKeyConstraint(["sample_unit_id"], ["sample_units.id"], name="fk_visits_sample_unit_id"),
        sa.PrimaryKeyConstraint("key", name="pk_visits"),
    )
    op.create_index("ix_visits_round_id", "visits", ["round_id"], unique=False)
    op.create_index("ix_visits_sample_unit_id", "visits", ["sample_unit_id"], unique=False)
    op.add_column("rounds", sa.Column("key_holding", sa.String(length=10), server_default="server", nullable=False))
    op.add_column(
        "rounds", sa.Column("release_rule", sa.String(length=12), server_default="supervisor", nullable=False)
    )
    op.add_column("sign_in_links", sa.Column("purpose", sa.String(length=10), server_default="sign_in", nullable=False))


def downgrade() -> None:
    op.drop_column("sign_in_links", "purpose")
    op.drop_column("rounds", "release_rule")
    op.drop_column("rounds", "key_holding")
    op.drop_index("ix_visits_sample_unit_id", table_name="visits")
    op.drop_index("ix_visits_round_id", table_name="visits")
    op.drop_table("visits")
    op.drop_index("ix_slips_round_id", table_name="slips")
    op.drop_table("slips")
    op.drop_index("ix_reserve_releases_standing", table_name="reserve_releases")
    op.drop_index("ix_reserve_releases_round_id", table_name="reserve_releases")
    op.drop_table("reserve_releases")
    op.drop_index("ix_callbacks_round_id", table_name="callbacks")
    op.drop_table("callbacks")
    op.drop_index("ix_receipts_round_id", table_name="receipts")
    op.drop_table("receipts")
    op.drop_table("key_halves")
    op.drop_index("ix_devices_person_id", table_name="devices")
    op.drop_table("devices")
