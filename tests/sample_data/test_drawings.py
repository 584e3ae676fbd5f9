"""Drawings for sample items: each category's own, varied, the same for the same seed, and stored once."""

from collections import Counter
from datetime import date
from itertools import chain

import pytest
from flask import Flask

from marketplace.extensions import db
from marketplace.pictures.rules import FILE_NAMES, KEY
from marketplace.pictures.storage import StorageError
from marketplace.pictures.storage.folder import Folder
from marketplace.sample_data import command, gallery
from marketplace.sample_data.drawings import SIZE, THINGS, THINGS_IN, all_drawings, draw, drawings_for
from marketplace.sample_data.generate import generate
from tests.support.pictures import opened

TODAY = date(2026, 3, 14)


@pytest.fixture(scope="module")
def pictures(starter_paths, vocabulary):
    """The pictures of 3,000 listings, and their items by id."""
    batches = list(generate(3_000, seed=1, categories=starter_paths, today=TODAY, vocabulary=vocabulary))
    items = {item.id: item for batch in batches for item in batch.items}
    return list(chain.from_iterable(batch.pictures for batch in batches)), items


@pytest.fixture
def folder(app, tmp_path):
    app.extensions["media"] = Folder(tmp_path / "media")
    return tmp_path / "media"


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(command.sample_data, arguments)
    return result.exit_code, result.output


def test_every_thing_is_drawn_and_every_name_is_a_things():
    named = set(chain.from_iterable(THINGS_IN.values())) | {"parcel"}
    assert named == THINGS.keys()


def test_every_category_at_the_start_has_things_of_its_own(starter_paths):
    for category in starter_paths:
        assert {drawing.thing for drawing in drawings_for(category.path, 1)} != {"parcel"}, category.path


def test_an_unknown_category_has_those_of_the_one_above_it_or_a_parcel():
    assert {drawing.thing for drawing in drawings_for(("Bikes", "Unicycles"), 1)} == {"bicycle"}
    assert {drawing.thing for drawing in drawings_for(("Meteorites",), 1)} == {"parcel"}


@pytest.mark.parametrize("thing", sorted(THINGS))
def test_a_drawing_is_the_same_each_time_and_differs_from_the_others_of_its_thing(thing):
    drawings = [drawing for drawing in all_drawings(1) if drawing.thing == thing]
    images = [draw(drawing) for drawing in drawings]
    assert {image.size for image in images} == {SIZE}
    assert len({image.tobytes() for image in images}) == len(drawings) == 3
    assert draw(drawings[0]).tobytes() == images[0].tobytes()
    # More than a room: the thing itself has many colours of pixels.
    assert len(images[0].getcolors(1_000_000)) > 20


def test_there_are_a_few_hundred_drawings_at_most_and_each_seed_has_its_own():
    keys = {drawing.key for drawing in all_drawings(1)}
    assert len(keys) == len(all_drawings(1)) < 200
    assert all(KEY.fullmatch(key) for key in keys)
    assert keys.isdisjoint(drawing.key for drawing in all_drawings(2))


def test_pictures_obey_the_schema(pictures):
    found, items = pictures
    known = {drawing.key for drawing in all_drawings(1)}
    places = Counter((picture.item_id, picture.position) for picture in found)
    assert max(places.values()) == 1
    for picture in found:
        item = items[picture.item_id]
        assert item.kind == "offer"
        assert picture.owner_id == item.owner_id
        assert picture.created_at == item.created_at
        assert picture.key in known
        assert 1 <= picture.position <= 3
        assert (picture.width, picture.height) == SIZE
        assert picture.alt.startswith("A drawing of ")


def test_most_offers_have_a_picture_and_some_have_several(pictures):
    found, items = pictures
    offers = sum(item.kind == "offer" for item in items.values())
    counts = Counter(picture.item_id for picture in found)
    assert 0.6 < len(counts) / offers < 0.8
    assert set(counts.values()) == {1, 2, 3}
    # A page of one category does not show one drawing alone.
    assert Counter(picture.key for picture in found).most_common(1)[0][1] < len(found) / 20


def test_a_picture_fits_its_category(app, starter_categories, folder):
    assert run(app, "--listings", "60")[0] == 0
    with db.engine.connect() as live:
        rows = live.exec_driver_sql(
            "SELECT DISTINCT c.name, p.alt FROM pictures p JOIN listing_items i ON i.id = p.item_id"
            " JOIN listings l ON l.id = i.listing_id JOIN categories c ON c.id = l.category_id"
        ).all()
    assert len(rows) > 20
    for name, alt in rows:
        things = {drawing.alt for drawing in drawings_for((name,), 1)}
        assert alt in things or things == {"A drawing of a parcel"}, (name, alt)


def test_every_row_has_its_files_and_every_file_its_row(app, starter_categories, folder):
    assert run(app, "--listings", "40")[0] == 0
    result = app.test_cli_runner().invoke(args=["media", "check"])
    assert result.exit_code == 0, result.output
    assert not result.output.startswith("0 pictures")
    key = next(folder.glob("??/*"))
    assert {file.name for file in key.iterdir()} == FILE_NAMES
    assert opened((key / "1280.webp").read_bytes()).size == SIZE


def test_a_second_run_draws_nothing_again(app, starter_categories, folder, monkeypatch):
    assert run(app, "--listings", "10")[0] == 0
    there = {file: file.stat().st_mtime_ns for file in folder.rglob("*.*")}
    monkeypatch.setattr(gallery, "draw", None)
    assert run(app, "--listings", "10")[0] == 0
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*.*")} == there


def test_a_listing_with_a_picture_is_found_as_one(app, starter_categories, folder):
    assert run(app, "--listings", "40")[0] == 0
    with db.engine.connect() as live:
        different = live.exec_driver_sql(
            "SELECT count(*) FROM search_entries s WHERE (s.document @@ '''picture:yes'''::tsquery)"
            " <> EXISTS (SELECT FROM pictures p JOIN listing_items i ON i.id = p.item_id"
            "            WHERE i.listing_id = s.listing_id)"
        ).scalar_one()
    assert different == 0


def test_a_storage_in_trouble_leaves_nothing(app, starter_categories, folder, monkeypatch):
    def full(*_arguments: object) -> None:
        raise StorageError("No space left on device")

    monkeypatch.setattr(Folder, "save", full)
    status, output = run(app, "--listings", "10")
    assert status == 1
    assert "The pictures cannot be stored (No space left on device); nothing was added." in output
    with db.engine.connect() as live:
        assert live.exec_driver_sql("SELECT count(*) FROM users").scalar_one() == 0
