"""SET NOT NULL is harmless after a validated CHECK that says the same, and after nothing else."""

import pytest

from marketplace.schema.proven import already_proved
from marketplace.schema.statements import split

ADD = "ALTER TABLE users ADD CONSTRAINT filled CHECK (motto IS NOT NULL) NOT VALID"
VALIDATE = "ALTER TABLE users VALIDATE CONSTRAINT filled"
TIGHTEN = "ALTER TABLE users ALTER COLUMN motto SET NOT NULL"
DROP = "ALTER TABLE users DROP CONSTRAINT filled"


def tightens(*statements: str) -> bool:
    """Whether the tightening among the statements is found to be proved."""
    return TIGHTEN in [each.text for each in already_proved(split(";".join(statements)))]


@pytest.mark.parametrize(
    "statements",
    [
        (ADD, VALIDATE, TIGHTEN, DROP),
        ("ALTER TABLE users DROP CONSTRAINT IF EXISTS filled", ADD, VALIDATE, TIGHTEN),
        (ADD.removesuffix(" NOT VALID"), TIGHTEN),
        (ADD.replace("users", "public.users"), VALIDATE, "SELECT 1", TIGHTEN),
    ],
)
def test_a_validated_rule_proves_it(statements):
    assert tightens(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (TIGHTEN,),
        (ADD, TIGHTEN, VALIDATE),
        (VALIDATE, ADD, TIGHTEN),
        (ADD, VALIDATE, DROP, TIGHTEN),
        (ADD.replace("motto", "email"), VALIDATE, TIGHTEN),
        (ADD.replace("users", "listings"), VALIDATE, TIGHTEN),
        (ADD, VALIDATE.replace("filled", "other"), TIGHTEN),
        (ADD.replace("motto IS NOT NULL", "motto IS NOT NULL OR id < 9"), VALIDATE, TIGHTEN),
    ],
)
def test_whatever_only_looks_like_one_does_not(statements):
    assert not tightens(*statements)


def test_only_a_rule_of_the_plan_s_own_is_dropped_without_a_word():
    assert [each.text for each in already_proved(split(";".join((ADD, DROP))))] == [DROP]
    assert list(already_proved(split(DROP))) == []
