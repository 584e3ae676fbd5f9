"""The answers of a form in words, each with the way back to its field."""

from dataclasses import dataclass

from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.listings.drafts import ItemDraft, ListingDraft

HOW = {
    ("offer", "permanent"): "Swap for good",
    ("offer", "temporary"): "Lend, up to {days}",
    ("want", "permanent"): "To keep",
    ("want", "temporary"): "To borrow, up to {days}",
}


@dataclass(frozen=True)
class Answer:
    """One answer, for the component `summary_list`."""

    key: str
    value: str
    change_url: str
    change_text: str


@dataclass(frozen=True)
class Part:
    """The answers under one heading; `row` is the name of the form's row they are from, where it is one."""

    heading: str
    rows: list[Answer]
    row: str | None = None


Answers = list[Part]


def summarise(draft: ListingDraft, category: str, form_url: str) -> Answers:
    """Return all that will be published, in the order of the form at `form_url`."""
    what = [
        _answer("Title", draft.title, form_url, "title", "the title"),
        _answer("Category", category, form_url, "category_id", "the category"),
        _answer("Description", draft.description or "None", form_url, "description", "the description"),
    ]
    lasting = f"{draft.lifetime_days} days" if draft.lifetime_days else "Until you archive it"
    where = [
        _answer("Where it is", draft.area or "Not said", form_url, "area", "where it is"),
        _answer("Shown for", lasting, form_url, "lifetime_days", "for how long it is shown"),
    ]
    return [Part("Your listing", what), *_items(draft, form_url), Part("Where and for how long", where)]


def _items(draft: ListingDraft, form_url: str) -> Answers:
    parts = []
    for kind, rows, heading in (("offer", "offers", "You offer"), ("want", "wants", "You would like")):
        for number, item in enumerate(each for each in draft.items if each.kind == kind):
            row = f"{rows}-{number}"
            parts.append(Part(f"{heading}: {item.name}", _item(item, row, draft.title, form_url), row))
    return parts


def _item(item: ItemDraft, row: str, title: str, form_url: str) -> list[Answer]:
    days = "1 day" if item.duration_days == 1 else f"{item.duration_days} days"
    how = HOW[item.kind, item.exchange_type].format(days=days)
    condition = CONDITION_WORDS[item.condition] if item.condition else "Not said"
    worth = "Not said" if item.value is None else f"About {item.value:,}"
    answers = [
        ("Name", "" if item.name == title else item.name, "name", "the name"),
        ("Details", item.description, "description", "the details"),
        ("How", how, "exchange_type", "how it is swapped"),
        ("Condition", condition, "condition", "the condition"),
        ("Worth", worth, "value", "what it is worth"),
    ]
    return [
        _answer(key, value, form_url, f"{row}-{field}", f"{words} of {item.name}")
        for key, value, field, words in answers
        if value
    ]


def _answer(key: str, value: str, form_url: str, field_id: str, words: str) -> Answer:
    return Answer(key, value, f"{form_url}#{field_id}", words)
