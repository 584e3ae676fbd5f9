"""Secrets of apps are kept so that the database alone does not tell them."""

import pytest

from marketplace.second_factor.sealing import seal, unseal
from tests.factories.second_factor import SECRET


@pytest.mark.usefixtures("context")
def test_what_is_sealed_is_read_again_and_never_looks_the_same():
    first, second = seal(SECRET), seal(SECRET)
    assert first != second
    assert SECRET not in first
    assert unseal(first) == unseal(second) == SECRET


@pytest.mark.usefixtures("context")
def test_another_key_and_another_text_read_nothing(app, monkeypatch):
    sealed = seal(SECRET)
    assert unseal(sealed[:-2] + "AA") is None
    assert unseal("nonsense") is None
    monkeypatch.setitem(app.config, "SECRET_KEY", "another")
    assert unseal(sealed) is None
