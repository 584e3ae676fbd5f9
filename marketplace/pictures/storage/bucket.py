"""Pictures on storage that speaks S3: one object for each file, named as in a folder."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import SplitResult, parse_qs

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.wsgi import FileWrapper

from marketplace.config import ConfigError
from marketplace.pictures.rules import KEY, TYPES
from marketplace.pictures.storage import File, StorageError, Stored

CACHING = "public, max-age=31536000, immutable"
# A picture that does not come must not hold up a page for long.
CONNECT_SECONDS = 3
READ_SECONDS = 10
PIECE = 64 * 1024
# The protocol lists so many at once.
AT_ONCE = 1000

P = ParamSpec("P")
R = TypeVar("R")


def _in_trouble(method: Callable[P, R]) -> Callable[P, R]:
    """Tell the client's errors as StorageError."""

    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            raise StorageError(str(error)) from error

    return told


class Bucket:
    """A bucket, or the part of one below a prefix."""

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint = endpoint
        self._region = region

    @classmethod
    def at(cls, url: SplitResult) -> "Bucket":
        """The place that an s3: URL names. Raises ConfigError when there are no credentials for it."""
        if boto3.Session().get_credentials() is None:
            raise ConfigError(
                "MEDIA_URL names a bucket, and there are no credentials for it: "
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        options = {name: values[0] for name, values in parse_qs(url.query).items()}
        return cls(url.netloc, url.path.strip("/"), options.get("endpoint"), options.get("region"))

    @cached_property
    def _client(self) -> Any:
        # Made by the process that uses it: connections do not outlive a fork.
        return boto3.Session().client(
            "s3",
            endpoint_url=self._endpoint,
            region_name=self._region,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": 2},
                # Newer checksums are unknown to many servers that speak the protocol.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @_in_trouble
    def save(self, key: str, files: Mapping[str, bytes]) -> None:
        """Put the files one after another; a picture whose row never comes is found as a stray."""
        for name, content in files.items():
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._object(key, name),
                Body=content,
                ContentType=TYPES[name.rpartition(".")[2]],
                CacheControl=CACHING,
            )

    @_in_trouble
    def open(self, key: str, name: str) -> File | None:
        """Open one file, or return None."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._object(key, name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return File(answer["ContentLength"], FileWrapper(answer["Body"], PIECE))

    @_in_trouble
    def stored(self, prefix: str) -> list[Stored]:
        """List what is there; names that no picture of ours would have are somebody else's."""
        start = f"{self._prefix}{prefix}/"
        names: dict[str, set[str]] = {}
        changed: dict[str, datetime] = {}
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=start, PaginationConfig={"PageSize": AT_ONCE}
        )
        for each in (each for page in pages for each in page.get("Contents", [])):
            key, _, name = each["Key"].removeprefix(start).partition("/")
            if KEY.fullmatch(key) and key.startswith(prefix):
                names.setdefault(key, set()).add(name)
                changed[key] = max(each["LastModified"], changed.get(key, each["LastModified"]))
        return [Stored(key, frozenset(names[key]), changed[key]) for key in sorted(names)]

    @_in_trouble
    def delete(self, key: str) -> None:
        """Remove all objects of a picture."""
        start = self._object(key, "")
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=start, MaxKeys=AT_ONCE)
        objects = [{"Key": each["Key"]} for each in found.get("Contents", [])]
        # One by one: deleting many at once wants a checksum that not every server knows.
        for each in objects:
            self._client.delete_object(Bucket=self._bucket, **each)

    def unfinished(self) -> list[Stored]:
        """Nothing: an object is there when it is whole, and not before."""
        return []

    def _object(self, key: str, name: str) -> str:
        if not KEY.fullmatch(key):
            raise StorageError(f"{key!r} is no key of a picture.")
        return f"{self._prefix}{key[:2]}/{key}/{name}"
