"""The page to register."""

import threading

import pytest

from marketplace.accounts import rules
from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import check_page, text_of

FORM = {"username": "wairisi", "email": "w@example.org", "password": PASSWORD}


def test_a_new_member_is_welcomed_and_signed_in(client, rows):
    response = client.submit("/register", FORM)
    assert (response.status_code, response.location) == (303, "/")
    page = client.page("/")
    assert "Welcome to Kula, wairisi." in text_of(page.find(".//*[@role='status']"))
    assert text_of(page.find(".//*[@class='site-header__user']")) == "wairisi"
    assert rows("SELECT username, email, is_active FROM users") == [("wairisi", "w@example.org", True)]


def test_a_new_member_goes_on_to_the_page_they_came_from(client):
    page = client.page("/register?next=/listings/new")
    carried = page.find(".//input[@name='next']").get("value")
    assert client.submit("/register", FORM | {"next": carried}).location == "/listings/new"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"username": ""}, "username", "Enter a username"),
        ({"username": "WAIRISI"}, "username", "Somebody else has this username: choose another"),
        ({"email": ""}, "email", "Enter your e-mail address"),
        ({"password": ""}, "password", "Choose a password"),
        ({"password": "zrtvq xkwp1"}, "password", "Use 12 characters or more"),
        ({"password": "z" * 201}, "password", "Use 200 characters or fewer"),
        ({"password": "password1234"}, "password", "among the first that others would guess"),
        ({"password": "someone-else", "username": "someone-else"}, "password", "among the first that others"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(change, field, sentence, client, make, rows):
    make.member(username="Wairisi", email="taken@example.org")
    values = {**FORM, "username": "new-name", **change}
    response = client.submit("/register", values)
    assert response.status_code == 422
    page = check_page(response.text)
    assert sentence in text_of(page.find(f".//*[@id='{field}-error']"))
    assert text_of(page.find(".//title")).startswith("Error: ")
    assert page.find(".//input[@name='username']").get("value") == values["username"]
    assert page.find(".//input[@name='email']").get("value") == values["email"]
    assert values["password"] == "" or values["password"] not in response.text.replace(values["username"], "")
    assert len(rows("SELECT 1 FROM users")) == 1


@pytest.mark.parametrize(
    "password", ["twelve chars", "z rt vq xkwp", "ひらがなとカタカナでかく", "many sea shells and " * 10]
)
def test_twelve_characters_of_any_kind_will_do(password, client):
    assert client.submit("/register", FORM | {"password": password.ljust(12)}).status_code == 303
    client.submit("/logout")
    login = {"username": "wairisi", "password": password.ljust(12)}
    assert client.submit("/login", login).status_code == 303


@pytest.mark.parametrize("path", ["/register", "/login"])
def test_a_password_may_be_pasted_and_filled_in(path, client):
    field = client.page(path).find(".//input[@name='password']")
    assert field.get("type") == "password"
    assert field.get("autocomplete") in ("new-password", "current-password")
    assert not {"onpaste", "maxlength", "readonly"} & set(field.attrib)
    assert field.get("value") in (None, "")


def test_of_two_who_register_one_name_at_once_one_gets_it(committing_app, monkeypatch):
    # Both have passed the form's checks before either has written anything.
    both_checked = threading.Barrier(2, timeout=30)
    hash_password = rules.hash_password

    def wait_for_the_other(password):
        both_checked.wait()
        return hash_password(password)

    monkeypatch.setattr(rules, "hash_password", wait_for_the_other)
    answers = {}

    def register(number):
        form = FORM | {"username": ("wairisi", "WAIRISI")[number], "email": f"w{number}@example.org"}
        answers[number] = new_client(committing_app).submit("/register", form)

    threads = [threading.Thread(target=register, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [303, 422]
    refused = next(answer for answer in answers.values() if answer.status_code == 422)
    assert "Somebody else has this username" in refused.text
