"""Codes, by value."""

import pyotp
import pytest

from marketplace.second_factor import rules

# RFC 6238, appendix B, of which an app shows the last six digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = 1_800_000_015


def code_at(moment):
    return pyotp.TOTP(RFC_SECRET).at(moment)


@pytest.mark.parametrize(("moment", "code"), RFC_CODES)
def test_codes_are_those_of_the_standard(moment, code):
    assert rules.step_of(RFC_SECRET, code, moment, 0) == moment // 30


@pytest.mark.parametrize(("late", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_early_or_late(late, right):
    step = rules.step_of(RFC_SECRET, code_at(NOW + late), NOW, 0)
    assert step == ((NOW + late) // 30 if right else None)


def test_a_code_that_was_taken_is_not_taken_again_nor_is_an_earlier_one():
    step = NOW // 30
    assert rules.step_of(RFC_SECRET, code_at(NOW), NOW, step - 1) == step
    assert rules.step_of(RFC_SECRET, code_at(NOW), NOW, step) is None
    assert rules.step_of(RFC_SECRET, code_at(NOW - 30), NOW, step) is None
    assert rules.step_of(RFC_SECRET, code_at(NOW + 30), NOW, step) == step + 1


@pytest.mark.parametrize(
    ("typed", "plain", "of_app", "recovers"),
    [
        ("123456", "123456", True, False),
        (" 123 456 ", "123456", True, False),
        ("123-456", "123456", True, False),
        ("12345", "12345", False, False),
        ("1234567", "1234567", False, False),
        ("١٢٣٤٥٦", "١٢٣٤٥٦", False, False),
        ("abcd efgh ijkl mnop qrst uvwx", "ABCDEFGHIJKLMNOPQRSTUVWX", False, True),
        ("ABCD-EFGH-IJKL-MNOP-QRST-UVW7", "ABCDEFGHIJKLMNOPQRSTUVW7", False, True),
        ("ABCD-EFGH-IJKL-MNOP-QRST-UVW", "ABCDEFGHIJKLMNOPQRSTUVW", False, False),
        ("ABCD-EFGH-IJKL-MNOP-QRST-UVW1", "ABCDEFGHIJKLMNOPQRSTUVW1", False, False),
        ("", "", False, False),
    ],
)
def test_what_is_typed_is_told_apart(typed, plain, of_app, recovers):
    assert rules.plain(typed) == plain
    assert rules.is_app_code(plain) is of_app
    assert rules.is_recovery_code(plain) is recovers


def test_recovery_codes_are_ten_random_ones_of_120_bits():
    codes = rules.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(rules.is_recovery_code(code) for code in codes)
    assert not set(codes) & set(rules.new_recovery_codes())


def test_a_secret_of_an_app_has_160_bits():
    assert len(pyotp.TOTP(rules.new_secret()).byte_secret()) == 20


def test_an_app_is_told_whose_secret_it_is():
    assert rules.address_for_apps(RFC_SECRET, "wairisi") == (
        f"otpauth://totp/Kula:wairisi?secret={RFC_SECRET}&issuer=Kula"
    )


def test_secrets_are_read_in_groups_of_four():
    assert rules.in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"
