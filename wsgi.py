"""The WSGI entry point: `flask` and `gunicorn` find the application here."""

from marketplace import create_app

app = create_app()
