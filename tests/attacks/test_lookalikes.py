"""Attacks by names: passing for another member, or for the site itself."""

import pytest

from tests.conftest import dispose, make_app, new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import text_of
from tests.support.operator import Operator
from tests.support.postgresql import connect

ALIKE = "This username looks too much like another one: choose another"
RESERVED = "This username stands for the site itself: choose another"
BEFORE = "0022_throttles"


def register(client, username):
    """Try to get an account of this name; return the status and what is said of the name."""
    form = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    response = client.submit("/register", form)
    client.submit("/logout")
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("there", "alike"),
    [
        ("paypal", "paypa1"),
        ("paypal", "paypaI"),
        ("paypal", "PAYPA1"),
        ("paypal", "pay.pal"),
        ("paypal", "pay-pal_"),
        ("Ian", "lan"),
        ("lan", "1an"),
        ("bookworm", "b00kworm"),
        ("bookworm", "B0OKWORM"),
        ("modern", "rnodern"),
        ("rnodern", "modem"),
        ("willow", "vvillow"),
        ("ma-ri-a", "maria"),
    ],
)
def test_a_name_that_looks_like_another_is_refused(there, alike, client, make, rows):
    make.member(username=there)
    status, page = register(client, alike)
    assert status == 422
    assert ALIKE in page
    assert f'value="{alike}"' in page
    assert rows("SELECT username FROM users") == [(there,)]


@pytest.mark.parametrize(
    "name", ["iris", "marta", "mar3", "b0b-2", "Wairisi", "helper", "modest", "teamwork"]
)
def test_a_name_that_differs_is_taken(name, client, make):
    for other in ("lris2", "maria", "mar2", "bob-3", "wairis", "ma"):
        make.member(username=other if len(other) > 2 else "mai")
    assert register(client, name)[0] == 303


@pytest.mark.parametrize(
    "name", ["admin", "ADMIN", "adm-in", "Kula", "KuIa", "k.u.l.a", "rnoderator", "supp0rt"]
)
def test_a_name_that_stands_for_the_site_is_refused(name, client, rows):
    status, page = register(client, name)
    assert status == 422
    assert RESERVED in page
    assert rows("SELECT count(*) FROM users") == [(0,)]


def test_the_name_of_a_member_who_has_left_is_free(client, make, connection, rows):
    make.member(username="paypal")
    rows("DELETE FROM users RETURNING id")
    assert register(client, "paypa1")[0] == 303


def test_a_name_that_is_changed_keeps_to_the_rule(make, rows):
    make.member(username="paypal")
    rows("UPDATE users SET username = 'PayPal' RETURNING id")
    rows("UPDATE users SET username = 'other' RETURNING id")
    assert rows("SELECT skeleton FROM username_skeletons") == [("other",)]


def test_a_members_page_is_found_in_any_case_and_by_no_look_alike(client, make):
    make.member(username="PayPal")
    assert client.get("/members/paypal").location == "/members/PayPal"
    assert client.get("/members/paypa1").status_code == 404


def test_members_who_look_alike_already_stay_and_nobody_joins_them(make_database, template_at):
    url = make_database(template_at(BEFORE))
    names = ["paypal", "paypa1", "admin", "maria"]
    with connect(url) as cursor:
        for name in names:
            cursor.execute(
                "INSERT INTO users (username, email, password_hash) VALUES (%s, %s, 'x')",
                [name, f"{name}@example.org"],
            )
    app = make_app(url)
    try:
        Operator(app).must("upgrade", "head")
        client = new_client(app)
        for name in names:
            assert text_of(client.page(f"/members/{name}").find(".//h1")) == name
        assert ALIKE in register(client, "paypaI")[1]
        assert RESERVED in register(client, "adm1n")[1]
        with connect(url) as cursor:
            cursor.execute("UPDATE users SET username = 'PayPa1' WHERE username = 'paypa1'")
            cursor.execute("SELECT skeleton FROM username_skeletons ORDER BY member_id")
            assert [skeleton for (skeleton,) in cursor.fetchall()] == ["paypal", "admln", "marla"]
    finally:
        dispose(app)
