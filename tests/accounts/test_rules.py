"""Decisions about addresses and passwords."""

import time

import pytest
from argon2 import PasswordHasher, Type

from marketplace.accounts import rules


def test_a_password_has_its_hash_and_no_others():
    stored = rules.hash_password("correct horse battery")
    assert rules.password_matches(stored, "correct horse battery")
    assert not rules.password_matches(stored, "correct horse batterY")
    assert not rules.password_matches(stored, "")


def test_two_hashes_of_a_password_differ():
    assert rules.hash_password("correct horse battery") != rules.hash_password("correct horse battery")


def test_the_hash_is_argon2id():
    assert rules.hash_password("correct horse battery").startswith("$argon2id$")
    assert PasswordHasher().type is Type.ID


def test_no_account_has_no_password():
    assert not rules.password_matches(None, "")
    assert not rules.password_matches("not a hash", "not a hash")


@pytest.mark.parametrize("account", [None, "stored"])
@pytest.mark.parametrize("password", ["right", "wrong"])
def test_exactly_one_hash_is_verified_with_and_without_an_account(account, password, monkeypatch):
    stored = rules.hash_password("right") if account else None
    hasher = CountingHasher(rules._hasher)
    monkeypatch.setattr(rules, "_hasher", hasher)
    rules.password_matches(stored, password)
    assert (hasher.verified, hasher.hashed) == (1, 0)


class CountingHasher:
    """Counts what is asked of a hasher."""

    def __init__(self, hasher):
        self.hasher = hasher
        self.verified = self.hashed = 0

    def verify(self, *arguments):
        self.verified += 1
        return self.hasher.verify(*arguments)

    def hash(self, *arguments):
        self.hashed += 1
        return self.hasher.hash(*arguments)


@pytest.mark.parametrize(
    "password", ["password1234", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "iloveyou2024"]
)
def test_what_many_people_choose_is_common(password):
    assert rules.is_common(password)


def test_what_is_known_of_the_owner_is_common():
    assert not rules.is_common("wairisimarau")
    assert rules.is_common("wairisimarau", "wairisimarau", "wairisi@example.org")


def test_a_long_address_is_known_of_the_owner_too():
    address = "wqzxvkpjthmwairisimarau@example.org"
    assert not rules.is_common(address)
    assert rules.is_common(address, address)


def test_no_password_takes_long_to_judge():
    started = time.process_time()
    rules.is_common("4@8({[<3691!|1|70$5+7%2" * 8)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "password", ["correct horse battery", "ひらがなとカタカナでかく", "many sea shells " * 12]
)
def test_a_few_unrelated_words_are_not_common(password):
    assert not rules.is_common(password)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a@example.org", "a@example.org"),
        ("A.b+c@EXAMPLE.org", "A.b+c@example.org"),
        ("me@bücher.example", "me@xn--bcher-kva.example"),
        ("", None),
        ("a", None),
        ("a@", None),
        ("@example.org", None),
        ("ä@example.org", None),
        ("a b@example.org", None),
        ("a@example.org, b@example.org", None),
        ("a@example.org\n", None),
    ],
)
def test_an_address_has_one_spelling(typed, stored):
    assert rules.standard_address(typed) == stored
