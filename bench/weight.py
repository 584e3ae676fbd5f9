"""How many bytes a first look at a page takes, without pictures that members uploaded."""

import gzip
import re
from dataclasses import dataclass

from bench.pages import Bench, Page

# Images that are loaded as soon as they are near are counted as well: the drawings of categories.
STATIC = re.compile(r'(?:src|href)="(/static/[^"]+)"')
# As deploy/nginx.conf has it packed.
LEVEL = 1


@dataclass(frozen=True)
class Weight:
    """Bytes of the page itself, of the page as nginx packs it, and of all static files that it names."""

    page: int
    packed: int
    static: int
    files: int


def weigh(bench: Bench, page: Page) -> Weight:
    """Look at the page and at all that it names."""
    text = bench.site.get(page.addresses(bench.catalogue)[0], {}).body
    files = set(STATIC.findall(text.decode()))
    static = sum(len(bench.site.get(file, {"Accept-Encoding": "br, gzip"}).body) for file in files)
    return Weight(len(text), len(gzip.compress(text, LEVEL)), static, len(files))
