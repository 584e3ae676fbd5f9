"""flask members: roles are granted and taken back by the operator."""

import pytest


@pytest.fixture
def flask(app, connection):
    def run(*words):
        result = app.test_cli_runner().invoke(args=["members", *words])
        return result.exit_code, result.output

    return run


def test_a_role_is_granted_and_taken_back(flask, make, rows):
    member = make.member(username="Anna")
    assert flask("grant", "anna", "administrator") == (0, "Anna is now an administrator.\n")
    assert rows("SELECT role FROM users WHERE id = :id", id=member.id) == [("administrator",)]
    assert flask("grant", member.email, "member") == (0, "Anna is now a member.\n")
    assert rows("SELECT role FROM users WHERE id = :id", id=member.id) == [("member",)]


def test_who_has_the_role_keeps_it(flask, make):
    make.moderator(username="Anna")
    assert flask("grant", "Anna", "moderator") == (0, "Anna is a moderator already.\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nobody", "moderator"), "Error: There is no member “nobody”.\n"),
        (
            ("Anna", "king"),
            "Error: There is no role “king”: the roles are member, moderator, administrator.\n",
        ),
    ],
)
def test_unknown_names_and_roles_end_in_one_sentence(words, told, flask, make):
    make.member(username="Anna")
    assert flask("grant", *words) == (1, told)


def test_those_with_roles_are_listed(flask, make):
    assert flask("roles") == (0, "There are no moderators and no administrators yet.\n")
    make.moderator(username="Zoe")
    make.administrator(username="Bea")
    make.member()
    assert flask("roles") == (0, "administrator  Bea\nmoderator  Zoe\n")


def test_the_schema_knows_three_roles(make):
    with pytest.raises(Exception, match="ck_users_role_known"):
        make.member(role="king")
