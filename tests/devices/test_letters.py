"""The letter about a device that was not used before."""

import pytest

from tests.factories.accounts import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
NEXT_FIREFOX = FIREFOX.replace("127", "128")
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Safari/604"


@pytest.fixture
def log_in(client):
    def with_browser(user_agent):
        form = {"username": "wairisi", "password": PASSWORD}
        assert client.submit("/login", form, headers={"User-Agent": user_agent}).status_code == 303

    return with_browser


@pytest.fixture
def letters(rows):
    return lambda: rows("SELECT address, text FROM outbox WHERE name = 'new_device'")


def test_a_device_of_another_kind_is_told_with_its_name(log_in, letters, make):
    make.member(username="wairisi", email="w@example.org")
    log_in(FIREFOX)
    assert letters() == []
    log_in(NEXT_FIREFOX)
    assert letters() == []
    log_in(SAFARI)
    [(address, text)] = letters()
    assert address == "w@example.org"
    assert "for it before: Safari on iPhone." in text
    assert "/account/devices" in text
    log_in(FIREFOX)
    log_in(SAFARI)
    assert len(letters()) == 1


def test_devices_of_others_do_not_count_nor_does_an_address_that_nobody_proved(log_in, letters, make):
    make.device(make.member(), browser="Safari on iPhone")
    member = make.member(username="wairisi", email_verified_at=None)
    make.device(member, browser="Firefox on Linux")
    log_in(SAFARI)
    assert letters() == []
