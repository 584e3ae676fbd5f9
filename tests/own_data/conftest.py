"""A member with something in every table, among others."""

from pathlib import Path

import pytest

from marketplace.pictures.rules import FILE_NAMES
from marketplace.pictures.storage import Place
from marketplace.pictures.storage.folder import Folder

# In everything that the member has typed, and in nothing else.
WORD = "quokkaberry"
NAME = "Wombatina"
ADDRESS = "letters-to@wombat.example"
# In everything of others.
NOT_OURS = "platypuses"


@pytest.fixture
def media_folder(app, tmp_path):
    """An empty folder for pictures, which the site uses."""
    before = app.extensions["media"]
    app.extensions["media"] = Folder(tmp_path / "media")
    yield tmp_path / "media"
    app.extensions["media"] = before


@pytest.fixture
def broken_media(app, media_folder):
    """Lets the storage of pictures fail at everything from now on, until it is called a second time."""
    works = app.extensions["media"]

    def toggle() -> None:
        is_broken = app.extensions["media"] is not works
        # No file system has such long names.
        app.extensions["media"] = works if is_broken else Folder(Path(media_folder, "x" * 300))

    return toggle


@pytest.fixture
def media_place(app, media_folder) -> Place:
    return app.extensions["media"]


@pytest.fixture
def other(make):
    """Somebody else, who has a listing."""
    return make.member(username=f"other-{NOT_OURS}"[:30], email=f"{NOT_OURS}@example.org")


@pytest.fixture
def member(make):
    return make.member(username=NAME, email=ADDRESS)


@pytest.fixture
def keep(make, media_place):
    """Stores a picture of the member, with files whose content is their name."""

    def store(key, **values):
        media_place.save(key, {name: f"{key}/{name}".encode() for name in FILE_NAMES})
        return make.picture(key=key, **values)

    return store


@pytest.fixture
def belongings(make, member, other, keep, rows):
    """Gives the member something of everything, and others too; returns the member's listing."""
    tools = make.category(slug="tools", name="Tools")
    listing = make.listing(
        owner_id=member.id,
        category_id=tools.id,
        title=f"A {WORD}",
        description=f"Fresh {WORD}",
        area=f"{WORD} hill",
        items=[{"name": f"{WORD} press", "description": f"Presses a {WORD}"}],
    )
    make.profile(member, about=f"I press {WORD}", area=f"{WORD} hill")
    make.profile(other, about=NOT_OURS)
    make.block(member, make.member(username="Kanaho"))
    make.block(other, member)
    ((item_id,),) = rows("SELECT id FROM listing_items WHERE listing_id = :id", id=listing.id)
    draft = make.draft({"title": f"Half a {WORD}"}, owner_id=member.id)
    keep("a1" * 16, owner_id=member.id, item_id=item_id, alt=f"A {WORD} in the sun")
    keep("b2" * 16, owner_id=member.id, draft_id=draft.id, alt=f"Half a {WORD}")
    # Let go of, and not swept yet.
    keep("c3" * 16, owner_id=member.id, alt=f"An old {WORD}")
    theirs = make.listing(
        owner_id=other.id, category_id=tools.id, title=f"Two {NOT_OURS}", items=[{"name": NOT_OURS}]
    )
    ((their_item,),) = rows("SELECT id FROM listing_items WHERE listing_id = :id", id=theirs.id)
    keep("d4" * 16, owner_id=other.id, item_id=their_item, alt=NOT_OURS)
    make.draft({"title": NOT_OURS}, owner_id=other.id)
    make.saved_search(member, name=f"More {WORD}", query=f"q={WORD}")
    make.saved_search(other, name=NOT_OURS, query=f"q={NOT_OURS}")
    make.watched(member, theirs)
    make.watched(other, listing)
    # What the member reported, and what others reported about the member.
    make.report(make.case(theirs, reporter=other), member, words=f"No {WORD} at all")
    make.report(make.case(listing, reporter=make.member()), other, words=f"{NOT_OURS} about a {WORD}")
    make.measure(member, name=f"A {WORD}", reason="Be kind.", listing_id=listing.id)
    make.measure(other, name=NOT_OURS, reason=NOT_OURS)
    make.letter(member_id=member.id, address=ADDRESS, subject=f"Your {WORD}", text=f"{NAME}'s {WORD}")
    make.letter(member_id=other.id, address=f"{NOT_OURS}@example.org")
    make.unsubscribed(member)
    make.notification(member, details={"thing": WORD})
    make.notification(other, details={"thing": NOT_OURS}, by_id=member.id)
    make.letters_chosen(member)
    make.letters_chosen(other, NOT_OURS)
    press, stick = make.thing_of(listing), make.thing_of(theirs)
    swap = make.exchange(member, other, [press], [stick], note=f"My {WORD}")
    make.message(swap, f"My {WORD}")
    make.message(swap, NOT_OURS, author="receiver")
    done = make.exchange(member, other, state="completed")
    make.dispute(done, words=f"My {WORD}")
    make.dispute(swap, side="receiver", words=NOT_OURS)
    make.review(done, words=f"My {WORD}")
    make.review(done, side="receiver", words=NOT_OURS)
    make.exchange(
        other, member, [stick], note=NOT_OURS, state="declined", closed_by="proposer", reason=NOT_OURS
    )
    make.second_factor(member, confirmed_at=None)
    return listing
