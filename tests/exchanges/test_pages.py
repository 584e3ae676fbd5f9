"""The page of each exchange, and the lists of a member's."""

import pytest

from marketplace.database.base import MAX_BIGINT
from marketplace.exchanges import lists
from marketplace.exchanges.models import STATES
from tests.support.html import text_of


@pytest.mark.parametrize("state", STATES)
def test_both_sides_see_each_state_and_nobody_else_does(
    state, make, ama, boa, drill, boat, browser_of, client
):
    exchange = make.exchange(ama, boa, [drill], [boat], state=state, note="Shall we?")
    path = f"/swaps/{exchange.id}"
    for member, other in ((ama, "boa"), (boa, "ama")):
        page = text_of(browser_of(member).page(path))
        assert f"with {other}" in page
        if state != "question":
            assert "Drill" in page
            assert "Shall we?" in page
    for stranger in (make.member(), make.moderator()):
        assert browser_of(stranger).get(path).status_code == 404
        assert browser_of(stranger).get("/swaps/999999").status_code == 404
    assert client.get(path).status_code == 303


def test_each_side_reads_what_it_gives_and_what_it_gets(make, ama, boa, drill, boat, browser_of):
    exchange = make.exchange(ama, boa, [drill], [boat])
    page = text_of(browser_of(ama).page(f"/swaps/{exchange.id}"))
    assert "You would give 12 more (9 %)." in page
    assert "Sent to boa" in page
    page = text_of(browser_of(boa).page(f"/swaps/{exchange.id}"))
    assert "You would give 12 less (8 %)." in page
    assert "It is your turn" in page


def test_each_is_on_the_list_it_belongs_to(make, ama, boa, drill, boat, browser_of):
    made = {state: make.exchange(ama, boa, [drill], [], state=state) for state in ("question", "proposed")}
    made |= {state: make.exchange(ama, boa, state=state) for state in ("accepted", "completed", "declined")}
    made["lapsed in fact"] = make.exchange(
        ama, boa, [], [boat], open_until=made["proposed"].created_at.replace(year=2020)
    )
    expected = {
        "for_you": (set(), {"question", "proposed"}),
        "for_other": ({"question", "proposed"}, set()),
        "under_way": ({"accepted"}, {"accepted"}),
        "ended": ({"completed", "declined", "lapsed in fact"},) * 2,
    }
    for tab, of_sides in expected.items():
        for member, names in zip((ama, boa), of_sides, strict=True):
            answer = browser_of(member).get(f"/swaps?tab={tab}").text
            found = {name for name, exchange in made.items() if f'href="/swaps/{exchange.id}"' in answer}
            assert found == names, (tab, member.username)


def test_a_proposal_about_what_is_promised_is_on_hold_until_that_is_free(
    make, ama, boa, drill, boat, browser_of, rows
):
    waiting = make.exchange(ama, boa, [drill], [boat])
    other = make.exchange(make.member(), boa, [], [boat], state="accepted")
    browser = browser_of(boa)
    for path in (f"/swaps/{waiting.id}", "/swaps"):
        assert "On hold" in text_of(browser.page(path))
    rows("UPDATE exchange_holds SET released_at = now() WHERE exchange_id = :id RETURNING id", id=other.id)
    for path in (f"/swaps/{waiting.id}", "/swaps"):
        assert "On hold" not in text_of(browser.page(path))


@pytest.mark.parametrize("tab", ["for_other", "ended"])
def test_the_lists_go_on_page_by_page(tab, make, ama, boa, browser_of, monkeypatch):
    state = {"for_other": "question", "ended": "declined"}[tab]
    made = [
        make.exchange(*pair, state=state, awaits={"for_other": awaits, "ended": None}[tab]).id
        for _ in range(35)
        for pair, awaits in (((ama, boa), "receiver"), ((boa, ama), "proposer"))
    ]
    browser, seen, path = browser_of(ama), [], f"/swaps?tab={tab}"
    while path:
        page = browser.page(path)
        statements = len(browser.statements)
        assert statements == {"for_other": 6, "ended": 5}[tab]
        seen += [int(link.get("href").split("/")[-1]) for link in page.findall(".//h3/a")]
        older = page.find(".//a[@rel='next']")
        path = older.get("href") if older is not None else None
    assert seen == made[::-1]
    newest = text_of(browser.page(f"/swaps?tab={tab}"))
    assert "Older swaps" in newest
    assert browser.get(f"/swaps?tab={tab}&older=1-1").status_code == 404


def test_a_list_that_is_not_there_is_the_first(make, ama, browser_of):
    assert "Nothing waits for you" in text_of(browser_of(ama).page("/swaps?tab=nonsense"))


def test_a_member_who_left_has_no_name(make, ama, boa, browser_of, rows):
    exchange = make.exchange(ama, boa, state="closed")
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=ama.id)
    browser = browser_of(boa)
    assert "with a former member" in text_of(browser.page(f"/swaps/{exchange.id}"))
    assert "With a former member" in text_of(browser.page("/swaps?tab=ended"))


def test_the_lists_stay_quick_with_ten_thousand(make, ama, boa, browser_of, connection, rows):
    statement = """
        INSERT INTO exchanges (proposer_id, receiver_id, state, awaits, open_until, closed_at, closed_by,
                               updated_at)
        SELECT CASE WHEN n % 2 = 0 THEN :ama ELSE :boa END, CASE WHEN n % 2 = 0 THEN :boa ELSE :ama END,
               state, awaits, now() + interval '7 days', closed_at, closed_by, now() - n * interval '1 hour'
        FROM generate_series(1, 2500) AS n CROSS JOIN (VALUES
            ('question', 'receiver', NULL::timestamptz, NULL), ('question', 'proposer', NULL, NULL),
            ('declined', NULL, now(), 'receiver'), ('withdrawn', NULL, now(), 'proposer')
        ) AS stage (state, awaits, closed_at, closed_by) RETURNING id"""
    rows(statement, ama=ama.id, boa=boa.id)
    connection.exec_driver_sql("ANALYZE exchanges")
    for page in lists._PAGES.values():
        compiled = page.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        values = {"member_id": ama.id, "now": ama.created_at, "created_at": "infinity", "id": MAX_BIGINT}
        explained = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}", {**compiled.params, **values}
        )
        assert rows_read(explained.scalar()[0]["Plan"]) < 1000


@pytest.mark.parametrize("number", [1, 9])
def test_a_page_sends_as_many_statements_for_one_proposal_as_for_many(
    number, make, ama, boa, drill, boat, thing, browser_of
):
    exchange = make.exchange(ama, boa, [drill], [boat], version=number)
    for each in range(2, number + 1):
        make.version(exchange, [drill, thing(ama)], [boat, thing(boa)], each)
    browser = browser_of(boa)
    for path, statements in ((f"/swaps/{exchange.id}", 13), (f"/swaps/{exchange.id}/change", 9)):
        browser.page(path)
        assert len(browser.statements) == statements


def rows_read(plan):
    """The rows that all scans of a plan looked at."""
    own = 0
    if "Scan" in plan["Node Type"]:
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_read(each) for each in plan.get("Plans", []))
