"""`flask members reset-second-factor`."""

from tests.factories.accounts import PASSWORD


def run(app, name):
    return app.test_cli_runner().invoke(args=["members", "reset-second-factor", name])


def test_a_member_who_lost_everything_logs_in_by_password_again(app, client, browser_of, make, rows):
    member = make.member(username="wairisi")
    make.second_factor(member)
    other = make.member()
    make.second_factor(other)
    thief = browser_of(member)
    answer = run(app, "Wairisi")
    assert answer.exit_code == 0
    assert answer.output == "wairisi logs in by password alone now, and is logged out everywhere.\n"
    assert rows("SELECT member_id FROM second_factors") == [(other.id,)]
    assert thief.get("/my/listings").status_code == 303
    assert client.submit("/login", {"username": "wairisi", "password": PASSWORD}).location == "/"


def test_without_a_second_factor_nothing_changes(app, browser_of, make):
    member = make.member(username="wairisi")
    browser = browser_of(member)
    assert run(app, "wairisi").output == "wairisi has no second factor.\n"
    assert browser.get("/my/listings").status_code == 200


def test_an_unknown_name_is_one_sentence(app, connection):
    answer = run(app, "nobody")
    assert answer.exit_code == 1
    assert answer.output == "Error: There is no member nobody.\n"
