"""A place for files of each kind, with a real server behind the bucket."""

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from marketplace.pictures.storage import Place
from marketplace.pictures.storage.folder import Folder

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of a server that speaks S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        server.start()
        yield "http://{}:{}".format(*server.get_host_and_port())
        server.stop()


@pytest.fixture
def s3_client(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of that server, which has one empty bucket, kula-media."""
    import boto3

    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=s3_address)
    client.create_bucket(Bucket="kula-media")
    yield client
    for each in client.list_objects_v2(Bucket="kula-media").get("Contents", []):
        client.delete_object(Bucket="kula-media", Key=each["Key"])


@pytest.fixture
def s3_url(s3_address: str, s3_client: Any) -> str:
    """The setting that names that bucket."""
    return f"s3://kula-media/pictures?endpoint={s3_address}"


@pytest.fixture
def media_folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """A folder that the application keeps its pictures in for one test."""
    before = app.extensions["media"]
    app.extensions["media"] = Folder(tmp_path / "media")
    yield tmp_path / "media"
    app.extensions["media"] = before


@pytest.fixture
def media_place(app: Flask, media_folder: Path) -> Place:
    """The place of that folder."""
    place: Place = app.extensions["media"]
    return place
