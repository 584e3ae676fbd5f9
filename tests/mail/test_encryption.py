"""The letters and the password are for the mail server of SMTP_URL alone, which shows its certificate."""

from datetime import timedelta

import pytest

from tests.mail.test_sending import GIVEN_UP, LATER, NOW_DUE, SENT_ONE, STATE
from tests.support.certificates import Authority
from tests.support.mail import mail_server, mail_server_with_password

HOST = "localhost"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority, monkeypatch):
    """An authority that this machine trusts; OpenSSL reads the variable, as it does for operators."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@pytest.fixture
def use(app, monkeypatch):
    """Lets SMTP_URL be such a one for a server."""

    def set_url(pattern, server):
        monkeypatch.setitem(app.config, "SMTP_URL", pattern.format(port=server.port))

    return set_url


STARTTLS, SMTPS = "smtp://localhost:{port}?starttls", "smtps://localhost:{port}"
WAYS = pytest.mark.parametrize("url", [STARTTLS, SMTPS])


def options_of(url, context):
    """What a server must have that is asked by such a URL."""
    return {"ssl_context": context} if url == SMTPS else {"tls_context": context}


def with_password(url, credentials="kula:right"):
    return url.replace("//", f"//{credentials}@")


@WAYS
def test_a_letter_travels_encrypted(url, use, trusted, write, send):
    with mail_server(**options_of(url, trusted.context_of_server(HOST))) as server:
        use(url, server)
        write("first@example.org")
        write("second@example.org")
        assert send() == "Sent 2 letters; 0 to be tried again later, 0 given up."
    assert server.recipients == ["first@example.org", "second@example.org"]
    assert server.heard == [("MAIL", True), ("MAIL", True)]


@WAYS
@pytest.mark.parametrize(
    ("host", "lasts", "words"),
    [
        (HOST, timedelta(days=-1), "certificate has expired"),
        ("mail.example.org", timedelta(days=1), "Hostname mismatch"),
    ],
)
def test_with_another_certificate_the_letter_is_kept_and_tried_again(
    url, host, lasts, words, use, trusted, write, send, rows
):
    with mail_server(**options_of(url, trusted.context_of_server(host, lasts))) as server:
        use(url, server)
        write()
        assert send() == LATER
    assert server.heard == []
    ((*state, sentence),) = rows(STATE)
    assert state == [1, False, False]
    assert words in sentence
    with mail_server(**options_of(url, trusted.context_of_server(HOST))) as server:
        use(url, server)
        rows(NOW_DUE)
        assert send() == SENT_ONE
    assert server.heard == [("MAIL", True)]


@WAYS
def test_a_certificate_of_nobody_that_is_trusted_is_none(url, use, authority, write, send, rows):
    with mail_server(**options_of(url, authority.context_of_server(HOST))) as server:
        use(with_password(url), server)
        write()
        assert send() == LATER
    assert server.heard == []
    assert "certificate verify failed" in rows(STATE)[0][3]


def test_a_server_that_does_not_encrypt_gets_neither_letter_nor_password(use, write, send, rows):
    options = {"auth_require_tls": False, "auth_required": False}
    with mail_server_with_password("kula", "right", **options) as server:
        use(with_password(STARTTLS), server)
        write()
        assert send() == LATER
    assert server.heard == []
    assert "STARTTLS extension not supported" in rows(STATE)[0][3]


def test_a_server_that_speaks_in_the_clear_gets_nothing_by_smtps(use, trusted, write, send, rows):
    with mail_server() as server:
        use(SMTPS, server)
        write()
        assert send() == LATER
    assert server.heard == []
    assert rows(STATE)[0][:3] == (1, False, False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@WAYS
def test_a_user_with_the_password_is_let_in(url, use, trusted, write, send):
    context = trusted.context_of_server(HOST)
    # That all of smtps:// is encrypted, this server does not know.
    options = {**options_of(url, context), "auth_require_tls": url != SMTPS}
    with mail_server_with_password("kula@example.org", "ri:g/ht%", **options) as server:
        use(with_password(url, "kula%40example.org:ri%3Ag%2Fht%25"), server)
        write()
        assert send() == SENT_ONE
    assert server.heard == [("AUTH", True), ("MAIL", True)]


def test_with_a_wrong_password_letters_are_kept_and_the_password_is_told_nowhere(
    use, trusted, write, send, rows, caplog
):
    context = trusted.context_of_server(HOST)
    with mail_server_with_password("kula", "right", tls_context=context) as server:
        use(with_password(STARTTLS, "kula:mistaken"), server)
        write("first@example.org")
        write("second@example.org")
        assert send() == LATER
        (first, second) = rows(STATE)
        assert first[:3] == (1, False, False)
        assert first[3].startswith("The mail server cannot be used: 535 ")
        assert second == (0, False, False, None)
        assert "mistaken" not in first[3] + caplog.text
        use(with_password(STARTTLS), server)
        rows(NOW_DUE)
        assert send() == "Sent 2 letters; 0 to be tried again later, 0 given up."
    assert ("MAIL", False) not in server.heard


def test_a_server_that_wants_a_password_is_no_reason_to_give_a_letter_up(use, trusted, write, send, rows):
    context = trusted.context_of_server(HOST)
    with mail_server_with_password("kula", "right", tls_context=context) as server:
        use(STARTTLS, server)
        write()
        assert send() == LATER
    assert rows(STATE) == [(1, False, False, "The mail server said 530 5.7.0 Authentication required")]


def test_a_server_that_takes_passwords_over_tls_alone_gets_none_without(use, write, send, rows):
    with mail_server_with_password("kula", "right") as server:
        use(with_password("smtp://localhost:{port}"), server)
        write()
        assert send() == LATER
    assert server.heard == []
    assert "SMTP AUTH extension not supported" in rows(STATE)[0][3]


@pytest.mark.parametrize(("command", "said"), [("MAIL", LATER), ("RCPT", GIVEN_UP)])
def test_a_server_that_refuses_the_sites_own_address_refuses_no_letter(
    command, said, write, send, rows, server_of_mail
):
    server_of_mail.answers[command] = "553 Not from there"
    write()
    assert send() == said
    assert rows(STATE)[0][3] == "The mail server said 553 Not from there"
