"""The pages of a category and of a listing on this site, and on other frameworks over the same tables."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.database import environment
from bench.pages import Bench, Way
from bench.peers.environment import ready_python
from bench.servers import Server, gunicorn, uvicorn

PAGES = ("Category, root", "Category, leaf", "Listing")


@contextmanager
def started(url: str, bench: Bench) -> Iterator[list[Way]]:
    """Start the other frameworks' sites, and return the ways in which each page is asked for."""
    python = ready_python()
    django = gunicorn("bench.peers.django_site:app", python)
    with ExitStack() as stack:
        servers = {
            "Django": Server(django, environment(url, ENGINE="django")),
            "Django with Jinja2": Server(django, environment(url, ENGINE="jinja2")),
            "FastAPI": Server(uvicorn("bench.peers.fastapi_site:app", python), environment(url)),
        }
        yield [
            Way("this site", bench.site),
            Way("this site, made anew", bench.anew),
            *(Way(name, stack.enter_context(server), has_database=False) for name, server in servers.items()),
        ]
