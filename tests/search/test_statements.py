"""How many SQL statements a search sends: the same for many results as for few, whatever is asked for."""

import pytest

# For a visitor, with the categories known and without the version of the content: one each for the words, the
# estimate, the page, its items, its pictures, and the counts.
MANY = {
    "/search?q=drill": 6,
    "/search?q=drill&sort=relevance": 6,
    "/search?q=drill&sort=value&near=7": 6,
    "/search?q=drill+18&category=tools&type=permanent&kind=offered&min=1&condition=good": 6,
    "/search?type=permanent&min=1": 5,
    "/categories/tools": 5,
    "/search.atom?q=drill": 5,
}
# Where few are found or none, known words like the typed ones are asked for, and then what those find.
# Where none is found there is no page to fill, and what each filter keeps out is estimated and counted.
FEW = {
    "/search?q=rare": 7,
    "/search?q=rere": 8,
    "/search?q=zither": 5,
    "/search?q=drill&min=9&area=x": 7,
}


@pytest.fixture(params=[1, 40])
def pages(request, make, learn, client):
    """Fills the site, and returns what a page takes, the first look at which is another's."""
    tools = make.category(slug="tools")
    for _ in range(request.param + 5):
        items = [{"value": 5, "condition": "good"}] * (1 + request.param // 20)
        make.listing(title="A drill, 18 V", category_id=tools.id, items=items)
    make.listing(title="A rare drill", category_id=tools.id)
    learn()
    client.page("/")

    def count(paths):
        counted = {}
        for path in paths:
            assert client.get(path).status_code == 200, path
            counted[path] = len([each for each in client.statements if "content_versions" not in each])
        return counted

    return count


def test_it_takes_as_many_statements_for_many_results_as_for_few(pages):
    assert pages(MANY) == MANY


def test_it_takes_a_few_more_to_lead_on_from_few_results(pages):
    assert pages(FEW) == FEW
