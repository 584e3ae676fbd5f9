"""The web server's worker: slow clients get their threads taken away, and what hangs is ended."""

import socket
from contextlib import ExitStack

import pytest

from tests.support.operator import as_environment
from tests.support.postgresql import ROOT
from tests.support.site import Site, wait_until

THREADS = 2
# Whoever asks for /hang waits for ever; others are told how much they sent.
APPLICATION = """
import threading

def app(environ, start_response):
    if environ["PATH_INFO"] == "/hang":
        threading.Event().wait()
    sent = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [b"%d bytes" % len(sent)]
"""
CONFIGURATION = """
import marketplace.worker as worker

worker.READ_SECONDS, worker.ANSWER_SECONDS = 1, {answer_seconds}
worker_class = "marketplace.worker.Worker"
workers, threads, graceful_timeout = 1, 2, 1
pythonpath = {folder!r}
"""


@pytest.fixture
def serve(tmp_path):
    """Starts a worker with little patience and two threads, so that the tests need none."""
    (tmp_path / "application.py").write_text(APPLICATION)
    with ExitStack() as sites:

        def start(answer_seconds=300):
            settings = tmp_path / "gunicorn.conf.py"
            settings.write_text(CONFIGURATION.format(answer_seconds=answer_seconds, folder=str(tmp_path)))
            command = ("gunicorn", "--config", str(settings), "application:app", "--no-control-socket")
            site = Site(ROOT, as_environment(), (*command, "--bind", "localhost:{port}"))
            sites.callback(site.kill)
            return site.wait_until_it_answers()

        yield start


@pytest.fixture
def connect_to():
    """Opens connections to a site."""
    with ExitStack() as connections:

        def connect(site):
            connection = socket.create_connection(("localhost", site.port), timeout=60)
            return connections.enter_context(connection)

        yield connect


def is_ended(connection):
    """Send one more byte, and tell whether nobody takes it any more."""
    try:
        connection.sendall(b"x")
    except OSError:
        return True
    return False


def test_heads_that_come_byte_by_byte_keep_no_thread(serve, connect_to):
    site = serve()
    slow = [connect_to(site) for _ in range(THREADS)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    wait_until(lambda: all(map(is_ended, slow)), "the slow ones are given up")
    assert site.get("/") == (200, "0 bytes")


def test_a_body_that_stops_half_way_keeps_no_thread(serve, connect_to):
    site = serve()
    slow = [connect_to(site) for _ in range(THREADS)]
    for connection in slow:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf of it")
    # It waits in line until there is a thread for it.
    assert site.get("/") == (200, "0 bytes")
    for connection in slow:
        assert b"100 bytes" not in connection.recv(1000)


def test_a_whole_request_on_a_slow_line_is_answered(serve, connect_to):
    connection = connect_to(serve())
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n"
    connection.sendall(head + b"in ")
    connection.sendall(b"pieces")
    assert b"9 bytes" in connection.makefile("rb").read()


def test_a_worker_that_hangs_is_replaced(serve, connect_to):
    site = serve(answer_seconds=1)
    before = site.workers()[0].pid
    hanging = [connect_to(site) for _ in range(THREADS)]
    for connection in hanging:
        connection.sendall(b"GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert [connection.recv(1000) for connection in hanging] == [b"", b""]
    assert site.get("/") == (200, "0 bytes")
    assert site.workers()[0].pid != before
