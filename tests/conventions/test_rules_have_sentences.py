"""Each rule of the schema has a sentence in the forms, and the database refuses what the forms refuse."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conventions.forms import FORMS, accepted_values, refusal
from tests.support.html import text_of

TOO_LONG = "22001"
FORM_OF_TABLE = {"users": "register", "listings": "new listing", "listing_items": "new listing"}


@dataclass(frozen=True)
class Rule:
    """A rule by its constraint's name, or "column length"; what breaks it, and what the form says then.

    `others` are the values of other fields without which the rule would not be looked at.
    """

    table: str
    constraint: str
    field: str
    value: str | None
    sentence: str
    others: dict[str, str] = field(default_factory=dict)

    def __str__(self):
        return f"{self.table}.{self.field} {self.constraint}: {(self.value or 'empty')[:12]}"

    def input_name(self, column):
        return f"offers-0-{column}" if self.table == "listing_items" else column


LENT = {"exchange_type": "temporary"}
LENT_A_WEEK = {"exchange_type": "temporary", "duration_days": "7"}

RULES = [
    Rule("users", "ck_users_username_format", "username", "a b", "Use 3 to 30 letters without accents"),
    Rule("users", "ck_users_username_format", "username", ".dots", "Use 3 to 30 letters without accents"),
    Rule("users", "column length", "username", "a" * 31, "Shorten this to 30 characters or fewer"),
    Rule("users", "uq_users_username_lower", "username", "MEMBER-1", "Somebody else has this username"),
    Rule("users", "ck_users_email_format", "email", "nobody", "Enter an e-mail address such as"),
    Rule("users", "ck_users_email_format", "email", "a b@example.org", "Enter an e-mail address such as"),
    Rule("users", "column length", "email", f"a@{'b' * 253}", "Shorten this to 254 characters or fewer"),
    Rule("listings", "ck_listings_title_length", "title", "  ab ", "Write at least 3 characters"),
    Rule("listings", "ck_listings_title_length", "title", "   ", "Give your listing a title"),
    Rule("listings", "column length", "title", "a" * 121, "Shorten this to 120 characters or fewer"),
    Rule("listings", "ck_listings_description_length", "description", "a" * 5001, "Shorten this to 5,000"),
    Rule("listings", "fk_listings_category_id_categories", "category_id", "987654321", "Choose a category"),
    Rule("listings", "ck_listings_lifetime_known", "lifetime_days", "31", "Choose for how long",
         {"expires_at": "2100-01-01"}),
    Rule("listings", "column length", "area", "a" * 81, "Shorten this to 80 characters or fewer"),
    Rule("listing_items", "ck_listing_items_condition_known", "condition", "mint", "Choose a condition"),
    Rule("listing_items", "ck_listing_items_name_not_blank", "name", "  ", "Name this item", LENT_A_WEEK),
    Rule("listing_items", "column length", "name", "a" * 121, "Shorten this to 120 characters or fewer"),
    Rule("listing_items", "ck_listing_items_description_length", "description", "a" * 2001, "Shorten"),
    Rule("listing_items", "ck_listing_items_exchange_type_known", "exchange_type", "gift", "Choose one"),
    Rule("listing_items", "ck_listing_items_duration_exactly_when_temporary", "duration_days", None,
         "Say for how many days", LENT),
    Rule("listing_items", "ck_listing_items_duration_range", "duration_days", "0", "from 1 to 365", LENT),
    Rule("listing_items", "ck_listing_items_duration_range", "duration_days", "366", "from 1 to 365", LENT),
    Rule("listing_items", "ck_listing_items_duration_range", "duration_days", "-1", "a whole number", LENT),
    Rule("listing_items", "ck_listing_items_value_range", "value", "1000000001", "1,000,000,000 or less"),
    Rule("listing_items", "ck_listing_items_value_range", "value", "-1", "Enter a whole number"),
]  # fmt: skip

# No form can break these: what they look at is never taken from one.
OUT_OF_REACH = {
    "ck_users_password_hash_length",
    # Nobody is told: it would say who is a member.
    "uq_users_email_verified",
    "ck_users_session_epoch_not_negative",
    "ck_users_role_known",
    "ck_listings_status_known",
    "uq_listings_id_owner_id",
    "ck_listings_expires_with_lifetime",
    "ck_listings_area_not_blank",
    "ck_listing_items_kind_known",
}


@pytest.fixture
def there(make):
    """A member, a category and a listing that are there already."""
    member = make.member(username="member-1", email="member-1@example.org")
    return make.listing(owner_id=member.id)


def test_the_rules_tried_are_all_rules(rows):
    tables = tuple(FORM_OF_TABLE)
    constraints = rows(
        "SELECT conname FROM pg_constraint"
        " WHERE conrelid::regclass::text IN :tables AND contype IN ('c', 'u')"
        " UNION SELECT indexrelid::regclass::text FROM pg_index"
        " WHERE indrelid::regclass::text IN :tables AND indisunique AND NOT indisprimary",
        tables=tables,
    )
    tried = {rule.constraint for rule in RULES} - {"column length", "fk_listings_category_id_categories"}
    assert {name for (name,) in constraints} == tried | OUT_OF_REACH


def test_the_lengths_tried_are_all_lengths(rows):
    columns = rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name IN :tables AND character_maximum_length IS NOT NULL"
        " AND column_name NOT IN ('status', 'kind', 'exchange_type', 'condition')",
        tables=tuple(FORM_OF_TABLE),
    )
    tried = {(rule.table, rule.field) for rule in RULES if rule.constraint == "column length"}
    assert {tuple(row) for row in columns} == tried


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_form_says_it_beside_the_field_and_in_the_summary(rule, client, browser_of, make, there):
    form = next(form for form in FORMS if form.name == FORM_OF_TABLE[rule.table])
    browser = browser_of(make.member()) if form.needs_member else client
    values = accepted_values(form.name, there.category_id, make.number())
    broken = {**rule.others, rule.field: rule.value or ""}
    values |= {rule.input_name(column): value for column, value in broken.items()}
    page = refusal(browser, browser.submit(form.path(), values))
    assert page is not None
    field_id = rule.input_name(rule.field)
    assert rule.sentence in text_of(page.find(f".//*[@id='{field_id}-error']"))
    described = [e for e in page.iter() if f"{field_id}-error" in (e.get("aria-describedby") or "").split()]
    assert len(described) == 1
    summary = page.find(f".//*[@class='error-summary']//a[@href='#{field_id}']")
    assert rule.sentence in text_of(summary)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_database_refuses_the_same(rule, connection, there):
    values = _accepted_columns(there)[rule.table] | rule.others | {rule.field: rule.value}
    with pytest.raises(DBAPIError) as refused:
        connection.execute(_insert(rule.table, values), values)
    if rule.constraint == "column length":
        assert refused.value.orig.pgcode == TOO_LONG
    else:
        assert refused.value.orig.diag.constraint_name == rule.constraint


@pytest.mark.parametrize("table", FORM_OF_TABLE)
def test_the_database_takes_the_values_taken_for_granted(table, connection, there):
    values = _accepted_columns(there)[table]
    connection.execute(_insert(table, values), values)


def _insert(table, values):
    return text(f"INSERT INTO {table} ({', '.join(values)}) VALUES (:{', :'.join(values)})")


def _accepted_columns(listing):
    whose = {"owner_id": listing.owner_id}
    return {
        "users": {"username": "new", "email": "new@example.org", "password_hash": "x"},
        "listings": whose | {"category_id": listing.category_id, "title": "Tools"},
        "listing_items": whose | {"listing_id": listing.id, "kind": "offer", "name": "A drill"},
    }
