"""How long devices stay signed in, and what browsers are called."""

from datetime import timedelta

import pytest

from marketplace.devices import rules

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{CHROME} Safari/537.36", "Chrome on Windows"),
        (f"{CHROME} Safari/537.36 Edg/126.0.0.0", "Edge on Windows"),
        (f"{CHROME} Safari/537.36 OPR/112.0.0.0", "Opera on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) {SAFARI} Version/17.5 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {SAFARI} Version/17 Mobile Safari/604",
            "Safari on iPhone",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {SAFARI} CriOS/126.0 Mobile Safari/604.1",
            "Chrome on iPad",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 SamsungBrowser/25.0 Chrome/121.0 Safari/537",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
        ("<script>Firefox/1</script> Windows " * 100, "Firefox on Windows"),
    ],
)
def test_a_browser_is_named_in_plain_words(user_agent, words):
    assert rules.browser_named(user_agent) == words


def test_the_limits_are_those_that_the_documents_tell():
    assert rules.Limits(timedelta(hours=12), timedelta(days=7)) == rules.BRIEF
    assert rules.Limits(timedelta(days=30), timedelta(days=180)) == rules.REMEMBERED
    assert timedelta(minutes=15) == rules.CONFIRMED_FOR


def test_a_secret_is_256_random_bits_and_its_hash_is_all_that_is_kept():
    made = {rules.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(each) for each in made} == {43}
    assert len(rules.hash_of(made.pop())) == 32
