"""What the documents show of the chain is true; `python -m tests.guide.refresh` writes it."""

from collections.abc import Callable

from tests.guide import structure
from tests.support.operator import HEAD
from tests.support.postgresql import Server


def test_the_page_shows_the_chain(server: Server, template_at: Callable[[str], str]) -> None:
    page = structure.PAGE.read_text(encoding="utf-8")
    for place, text in structure.parts(lambda state: server.url_of(template_at(state))):
        assert [found[0] for found in place.finditer(page)] == [text]


def test_the_reference_names_the_head() -> None:
    reference = structure.REFERENCE.read_text(encoding="utf-8")
    assert f'"head":"{HEAD}"' in reference
    assert structure.with_head(reference) == reference
