"""Addresses: ids, slugs, and paths that stay on this site."""

import pytest
from werkzeug.exceptions import NotFound

from marketplace.urls import path_on_this_site, whole_address


@pytest.fixture
def match(app):
    adapter = app.url_map.bind("localhost")
    return lambda path: adapter.match(path)[1]


@pytest.mark.parametrize("text", ["1", "42", "9" * 18])
def test_an_id_is_a_number_from_1(text, match):
    assert match(f"/listings/{text}") == {"listing_id": int(text)}


@pytest.mark.parametrize("text", ["0", "01", "-1", "+1", " 1", "1 ", "1_0", "x", "٣", "9" * 19])
def test_anything_else_is_no_id(text, match):
    with pytest.raises(NotFound):
        match(f"/listings/{text}")


@pytest.mark.parametrize("path", ["a", "a-1", "a/b", "a/b/c", "a" * 80])
def test_one_to_three_slugs_are_a_category(path, match):
    assert match(f"/categories/{path}") == {"path": path}


@pytest.mark.parametrize("path", ["", "a/b/c/d", "A", "a_b", "ä", "a" * 81, "a/", "a.b"])
def test_anything_else_is_no_category(path, match):
    with pytest.raises(NotFound):
        match(f"/categories/{path}")


@pytest.mark.parametrize("text", ["/", "/a/b", "/a?b=c&d=//e", "/a#b", "/a:b", "/ä b"])
def test_a_path_of_this_site_is_kept(text):
    assert path_on_this_site(text) == text


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "a",
        "//a",
        "/\\a",
        "\\a",
        "/a\\",
        "http://a",
        "http:a",
        "/\ta",
        "/a\n",
        "/\x7f",
        "/\u202ea",
    ],
)
def test_any_other_text_is_no_path_of_this_site(text):
    assert path_on_this_site(text) is None


@pytest.mark.parametrize("name", ["ama", "Ama.2", "7-of_9", "a" * 30])
def test_a_members_name_is_a_member(name, match):
    assert match(f"/members/{name}") == {"username": name}


@pytest.mark.parametrize("name", ["", "ab", "a" * 31, ".ama", "äma", "a b", "a/b", "ama/"])
def test_anything_else_is_no_member(name, match):
    with pytest.raises(NotFound):
        match(f"/members/{name}")


def test_a_whole_address_begins_with_the_sites_own_where_that_is_set(app, monkeypatch):
    with app.test_request_context("/", base_url="https://elsewhere.example.org"):
        assert whole_address("/listings/1") == "https://elsewhere.example.org/listings/1"
        monkeypatch.setitem(app.config, "SITE_URL", "https://kula.example.org")
        assert whole_address("/listings/1") == "https://kula.example.org/listings/1"
