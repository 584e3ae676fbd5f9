"""Ways on from few results or none: did you mean, and what each filter keeps out."""

import pytest

from marketplace.search.suggestions import KnownWord, best_replacement, corrected, fragments_of
from tests.search.test_counts import total_on
from tests.support.html import text_of


@pytest.fixture
def tools(make):
    return make.category(name="Tools", slug="tools")


def meant(page):
    """What the page asks whether it was meant: the words, the address and the count; None if nothing."""
    for paragraph in page.iter("p"):
        if text_of(paragraph).startswith("Did you mean"):
            link = paragraph.find("./a")
            return text_of(link), link.get("href"), text_of(paragraph.find("./span"))
    return None


def relaxations(page):
    """Each way on from an empty result, with its address and its count."""
    ways = page.findall(".//*[@class='empty-state__relaxations']/li")
    return {text_of(way.find("a")): (way.find("a").get("href"), text_of(way.find("span"))) for way in ways}


def explanation(page):
    return text_of(page.find(".//*[@class='empty-state__text']"))


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("ladder", None),
        ("lader", "ladder"),
        ("laddder", "ladder"),
        ("laddre", "ladder"),
        ("lidder", "ladder"),
        ("ladies", "ladder"),
        ("lobbies", None),
        ("violn", "violin"),
        ("voilni", "violin"),
        ("tenk", "tent"),
        ("tonk", None),
    ],
)
def test_a_misspelt_word_is_one_or_two_letters_from_its_better(typed, better):
    known = [KnownWord("ladder", 3), KnownWord("violin", 2), KnownWord("tent", 1)]
    used = {each.word for each in known}
    assert (None if typed in used else best_replacement(typed, known)) == better


def test_of_equally_near_words_the_one_used_most_is_meant():
    assert best_replacement("tenz", [KnownWord("tens", 1), KnownWord("tent", 9)]) == "tent"


def test_what_was_typed_keeps_its_signs_and_other_words():
    assert corrected('red "Lader" -blue, lader!', {"lader": "ladder"}) == 'red "ladder" -blue, ladder!'


def test_fragments_are_the_word_without_each_letter():
    assert fragments_of("tent") == {"tent", "ent", "tnt", "tet", "ten"}


def test_did_you_mean_leads_to_as_many_as_it_says(make, client, learn):
    for title in ("A ladder", "Two ladders", "A steep ladder"):
        make.listing(title=title)
    learn()
    words, url, count = meant(client.page("/search?q=lader"))
    assert (words, url, count) == ("ladder", "/search?q=ladder", "3 listings")
    assert total_on(client.page(url)) == (3, False)


def test_did_you_mean_keeps_the_filters_and_counts_with_them(make, client, learn, tools):
    make.listing(title="A ladder", category_id=tools.id, items=[{"value": 5}])
    make.listing(title="A ladder", items=[{"value": 5}])
    learn()
    words, url, count = meant(client.page("/search?q=lader&category=tools&max=9"))
    assert (words, url, count) == ("ladder", "/search?q=ladder&category=tools&max=9", "1 listing")
    assert meant(client.page("/search?q=lader&category=tools&min=9")) is None


def test_a_word_in_any_script_is_meant(make, client, learn):
    make.listing(title="Гитара и ÜBERGRÖSSE")
    learn()
    assert meant(client.page("/search?q=гитра"))[0] == "гитара"
    assert meant(client.page("/search?q=übergrosze"))[0] == "ubergrosse"


@pytest.mark.parametrize("typed", ["ladder", "-lader", "lad", "ldr", "12345", "zzzzzzzz"])
def test_nothing_else_is_meant_by_what_is_known_or_like_nothing(typed, make, client, learn):
    make.listing(title="A ladder 12346")
    learn()
    assert meant(client.page(f"/search?q={typed}")) is None


def test_nobody_is_asked_where_there_is_enough(make, client, learn):
    for _ in range(5):
        make.listing(title="A rare saw")
    for _ in range(9):
        make.listing(title="A bare saw")
    learn()
    assert meant(client.page("/search?q=rare")) is None


def test_words_are_forgotten_with_their_last_listing(make, learn, rows):
    listing = make.listing(title="A theremin", items=[])
    make.listing(title="A drill", items=[{"name": "A drill"}])
    assert learn() == "2 words are known."
    rows("UPDATE listings SET title = 'A drill, 18 V' WHERE id = :id RETURNING id", id=listing.id)
    assert learn() == "1 words are known."
    assert rows("SELECT word, uses FROM search_words") == [("drill", 2)]


def test_each_filter_says_what_it_keeps_out(make, client, tools):
    cheap = [{"value": 5, "condition": "good"}]
    make.listing(title="A drill", category_id=tools.id, items=cheap)
    make.listing(title="A drill", items=[{"value": 50}])
    make.listing(title="A tent", category_id=tools.id, items=[{"value": 50}])
    page = client.page("/search?q=drill&category=tools&min=10")
    found = relaxations(page)
    assert found == {
        "Without “drill”": ("/categories/tools?min=10", "1 listing"),
        "Without “Tools”": ("/search?q=drill&min=10", "1 listing"),
        "Without “Worth 10 or more”": ("/search?q=drill&category=tools", "1 listing"),
        "All listings with “drill”": ("/search?q=drill", "2 listings"),
    }
    for url, count in found.values():
        assert total_on(client.page(url))[0] == int(count.split()[0]), url
    assert "is what leaves nothing" not in explanation(page)
    assert "Nothing matches all of this" in text_of(page)


def test_the_one_filter_that_leaves_nothing_is_named(make, client, tools):
    make.listing(title="A drill", category_id=tools.id, items=[{"value": 5}])
    page = client.page("/search?q=drill&category=tools&type=temporary")
    assert relaxations(page) == {
        "Without “Lend for a time”": ("/search?q=drill&category=tools", "1 listing"),
        "All listings with “drill”": ("/search?q=drill", "1 listing"),
    }
    assert explanation(page) == "“Lend for a time” is what leaves nothing."


def test_an_empty_category_leads_to_those_around_it(make, client, tools):
    saws, drills = (make.category(tools, name=name, slug=name.lower()) for name in ("Saws", "Drills"))
    make.listing(category_id=drills.id)
    make.category(tools, name="Empty", slug="empty")
    assert saws.name == "Saws"
    page = client.page("/categories/tools/saws")
    assert relaxations(page) == {
        "Tools": ("/categories/tools", "1 listing"),
        "Drills": ("/categories/tools/drills", "1 listing"),
    }


def test_an_empty_site_says_what_to_do(client):
    page = client.page("/search")
    assert "Nothing here yet" in text_of(page)
    links = {text_of(link): link.get("href") for link in page.findall(".//*[@class='empty-state']//a")}
    assert links == {"Post what you want": "/listings/new"}
