"""The style guide shows every component, and is there in development only."""

import pytest

from marketplace.style_guide.samples import ARABIC, LONG
from tests.conftest import dispose, make_app
from tests.support.html import text_of
from tests.support.production import enter_production
from tests.support.project import TEMPLATES

MACROS = {file.stem for file in (TEMPLATES / "components").glob("*.html")}


@pytest.fixture
def specimens(client):
    page = client.page("/style-guide")
    return page.findall(".//section[@data-component]")


def test_every_component_is_shown_and_no_other(specimens):
    assert {specimen.get("data-component") for specimen in specimens} == MACROS


def test_a_specimen_shows_the_component_that_it_names(specimens):
    for name in MACROS:
        # listing_card is the block `card`; all others bear their file's name.
        block = name.replace("_", "-").removeprefix("listing-")
        classes = [
            element.get("class", "")
            for specimen in specimens
            if specimen.get("data-component") == name
            for element in specimen.find("div").iter()
        ]
        assert any(each.startswith(block) for each in classes), name


def test_below_each_specimen_is_its_markup(specimens):
    tag = next(each for each in specimens if each.get("data-component") == "tag")
    assert '<span class="tag tag--good">Active</span>' in text_of(tag.find(".//pre"))


def test_every_component_that_shows_words_of_members_is_shown_with_hard_ones(specimens):
    own_words_only = {
        "category_drawing", "checkbox", "error_summary", "exchange_type", "filter_form", "flash",
        "gallery", "maintenance_banner", "picture", "result_count", "share", "site_footer", "sort_links",
        "tabs", "thumbnails", "unread_count",
    }  # fmt: skip
    assert own_words_only == MACROS - {
        specimen.get("data-component")
        for specimen in specimens
        if any(words in text_of(specimen.find(".//pre")) for words in (LONG, ARABIC, "x" * 30, 'dir="rtl"'))
    }


def test_production_has_no_style_guide(make_database, monkeypatch):
    enter_production(monkeypatch)
    app = make_app(make_database())
    client = app.test_client()
    assert client.get("/style-guide").status_code == 404
    dispose(app)
