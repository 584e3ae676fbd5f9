"""Whatever is typed into whichever field, the form comes back kindly or the text is kept as text."""

import unicodedata
from urllib.parse import urlencode

import pytest
from wtforms import PasswordField, StringField

from marketplace.accounts.forms import ResetForm
from marketplace.categories.forms import AddForm, MoveForm, RenameForm, RetireForm
from marketplace.exchanges.forms import AskForm, DeclineForm, ProposalForm
from marketplace.exchanges.handing_forms import (
    ArrangeForm,
    CancelForm,
    DisputeForm,
    LongerForm,
    NoteForm,
    VerdictForm,
)
from marketplace.exchanges.thread_forms import MessageForm, ReviewForm
from marketplace.forms import Form
from marketplace.moderation.forms import DecisionForm
from marketplace.screening.forms import WordForm
from tests.conventions.forms import FORMS, accepted_values, fields_of, refusal
from tests.support.hostile import HOSTILE, SHOWN, seen
from tests.support.html import text_of

URLENCODED = "application/x-www-form-urlencoded"
TEN_MEGABYTES = b"a" * 10_000_000


@pytest.fixture
def fill(client, browser_of, make):
    """Sends a form with `text`, as bytes, in one field and accepted values in all others.

    Returns the answer, and the page that says what is wrong with it, or None.
    """
    member = make.member(username="member-1")
    make.member(username="reported")
    category = make.category(name="Tools", slug="tools")
    listing = make.listing(owner_id=member.id, category_id=category.id)
    browser = browser_of(member)

    def send(site_form, field, text):
        accepted = accepted_values(site_form.name, category.id, make.number(), listing.id)
        sender = browser if site_form.needs_member else client
        answer = sender.post(
            site_form.path(),
            data=urlencode(accepted | {field: text, "csrf_token": sender.csrf_token()}),
            content_type=URLENCODED,
        )
        return answer, refusal(sender, answer) if answer.status_code != 413 else None

    return send


# See tests/moderation/test_deciding.py, tests/screening/test_words.py, tests/categories/test_editing.py,
# tests/exchanges/test_proposing.py, tests/exchanges/test_hostile_words.py and, for the form whose address is
# in a letter, tests/accounts/test_forgotten.py.
TRIED_ELSEWHERE = {DecisionForm, WordForm, AddForm, RenameForm, MoveForm, RetireForm, ResetForm}
TRIED_ELSEWHERE |= {AskForm, DeclineForm, MessageForm, ProposalForm, ReviewForm}
# See tests/exchanges/test_handing.py and test_disputes.py.
TRIED_ELSEWHERE |= {ArrangeForm, CancelForm, DisputeForm, LongerForm, NoteForm, VerdictForm}


def forms_below(form):
    """The forms that are made of `form`, and of which no others are made."""
    made = form.__subclasses__()
    return {form} if not made else set().union(*map(forms_below, made))


def test_the_forms_tried_are_all_forms():
    assert {form.form for form in FORMS} == forms_below(Form) - TRIED_ELSEWHERE


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_values_taken_for_granted_are_accepted(form, fill):
    answer, refused = fill(form, "unknown", b"")
    assert answer.status_code == 303
    assert refused is None


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_hostile_text_is_kept_or_refused_with_a_sentence(form, fill, app):
    texts = list(HOSTILE.values())
    # A quarter of the texts for each field, another one for the next field; all of them in the long test.
    for number, (name, field) in enumerate(_fields_of(form, app).items()):
        for text in texts[number % 4 :: 4]:
            _check(*fill(form, name, text), name, field, text)


@pytest.mark.soak
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_any_hostile_text_in_any_field(form, text, fill, app):
    for name, field in _fields_of(form, app).items():
        _check(*fill(form, name, text), name, field, text)


def _fields_of(form, app):
    with app.test_request_context():
        return fields_of(form.form)


def _check(answer, page, name, field, text):
    """A form is taken, or the page that refuses it says why and has in the field what was typed there."""
    if page is None:
        assert answer.status_code < 400, (name, text)
        return
    assert page.find(".//*[@class='error-summary']//li/a") is not None, (name, text)
    shown = _value_in(page, field.id)
    if isinstance(field, PasswordField):
        assert shown == "", (name, text)
    elif isinstance(field, StringField):
        assert shown == seen(_as_decoded(text)), (name, text)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_ten_megabytes_are_too_much_for_any_field(form, fill, app):
    for name in _fields_of(form, app):
        assert fill(form, name, TEN_MEGABYTES)[0].status_code == 413, name


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_field_nobody_asked_for_changes_nothing(form, fill):
    for name in (
        "offers-²-name",
        f"offers-{'9' * 5000}-name",
        "offers--1-name",
        "offers-0",
        "wants-x-name",
        "\x00",
    ):
        answer, refused = fill(form, name, b"x")
        assert answer.status_code == 303, ascii(name[:20])
        assert refused is None, ascii(name[:20])


@pytest.mark.parametrize("text", SHOWN)
def test_every_page_that_shows_a_members_text_shows_it_as_text(text, browser_of, make):
    written = HOSTILE[text].decode()
    member = make.member()
    tools = make.category(slug="tools", name=written[:80])
    item = {"name": written, "description": written}
    listing = make.listing(
        owner_id=member.id, category_id=tools.id, title=written, description=written, items=[item, item]
    )
    first = make.item(listing, **item)
    browser = browser_of(member)
    listing_page = f"/listings/{listing.id}"
    for path in ("/", "/categories/tools", f"/members/{member.username}", "/my/listings", listing_page,
                 f"/items/{first.id}", f"{listing_page}/edit", f"{listing_page}/delete"):  # fmt: skip
        page = browser.page(path)
        typed = [element.get("value", "") for element in page.iter("input")]
        assert seen(written) in seen(" ".join([text_of(page), *typed])), path
        for script in page.iter("script"):
            assert script.get("src").startswith("/static/js/"), path
            assert not script.text, path


def _as_decoded(text):
    """What the server reads from percent-encoded bytes: those that are not UTF-8 stay encoded."""
    return unicodedata.normalize("NFC", text.decode(errors="werkzeug.url_quote"))


def _value_in(page, field_id):
    control = page.find(f".//*[@id='{field_id}']")
    return seen(control.get("value") or "".join(control.itertext()))
