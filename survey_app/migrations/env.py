"""Alembic's entry: it always works on the connection it is given (survey_app.db.run_migrations)."""

from alembic import context

from survey_app.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
