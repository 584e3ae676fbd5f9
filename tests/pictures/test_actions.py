"""Taking pictures in, giving them to items and letting go of them, against real rows and real files."""

import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError

from marketplace.extensions import db
from marketplace.pictures import actions, rules, workshop
from marketplace.pictures.actions import Chosen
from marketplace.pictures.models import Picture
from marketplace.pictures.storage.folder import Folder
from marketplace.posting.models import ListingDraft
from tests.support.pictures import UPRIGHT, as_upload, encoded, lying, opened, photo, quarters
from tests.support.small_disk import small_disk, small_files

pytestmark = pytest.mark.usefixtures("context", "media_folder")

ROWS = "SELECT id, item_id, position, alt FROM pictures WHERE item_id IS NOT NULL ORDER BY item_id, position"


@pytest.fixture
def owner(make):
    return make.member()


@pytest.fixture
def items(make, owner):
    listing = make.listing(owner_id=owner.id, items=[])
    return [make.item(listing).id for _ in range(2)]


@pytest.fixture
def draft(owner):
    draft = ListingDraft(owner_id=owner.id)
    db.session.add(draft)
    db.session.flush()
    return draft


def stored_names(folder, key):
    return {file.name for file in (folder / key[:2] / key).iterdir()}


def test_an_upload_becomes_a_row_and_its_files(owner, draft, media_folder, rows):
    (picture,) = actions.store_uploads(owner.id, draft.id, [as_upload(lying("JPEG", 6))])
    found = rows("SELECT id, key, owner_id, draft_id, item_id, position, alt, width, height FROM pictures")
    assert found == [(picture.id, picture.key, owner.id, draft.id, None, 1, "", 96, 64)]
    assert stored_names(media_folder, picture.key) == rules.FILE_NAMES
    file = media_folder / picture.key[:2] / picture.key / "640.jpg"
    assert quarters(opened(file.read_bytes())) == UPRIGHT


def test_the_same_picture_twice_has_names_of_its_own(owner):
    first, second = actions.store_uploads(owner.id, None, [as_upload(photo()), as_upload(photo())])
    assert first.key != second.key


def test_one_bad_file_keeps_the_others(owner, rows, media_folder):
    files = [
        as_upload(photo(), "first.jpg"),
        as_upload(b"<svg/>", "drawing.jpg"),
        as_upload(photo("PNG")[:-70], "half.png"),
        as_upload(b"", "none.webp"),
        as_upload(photo("WEBP"), "last.webp"),
    ]
    first, *sentences, last = actions.store_uploads(owner.id, None, files)
    assert sentences == [
        "“drawing.jpg” is not a JPEG, PNG, WebP or HEIC picture: choose one of these.",
        "“half.png” is damaged, or did not arrive whole: send it again, or choose another picture.",
        "“none.webp” is empty: choose the picture again.",
    ]
    assert rows("SELECT id FROM pictures ORDER BY id") == [(first.id,), (last.id,)]
    assert len(list(media_folder.glob("??/*"))) == 2


@pytest.mark.parametrize("name", ["photo.gif", "photo.svg", "photo.exe", "photo", "../../a.php", "ph\x00oto"])
def test_what_a_file_is_called_plays_no_part(name, owner):
    (picture,) = actions.store_uploads(owner.id, None, [as_upload(photo("PNG"), name)])
    assert isinstance(picture, Picture)


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.heic"])
def test_a_page_that_is_called_a_picture_is_refused(name, owner):
    (sentence,) = actions.store_uploads(owner.id, None, [as_upload(b"<script>alert(1)</script>", name)])
    assert sentence.startswith(f"“{name}” is not a JPEG")


def test_a_file_that_is_too_large_is_not_even_read_to_its_end(owner):
    file = as_upload(bytes(40_000_000), "film.jpg")
    (sentence,) = actions.store_uploads(owner.id, None, [file])
    assert sentence == "“film.jpg” is larger than 15 MB: choose a smaller picture."
    assert file.stream.tell() == rules.FILE_MAXIMUM + 1


def test_an_item_has_room_for_so_many(owner):
    names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    files = [as_upload(b"" if name == "b.jpg" else photo(), name) for name in names]
    outcomes = actions.store_uploads(owner.id, None, files, room=2)
    assert [isinstance(each, Picture) for each in outcomes] == [True, False, True, False]
    assert outcomes[3] == "“d.jpg” is one too many: an item has up to 8 pictures."


def test_when_too_many_bring_pictures_one_is_asked_to_come_again(owner, rows):
    with workshop.place(), workshop.place():
        (sentence,) = actions.store_uploads(owner.id, None, [as_upload(photo())])
    assert sentence == "“photo.jpg” had to wait for too many other pictures: add it again in a minute."
    assert not rows("SELECT id FROM pictures")


def test_a_full_disk_is_a_sentence_for_each_file_and_no_failure(owner, app, tmp_path, rows, caplog):
    noise = encoded(Image.effect_noise((1200, 900), 90), "PNG")
    with small_disk(tmp_path / "disk") as before, small_files(before):
        app.extensions["media"] = Folder(tmp_path / "disk")
        large, small = actions.store_uploads(
            owner.id, None, [as_upload(noise, "large.png"), as_upload(photo(), "small.jpg")]
        )
    assert large == "“large.png” could not be stored just now: add it again in a few minutes."
    assert isinstance(small, Picture)
    assert "A picture cannot be stored" in caplog.text
    assert rows("SELECT id FROM pictures") == [(small.id,)]


def test_a_storage_that_is_away_is_a_sentence_and_no_failure(owner, app, media_folder):
    media_folder.write_text("in the way")
    (sentence,) = actions.store_uploads(owner.id, None, [as_upload(photo())])
    assert sentence == "“photo.jpg” could not be stored just now: add it again in a few minutes."


def test_a_request_that_fails_leaves_files_and_no_row(owner, media_folder, rows):
    actions.store_uploads(owner.id, None, [as_upload(photo())])
    db.session.rollback()
    assert not rows("SELECT id FROM pictures")
    assert len(list(media_folder.glob("??/*"))) == 1


def test_pictures_go_to_items_in_their_order_with_their_words(owner, items, draft, make, rows):
    one, two, three = (make.picture(owner_id=owner.id).id for _ in range(3))
    actions.arrange_pictures(
        owner.id,
        {items[0]: [Chosen(two, "  a\ndrill\x07 "), Chosen(one, "")], items[1]: [Chosen(three, "x" * 300)]},
    )
    assert rows(ROWS) == [
        (two, items[0], 1, "a drill"),
        (one, items[0], 2, ""),
        (three, items[1], 1, "x" * 200),
    ]


def test_a_new_arrangement_takes_the_place_of_the_old_one(owner, items, make, rows):
    one, two, three, four = (make.picture(owner_id=owner.id).id for _ in range(4))
    actions.arrange_pictures(owner.id, {items[0]: [Chosen(one, ""), Chosen(two, ""), Chosen(three, "")]})
    actions.arrange_pictures(
        owner.id, {items[0]: [Chosen(three, "now first"), Chosen(four, "")], items[1]: [Chosen(one, "moved")]}
    )
    db.session.commit()
    assert rows(ROWS) == [
        (three, items[0], 1, "now first"),
        (four, items[0], 2, ""),
        (one, items[1], 1, "moved"),
    ]
    assert rows("SELECT item_id FROM pictures WHERE id = :id", id=two) == [(None,)]


def test_an_item_that_is_to_show_nothing_shows_nothing(owner, items, make, rows):
    picture = make.picture(owner_id=owner.id, item_id=items[0]).id
    actions.arrange_pictures(owner.id, {items[0]: [], items[1]: []})
    assert rows(ROWS) == []
    assert rows("SELECT id FROM pictures") == [(picture,)]


def test_items_that_are_not_named_keep_theirs(owner, items, make, rows):
    picture = make.picture(owner_id=owner.id, item_id=items[0]).id
    actions.arrange_pictures(owner.id, {items[1]: []})
    assert rows(ROWS) == [(picture, items[0], 1, "")]


def test_pictures_of_somebody_else_and_those_that_are_gone_are_left_out(owner, items, make, rows):
    own, others = make.picture(owner_id=owner.id).id, make.picture(owner_id=make.member().id).id
    nobodys = make.picture().id
    actions.arrange_pictures(
        owner.id, {items[0]: [Chosen(each, "") for each in (others, own, nobodys, 10**9)]}
    )
    assert rows(ROWS) == [(own, items[0], 2, "")]


def test_more_than_an_item_can_show_is_a_mistake_of_ours(owner, items):
    with pytest.raises(ValueError, match="up to 8"):
        actions.arrange_pictures(owner.id, {items[0]: [Chosen(number, "") for number in range(9)]})


def test_the_database_refuses_two_pictures_in_one_place(owner, items, make, connection):
    make.picture(item_id=items[0], position=1)
    make.picture(item_id=items[0], position=1)
    with pytest.raises(IntegrityError, match="uq_pictures_item_id_position"):
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_publishing_takes_a_picture_out_of_its_draft(owner, items, draft, rows):
    (picture,) = actions.store_uploads(owner.id, draft.id, [as_upload(photo())])
    actions.arrange_pictures(owner.id, {items[0]: [Chosen(picture.id, "")]})
    assert rows("SELECT item_id, draft_id FROM pictures") == [(items[0], None)]


def test_an_arrangement_takes_two_statements_however_many_items(owner, make, rows):
    from tests.support.statements import recorded_statements

    listing = make.listing(owner_id=owner.id, items=[{}] * 10)
    ids = [id_ for (id_,) in rows("SELECT id FROM listing_items WHERE listing_id = :id", id=listing.id)]
    chosen = {id_: [Chosen(make.picture(owner_id=owner.id).id, "")] for id_ in ids}
    with recorded_statements() as statements:
        actions.arrange_pictures(owner.id, chosen)
    assert len(statements) == 2
    assert len(rows(ROWS)) == 10


def test_a_picture_that_is_let_go_is_shown_by_nothing(owner, items, make, draft, rows):
    own = make.picture(owner_id=owner.id, item_id=items[0], draft_id=None)
    others = make.picture(owner_id=make.member().id, item_id=items[1])
    actions.release_pictures(owner.id, [own.id, others.id])
    assert rows("SELECT id FROM pictures WHERE item_id IS NULL") == [(own.id,)]


def test_a_draft_that_finds_its_owner_brings_its_pictures(owner, draft, rows):
    (picture,) = actions.store_uploads(None, draft.id, [as_upload(photo())])
    assert rows("SELECT owner_id FROM pictures") == [(None,)]
    actions.claim_pictures(owner.id, draft.id)
    assert rows("SELECT id, owner_id FROM pictures") == [(picture.id, owner.id)]
