"""The site as it is scanned: `gunicorn tests.scan.served:app`."""

from marketplace import create_app

# Scanners send more in a minute than people do in a day, and are to reach what lies behind the limits.
app = create_app({"THROTTLING_SCALE": 1_000_000})
