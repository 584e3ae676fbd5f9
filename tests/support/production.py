"""What a site in production has in its environment, beside a database of the test's own."""

import pytest

SETTINGS = {
    "APP_ENV": "production",
    "SECRET_KEY": "tests of production",
    "SITE_URL": "https://localhost",
    "SMTP_URL": "smtp://127.0.0.1:1",
}


def enter_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sites that this test makes be in production."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
