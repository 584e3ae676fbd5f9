"""Administrators change the tree of categories, and addresses of former days lead on."""

from urllib.parse import urlencode

import pytest

from marketplace.categories import actions, queries
from marketplace.extensions import db
from tests.support.hostile import HOSTILE
from tests.support.html import text_of

PAGE = "/moderation/categories"


@pytest.fixture
def administrator(make):
    return make.administrator()


@pytest.fixture
def browser(browser_of, administrator):
    return browser_of(administrator)


@pytest.fixture
def tree(make):
    """Tools / Hand / Saws, Tools / Power, and Books; by slug."""
    tools = make.category(slug="tools", name="Tools")
    hand = make.category(tools, slug="hand", name="Hand")
    return {
        "tools": tools,
        "hand": hand,
        "saws": make.category(hand, slug="saws", name="Saws"),
        "power": make.category(tools, slug="power", name="Power"),
        "books": make.category(slug="books", name="Books"),
    }


@pytest.fixture
def send(browser, tree):
    """Opens the form for a category, changes it, sends it, and returns the answer."""

    def submit(act, slug, /, **change):
        path = f"{PAGE}/{tree[slug].id}/{act}"
        page = browser.page(path)
        typed = {each.get("name"): each.get("value") for each in page.findall(".//main//form//input")}
        for each in page.findall(".//main//form//select"):
            typed[each.get("name")] = next(
                (option.get("value") for option in each.iter("option") if option.get("selected") is not None),
                "",
            )
        return browser.submit(path, {**typed, **change, "csrf_token": browser.csrf_token()})

    return submit


def leads_to(client, path):
    """Where a category's address leads, or its status."""
    answer = client.get(f"/categories/{path}")
    return answer.location if answer.status_code == 301 else answer.status_code


def paths(rows):
    return {
        path
        for (path,) in rows("""
            SELECT concat_ws('/', root.slug, parent.slug, category.slug) FROM categories AS category
            LEFT JOIN categories AS parent ON parent.id = category.parent_id
            LEFT JOIN categories AS root ON root.id = parent.parent_id
            WHERE category.is_active""")
    }


def test_the_tree_is_shown_with_its_listings(browser, tree, make):
    for status in ("active", "archived"):
        make.listing(category_id=tree["saws"].id, status=status)
    words = text_of(browser.page(PAGE))
    assert "Tools / Hand / Saws 2 listings" in words
    assert "Books 0 listings" in words
    assert "Categories" in text_of(browser.page("/moderation/words"))


def test_a_category_is_added_below_another(browser, tree, client, rows, administrator):
    assert client.get("/categories/tools/garden-tools").status_code == 404
    answer = browser.submit(f"{PAGE}/new", {"name": "Garden tools", "slug": "", "parent": tree["tools"].id})
    assert answer.status_code == 303
    assert "Garden tools" in text_of(client.page("/categories/tools/garden-tools"))
    with browser.application.app_context():
        assert [node.path for node in queries.load_tree().nodes()] == [
            *("tools", "tools/hand", "tools/hand/saws", "tools/power", "tools/garden-tools", "books")
        ]
    assert rows("SELECT actor_id, action, object_kind FROM audit_log") == [
        (administrator.id, "add", "category")
    ]


def test_a_renamed_one_is_found_by_its_new_name_and_at_its_old_address(send, tree, client, make, rows):
    make.listing(category_id=tree["saws"].id, title="Something sharp")
    assert "Something sharp" in client.get("/search?q=hand").text
    assert client.get("/categories/tools/hand/saws").status_code == 200
    assert send("rename", "hand", name="Manual", slug="manual").status_code == 303
    assert "Something sharp" in client.get("/search?q=manual").text
    assert "Something sharp" not in client.get("/search?q=hand").text
    assert leads_to(client, "tools/hand?kind=offered") == "/categories/tools/manual?kind=offered"
    assert leads_to(client, "tools/hand/saws") == "/categories/tools/manual/saws"
    assert leads_to(client, "tools/power") == 200
    assert rows("SELECT action, object_id, before FROM audit_log") == [
        ("rename", tree["hand"].id, {"name": "Hand", "path": "tools/hand"})
    ]


def test_one_hop_from_each_address_of_former_days_and_back_again(send, client, rows):
    send("rename", "books", slug="volumes")
    send("rename", "books", slug="reading")
    assert leads_to(client, "books") == leads_to(client, "volumes") == "/categories/reading"
    send("rename", "books", slug="books")
    assert leads_to(client, "books") == 200
    assert leads_to(client, "volumes") == leads_to(client, "reading") == "/categories/books"
    assert rows("SELECT path FROM former_category_paths ORDER BY path") == [("reading",), ("volumes",)]


def test_searches_that_name_the_old_address_go_on(send, tree, client, make):
    make.listing(category_id=tree["books"].id, title="A novel drill")
    make.listing(category_id=tree["power"].id, title="A cordless drill")
    send("rename", "books", name="Reading", slug="reading")
    text = client.get("/search?q=drill&category=books").text
    assert "A novel drill" in text
    assert "A cordless drill" not in text


def test_a_new_category_wins_the_old_address(send, browser, client, rows):
    send("rename", "books", name="Reading", slug="reading")
    assert browser.submit(f"{PAGE}/new", {"name": "Books", "slug": "books", "parent": ""}).status_code == 303
    assert leads_to(client, "books") == 200
    assert rows("SELECT count(*) FROM former_category_paths") == [(0,)]


def test_a_category_moves_with_all_below_it(send, tree, client, make, rows):
    make.listing(category_id=tree["saws"].id, title="Something sharp")
    assert send("move", "hand", parent="", place="1").status_code == 303
    assert paths(rows) == {"tools", "tools/power", "hand", "hand/saws", "books"}
    assert leads_to(client, "tools/hand/saws") == "/categories/hand/saws"
    assert "Something sharp" not in client.get("/categories/tools").text
    assert "Something sharp" in client.get("/categories/hand").text
    assert "Something sharp" not in client.get("/search?q=tools").text
    assert send("move", "hand", parent=tree["books"].id, place="7").status_code == 303
    assert leads_to(client, "tools/hand") == leads_to(client, "hand") == "/categories/books/hand"
    assert rows("SELECT level FROM categories WHERE slug = 'saws'") == [(3,)]
    assert rows("SELECT before FROM audit_log ORDER BY id DESC LIMIT 1") == [({"path": "hand", "place": 1},)]


@pytest.mark.parametrize(
    ("place", "order"), [(1, ["power", "hand"]), (2, ["hand", "power"]), (9, ["hand", "power"])]
)
def test_a_place_among_neighbours(send, rows, place, order):
    assert send("move", "power", place=place).status_code == 303
    shown = rows("SELECT slug FROM categories WHERE level = 2 ORDER BY position")
    assert [slug for (slug,) in shown] == order
    assert rows("SELECT count(*) FROM former_category_paths") == [(0,)]


def test_a_retired_one_leaves_its_listings_and_addresses_to_another(send, tree, client, make, rows):
    drill = make.listing(category_id=tree["power"].id, title="A cordless drill")
    other = make.listing(category_id=tree["power"].id, status="archived")
    before = rows("SELECT id, updated_at FROM listings ORDER BY id")
    send("rename", "power", slug="powered")
    assert send("retire", "power", heir=tree["saws"].id).status_code == 303
    assert rows("SELECT id, category_id FROM listings ORDER BY id") == [
        (drill.id, tree["saws"].id),
        (other.id, tree["saws"].id),
    ]
    assert rows("SELECT id, updated_at FROM listings ORDER BY id") == before
    assert leads_to(client, "tools/power") == "/categories/tools/hand/saws"
    assert leads_to(client, "tools/powered") == "/categories/tools/hand/saws"
    assert "A cordless drill" in client.get("/search?q=saws").text
    assert "A cordless drill" not in client.get("/search?q=power").text
    send("retire", "saws", heir=tree["books"].id)
    assert leads_to(client, "tools/power") == "/categories/books"
    assert rows("SELECT before FROM audit_log ORDER BY id DESC LIMIT 1") == [
        ({"name": "Saws", "path": "tools/hand/saws", "listings": 2},)
    ]


def test_a_retired_one_comes_back_when_it_is_added_again(send, browser, tree, client, rows):
    send("retire", "power", heir=tree["saws"].id)
    assert "Power (power)" in text_of(browser.page(PAGE))
    form = {"name": "Electric", "slug": "power", "parent": tree["tools"].id}
    assert browser.submit(f"{PAGE}/new", form).status_code == 303
    assert leads_to(client, "tools/power") == 200
    assert rows("SELECT name FROM categories WHERE id = :id", id=tree["power"].id) == [("Electric",)]


def test_a_draft_in_a_retired_one_is_asked_to_choose_again(send, tree, browser_of, make):
    owner = make.member()
    draft = make.draft({"title": "Mine", "category_id": str(tree["power"].id)}, owner_id=owner.id)
    send("retire", "power", heir=tree["saws"].id)
    answer = browser_of(owner).get(f"/drafts/{draft.id}/check")
    assert "Choose a category from the list" in answer.text


@pytest.mark.parametrize(
    ("act", "slug", "change", "sentence"),
    [
        ("rename", "hand", {"name": ""}, "Name the category"),
        ("rename", "hand", {"name": "a" * 81}, "Shorten this to 80"),
        ("rename", "hand", {"slug": "A b"}, "Use small letters from a to z"),
        ("rename", "hand", {"slug": "a" * 81}, "Shorten this to 80"),
        ("rename", "hand", {"name": "東京", "slug": ""}, "the name has no letters from a to z"),
        ("rename", "hand", {"slug": "power"}, "another category in this place"),
        ("move", "hand", {"parent": "power"}, "three levels deep at most"),
        ("move", "hand", {"parent": "saws"}, "Choose one from the list"),
        ("move", "hand", {"parent": "hand"}, "Choose one from the list"),
        ("move", "hand", {"parent": "x"}, "Choose one from the list"),
        ("move", "hand", {"place": ""}, "Say which place it has"),
        ("move", "hand", {"place": "0"}, "The first place is 1"),
        ("move", "hand", {"place": "first"}, "Enter a whole number"),
        ("retire", "hand", {"heir": "power"}, "There are categories below this one"),
        ("retire", "power", {"heir": ""}, "Choose where its listings go"),
        ("retire", "power", {"heir": "power"}, "Choose one from the list"),
    ],
)
def test_each_mistake_has_a_sentence_and_changes_nothing(send, tree, rows, act, slug, change, sentence):
    before = rows("SELECT * FROM categories ORDER BY id")
    change = {
        name: tree[value].id if name in ("parent", "heir") and value in tree else value
        for name, value in change.items()
    }
    answer = send(act, slug, **change)
    assert answer.status_code == 422
    assert sentence in text_of_answer(answer)
    if "slug" in change:
        assert f'value="{change["slug"]}"' in answer.text
    assert rows("SELECT * FROM categories ORDER BY id") == before
    assert rows("SELECT count(*) FROM audit_log") == [(0,)]


def text_of_answer(answer):
    return " ".join(answer.text.split())


def test_two_of_one_address_are_refused_when_adding_and_moving(send, browser, tree, make):
    make.category(slug="hand")
    for answer in (
        browser.submit(f"{PAGE}/new", {"name": "Power", "slug": "", "parent": tree["tools"].id}),
        send("move", "hand", parent=""),
    ):
        assert answer.status_code == 422
        assert "another category in this place" in answer.text


def test_a_fourth_level_is_refused(browser, tree):
    form = {"name": "Small saws", "slug": "", "parent": tree["saws"].id}
    answer = browser.submit(f"{PAGE}/new", form)
    assert answer.status_code == 422
    assert "three levels deep at most" in answer.text
    assert "Small saws" in answer.text


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("rename", {"name": "Hands on", "slug": "hands-on"}),
        ("move", {"parent": "", "place": "2"}),
        ("retire", {"heir": "books"}),
    ],
)
def test_a_stale_form_is_refused_and_kept_and_can_be_sent_again(browser, tree, rows, act, typed):
    path = f"{PAGE}/{tree['power'].id}/{act}"
    typed = {name: tree[value].id if value in tree else value for name, value in typed.items()}
    state = browser.page(path).find(".//input[@name='state']").get("value")
    rows("UPDATE categories SET name = 'Electric' WHERE slug = 'power' RETURNING id")
    answer = browser.submit(path, {**typed, "state": state})
    assert answer.status_code == 409
    assert "Somebody has changed this category meanwhile" in answer.text
    if act == "rename":
        assert 'value="Hands on"' in answer.text
    assert rows("SELECT name FROM categories WHERE slug = 'power' AND is_active") == [("Electric",)]
    state = answer.text.partition('name="state" value="')[2][:32]
    assert browser.submit(path, {**typed, "state": state}).status_code == 303


def test_a_form_for_one_that_was_retired_meanwhile_says_so(browser, tree, rows):
    rows("UPDATE categories SET is_active = false WHERE slug = 'power' RETURNING id")
    for act in ("rename", "move", "retire"):
        path = f"{PAGE}/{tree['power'].id}/{act}"
        assert browser.get(path).status_code == 404
        answer = browser.submit(path)
        assert answer.status_code == 303
        assert "Somebody has retired this category meanwhile" in browser.get(answer.location).text


def test_retiring_sends_as_many_statements_for_one_listing_as_for_many(send, browser, tree, make):
    counts = []
    for slug, number in (("power", 1), ("saws", 12)):
        for _ in range(number):
            make.listing(category_id=tree[slug].id)
        assert send("retire", slug, heir=tree["books"].id).status_code == 303
        counts.append(len(browser.statements))
    assert counts[0] == counts[1]


def test_loading_the_file_again_leaves_alone_what_was_changed(context, send, tree, rows):
    send("rename", "tools", name="Gear", slug="gear")
    send("retire", "books", heir=tree["saws"].id)
    before = rows("SELECT * FROM categories ORDER BY id")
    loaded = [("Tools",), ("Tools", "Hand"), ("Tools", "Hand", "Saws"), ("Tools", "Power"), ("BOOKS",)]
    assert actions.load_categories(loaded) == actions.LoadResult(added=0, known=5)
    assert actions.load_categories([("Games",)]) == actions.LoadResult(added=1, known=0)
    db.session.rollback()
    assert rows("SELECT * FROM categories ORDER BY id") == before


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_kept_or_refused_and_shown_as_they_are(browser, tree, text):
    token = browser.csrf_token()
    state = browser.page(f"{PAGE}/{tree['books'].id}/rename").find(".//input[@name='state']").get("value")
    for path in (
        "new",
        f"{tree['books'].id}/rename",
        f"{tree['books'].id}/move",
        f"{tree['saws'].id}/retire",
    ):
        for field in ("name", "slug", "parent", "place", "heir", "state"):
            typed = {"name": "Games", "slug": "games", "parent": "", "place": "1", "state": state}
            body = urlencode({**typed, field: text, "csrf_token": token})
            answer = browser.post(
                f"{PAGE}/{path}", data=body, content_type="application/x-www-form-urlencoded"
            )
            assert answer.status_code in (303, 409, 422)
    browser.page(PAGE)
    browser.page("/moderation/log")


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_for_others_there_are_no_such_pages(make, browser_of, tree, rows, role):
    before = rows("SELECT * FROM categories ORDER BY id")
    browser = browser_of(getattr(make, role)())
    for path in ("", "/new", *(f"/{tree['power'].id}/{act}" for act in ("rename", "move", "retire"))):
        assert browser.get(PAGE + path).status_code == 404
        if path:
            assert browser.submit(PAGE + path, {"name": "Mine", "parent": ""}).status_code == 404
    assert rows("SELECT * FROM categories ORDER BY id") == before


def test_a_visitor_logs_in_first(client, tree):
    for path in ("", "/new", f"/{tree['power'].id}/rename"):
        assert client.get(PAGE + path).status_code == 303
