"""gunicorn in production: `gunicorn --config deploy/gunicorn.conf.py wsgi:app` from the project's root."""

import os

# Only the web server in front reaches this port; it ends TLS and passes on how a page was asked for.
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# gunicorn's own variable. Workers share nothing but the database: a thread opens one connection
# to it to read and one to write, and one more while it answers /health.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# gunicorn's worker with threads, with limits on how long a request may take to come and to be answered.
worker_class = "marketplace.worker.Worker"
threads = 4

# Above the site's own limit for addresses, so that it is the site that refuses, with a page of its own.
limit_request_line = 8190

# Longer than nginx keeps an idle connection, 60 seconds, so that it never writes to one that is closed here.
keepalive = 75

# Loaded once, before the workers: a missing setting is one sentence, and no worker starts in vain.
preload_app = True

# The journal keeps the site's own log: a line of JSON for each request, and for what went wrong.
errorlog = "-"

# The control socket would want a home folder to live in.
control_socket_disable = True
