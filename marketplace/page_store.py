"""Finished pages in the memory of this process, bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# What an entry takes beside its body: the key, the headers, the objects around them.
ENTRY_BYTES = 3_000


@dataclass(frozen=True)
class StoredPage:
    """A page as it was sent, the version of the content that it shows, and until when it stays true.

    A page with gaps has a body of its own kind; `len()` tells how many bytes it takes.
    """

    version: str
    until: int
    headers: Sequence[tuple[str, str]]
    body: Any

    def is_current(self, version: str, now: float) -> bool:
        """Tell whether the page would be made the same now."""
        return self.version == version and now < self.until


class PageStore:
    """Keeps the pages that were asked for last, at most `limit` bytes of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pages: OrderedDict[str, StoredPage] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: str) -> StoredPage | None:
        """Return the page that was stored for a key, current or not."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: str, page: StoredPage) -> None:
        """Store a page in the place of the former one; those that nobody asked for longest make room."""
        with self._lock:
            self._forget(key)
            self._pages[key] = page
            self._size += _size(key, page)
            while self._size > self._limit:
                self._forget(next(iter(self._pages)))

    def clear(self) -> None:
        """Forget all pages."""
        with self._lock:
            self._pages.clear()
            self._size = 0

    def _forget(self, key: str) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self._size -= _size(key, page)


def _size(key: str, page: StoredPage) -> int:
    return ENTRY_BYTES + len(key) + len(page.body)
