"""Both kinds of storage keep what they are given, and say so in the same way."""

import os
import stat
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from marketplace.config import ConfigError
from marketplace.pictures.storage import StorageError, bucket
from marketplace.pictures.storage.bucket import Bucket
from marketplace.pictures.storage.folder import ASIDE, Folder
from tests.support.small_disk import small_disk, small_files

KEY = "ab" * 16
OTHER = "ab" + "0" * 30
FILES = {"320.webp": b"small", "1280.jpg": bytes(200_000)}


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    if request.param == "folder":
        return Folder(tmp_path / "deep" / "media")
    return Bucket.at(urlsplit(request.getfixturevalue("s3_url")))


def content_of(place, key, name):
    file = place.open(key, name)
    content = b"".join(file.pieces)
    file.pieces.close()
    assert len(content) == file.size
    return content


def test_what_is_saved_is_there(place):
    place.save(KEY, FILES)
    for name, content in FILES.items():
        assert content_of(place, KEY, name) == content
    assert place.open(KEY, "640.webp") is None
    assert place.open(OTHER, "320.webp") is None


def test_what_is_there_is_listed_by_its_beginning(place):
    before = datetime.now(UTC) - timedelta(seconds=2)
    for key in (KEY, OTHER, "cd" * 16):
        place.save(key, FILES)
    first, second = place.stored("ab")
    assert (first.key, second.key) == (OTHER, KEY)
    assert first.names == FILES.keys()
    assert before <= first.changed_at <= datetime.now(UTC) + timedelta(seconds=2)
    assert place.stored("ef") == []
    assert place.unfinished() == []


def test_what_is_deleted_is_gone_and_nothing_else(place):
    place.save(KEY, FILES)
    place.save(OTHER, FILES)
    place.delete(KEY)
    place.delete(KEY)
    assert place.open(KEY, "320.webp") is None
    assert [each.key for each in place.stored("ab")] == [OTHER]


@pytest.mark.parametrize("key", ["", "..", "../../etc", "AB" * 16, "ab" * 15, "ab" * 16 + "\n", "a/" * 16])
def test_a_key_that_is_none_never_becomes_a_path(key, place):
    with pytest.raises(StorageError, match="is no key"):
        place.save(key, FILES)
    with pytest.raises(StorageError, match="is no key"):
        place.open(key, "320.webp")
    with pytest.raises(StorageError, match="is no key"):
        place.delete(key)


def test_a_folder_is_named_by_the_keys_beginning_and_others_cannot_write(tmp_path):
    @contextmanager
    def umask(number):
        before = os.umask(number)
        yield
        os.umask(before)

    with umask(0):
        Folder(tmp_path / "media").save(KEY, FILES)
    found = sorted((tmp_path / "media").rglob("*"))
    assert [each.relative_to(tmp_path / "media").as_posix() for each in found] == [
        "ab",
        f"ab/{KEY}",
        f"ab/{KEY}/1280.jpg",
        f"ab/{KEY}/320.webp",
        ASIDE,
    ]
    for each in (tmp_path / "media", *found):
        assert stat.S_IMODE(each.stat().st_mode) == (0o755 if each.is_dir() else 0o644)


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    with small_disk(tmp_path / "disk") as before:
        folder = Folder(tmp_path / "disk")
        with (
            small_files(before),
            pytest.raises(StorageError, match=r"No space left|File too large"),
        ):
            folder.save(KEY, {"320.webp": b"fits", "1280.webp": bytes(300_000)})
        assert folder.open(KEY, "320.webp") is None
        assert folder.stored("ab") == []
        assert folder.unfinished() == []
        folder.save(KEY, {"320.webp": b"fits"})


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(StorageError, match="media"):
        Folder(tmp_path / "media").save(KEY, FILES)
    with pytest.raises(StorageError):
        Folder(tmp_path / "media").save(OTHER, FILES)


def test_a_write_that_was_broken_off_is_known_and_can_be_removed(tmp_path):
    folder = Folder(tmp_path)
    left = tmp_path / ASIDE / OTHER
    left.mkdir(parents=True)
    (left / "320.webp").write_bytes(b"half")
    (found,) = folder.unfinished()
    assert (found.key, found.names) == (OTHER, {"320.webp"})
    folder.delete(OTHER)
    assert folder.unfinished() == []


def test_files_of_others_in_the_same_place_are_left_alone(tmp_path, s3_url, s3_client):
    for name in (".DS_Store", "ab/readme.txt", "zz/file", f"ab/{'AB' * 16}/320.webp", f"cd/{KEY}/320.webp"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
        s3_client.put_object(Bucket="kula-media", Key=f"pictures/{name}", Body=b"x")
    s3_client.put_object(Bucket="kula-media", Key=f"ab/{KEY}/320.webp", Body=b"x")
    for place in (Folder(tmp_path), Bucket.at(urlsplit(s3_url))):
        assert [place.stored(prefix) for prefix in ("ab", "cd", "zz")] == [[], [], []]


def test_objects_say_what_they_are_and_lie_below_the_prefix(s3_url, s3_client):
    Bucket.at(urlsplit(s3_url)).save(KEY, FILES)
    found = s3_client.list_objects_v2(Bucket="kula-media")["Contents"]
    assert {each["Key"] for each in found} == {f"pictures/ab/{KEY}/{name}" for name in FILES}
    head = s3_client.head_object(Bucket="kula-media", Key=f"pictures/ab/{KEY}/320.webp")
    assert head["ContentType"] == "image/webp"
    assert head["CacheControl"] == "public, max-age=31536000, immutable"


def test_a_listing_goes_on_after_the_first_page(s3_url, monkeypatch):
    monkeypatch.setattr(bucket, "AT_ONCE", 3)
    place = Bucket.at(urlsplit(s3_url))
    keys = [f"ab{number:030x}" for number in range(4)]
    for key in keys:
        place.save(key, FILES)
    assert [(each.key, each.names) for each in place.stored("ab")] == [(key, FILES.keys()) for key in keys]


def test_a_bucket_that_is_not_there_is_told(s3_address, s3_client):
    place = Bucket.at(urlsplit(f"s3://another-bucket?endpoint={s3_address}"))
    with pytest.raises(StorageError, match="NoSuchBucket"):
        place.save(KEY, FILES)
    with pytest.raises(StorageError, match="NoSuchBucket"):
        place.open(KEY, "320.webp")
    with pytest.raises(ClientError):
        s3_client.head_bucket(Bucket="another-bucket")


def test_a_server_that_is_not_there_is_told(s3_client):
    place = Bucket.at(urlsplit("s3://kula-media?endpoint=http://127.0.0.1:1"))
    with pytest.raises(StorageError, match="endpoint"):
        place.save(KEY, FILES)
    with pytest.raises(StorageError, match="endpoint"):
        place.open(KEY, "320.webp")
    with pytest.raises(StorageError, match="endpoint"):
        place.stored("ab")


def test_a_bucket_without_credentials_is_one_sentence(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigError) as mistake:
        Bucket.at(urlsplit("s3://kula-media"))
    assert str(mistake.value).startswith("MEDIA_URL names a bucket, and there are no credentials for it: ")
