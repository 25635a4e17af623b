"""The app for any WSGI server: `waitress-serve wsgi:app`, `gunicorn wsgi:app`."""

from survey_app import create_app
from survey_app.services.worker import start_worker

app = create_app()
start_worker(app.extensions["pingyi"])
