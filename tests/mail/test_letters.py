"""What letters say: every one of them, as text and as HTML, with headers that nobody can add to."""

import re
from datetime import UTC, datetime

import html5lib
import pytest

from marketplace.mail import rules
from marketplace.mail.topics import find_topic
from tests.support.html import check_page, text_of
from tests.support.notifications import register_kinds
from tests.support.project import PACKAGE, TEMPLATES

LETTERS = sorted(file.stem for file in (TEMPLATES / "mail").glob("*.txt") if file.stem != "sign_off")
LINK = "http://localhost:8000/items/7"
# What any letter may name.
VALUES = {
    **{"token": "a-token", "ends_on": "3 May 2027", "title": "A drill", "listing_id": 7},
    # Those of a moderator's notice.
    **{"what": "Warned", "about": "A drill", "reason": "Be kind.", "ends_at": None},
    # Those of notifications.
    **{"sentence": "A drill was found.", "sentence_as_html": "A drill was found.", "number": 1},
    **{"link_to_it": LINK, "entries": [("A drill was found.", "A drill was found.", LINK)]},
    **{"browser": "Firefox on Linux", "left": 9, "attempts": 10, "until": datetime(2027, 5, 3, tzinfo=UTC)},
}
SAID = "SELECT name, member_id, address, subject, text, html FROM outbox"


@pytest.fixture
def letter(write, make, rows, app, monkeypatch):
    """Writes a letter to a member, whom some things are told once a day, and returns its row."""
    register_kinds(app, monkeypatch)

    def write_one(name, **values):
        member = make.member(username="wairisi")
        known = VALUES | {"username": member.username} | values
        write(member.email, name, member.id, **known)
        return rows(f"{SAID} ORDER BY id DESC LIMIT 1")[0]

    return write_one


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_the_same_as_text_and_as_html(name, letter):
    written = letter(name)
    assert re.fullmatch(r"\S.{5,}\S", written.subject)
    assert written.text.startswith("Hello wairisi,\n\n")
    assert written.text.endswith("\n")
    assert "\n\n\n" not in written.text
    assert "None" not in written.text + written.html
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(written.html)
    assert text_of(page.find(".//title")) == written.subject
    assert not [element for element in page.iter() if element.tag in ("img", "script", "link", "style")]
    links = [link.get("href") for link in page.iter("a")]
    # An address stands alone on its line, where every program makes a link of it.
    assert [line for line in written.text.split("\n") if "://" in line] == links
    assert all(link.startswith("http://localhost:8000/") for link in links)
    for sentence in re.findall(r"[A-Z][^.\n]{20,}\.", text_of(page.find(".//body")))[:1]:
        assert sentence.split(",")[0][:40] in " ".join(written.text.split())


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_written_somewhere(name):
    assert any(f'"{name}"' in file.read_text() for file in PACKAGE.rglob("*.py") if file.name != "rules.py")


def test_letters_that_are_named_in_the_rules_are_there():
    assert rules.LASTS.keys() <= set(LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_only_letters_that_members_can_do_without_say_how_to_stop_them(
    name, letter, send, server_of_mail, app
):
    written = letter(name)
    send()
    (message,) = server_of_mail.messages
    with app.app_context():
        is_topic = find_topic(name) is not None
    assert ("To stop these letters" in written.text) == is_topic
    assert ("Stop these letters" in written.html) == is_topic
    assert (message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click") == is_topic
    assert (message["List-Unsubscribe"] is not None) == is_topic


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\n\n", "\u2028", "\x0b", "\x1f"])
def test_no_header_can_be_put_into_a_letter(break_, letter, send, server_of_mail):
    title = f"Drill{break_}Bcc: everybody@example.org{break_}{break_}Buy!"
    written = letter("listing_ends", title=title)
    assert written.subject == "Your listing “Drill Bcc: everybody@example.org Buy!” ends in a week"
    assert written.text.startswith("Hello ")
    send()
    (message,) = server_of_mail.messages
    assert message["Bcc"] is None
    assert message["Subject"] == written.subject
    assert server_of_mail.recipients == [message["To"]]


def test_the_database_refuses_what_would_be_two_lines(make):
    with pytest.raises(Exception, match="ck_outbox_subject_one_line"):
        make.letter(subject="One\nTwo: three")
    with pytest.raises(Exception, match="ck_outbox_address_format"):
        make.letter(address="a@example.org\nBcc: b@example.org")


def test_what_a_member_wrote_is_text_in_the_html(letter):
    written = letter("listing_ends", title="<script>alert(1)</script> & more")
    assert "<script" not in written.html
    assert "&lt;script&gt;" in written.html
    assert "“<script>alert(1)</script> & more”" in written.text


def test_a_long_subject_is_cut(letter):
    assert len(letter("listing_ends", title="long " * 100).subject) == 200


def test_links_begin_with_the_sites_own_address_whatever_a_request_calls_it(app, client, make, rows):
    member = make.member()
    for called in (
        {"base_url": "http://evil.example"},
        {"headers": {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}},
    ):
        page = check_page(client.get("/password/forgot", **called).text)
        token = page.find(".//main//input[@name='csrf_token']").get("value")
        form = {"csrf_token": token, "email": member.email}
        assert client.post("/password/forgot", data=form, **called).status_code == 303
    letters = rows(SAID)
    assert len(letters) == 2
    for written in letters:
        assert "http://localhost:8000/password/reset/" in written.text
        assert "evil" not in written.text + written.html


def test_with_site_url_they_begin_with_that(app, letter, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://kula.example.org")
    assert "\nhttps://kula.example.org/login\n" in letter("known_address").text
