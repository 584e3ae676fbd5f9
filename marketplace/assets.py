"""The static files as browsers get them: one style sheet, compressed, and addresses that follow the content.

There is no build step for people. What `static/` holds is published into `instance/static/` at the first
request, and again in development as soon as a file there is edited. Nothing in that folder is ever
changed, so a page that is open, or a server that still runs the release before, finds what it asks for.
"""

import atexit
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from marketplace.security_headers import FILE_HEADERS, only_https

# The style sheet of every page, in the order of the cascade; components do not depend on each other.
STYLESHEET = "css/site.css"
SHEETS = ("css/tokens.css", "css/base.css", "css/layout.css", "css/components/*.css")
SHEETS_FOR_PAPER = ("css/print.css",)

# How a file names another one beside it: `url(…)` in style sheets, `import … from "./…"` in modules.
REFERENCES = {
    ".css": re.compile(r"""\b(url\(["']?)([^"')]+)"""),
    ".js": re.compile(r"""\b((?:from|import)\s*\(?["'])(\.{1,2}/[^"']+)"""),
}
DIGEST_LENGTH = 12
PUBLISHED = re.compile(rf"\.[0-9a-f]{{{DIGEST_LENGTH}}}\.\w+$")
# For a file that is asked for by its plain name, which nothing on our pages does.
PLAIN_SECONDS = 3600


class Assets:
    """Publishes the files below `source` into `target`; `watch` looks for edited files at each request.

    All files have the same `headers`, beside those about caching and their type.
    """

    def __init__(
        self, source: Path, target: Path, prefix: str, watch: bool, headers: Mapping[str, str]
    ) -> None:
        self._source = source
        self._target = target
        self._prefix = prefix
        self._watch = watch
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        # Another one when any of the addresses is.
        self.edition = ""
        self._server = WhiteNoise(
            None,
            root=source,
            prefix=prefix,
            max_age=0 if watch else PLAIN_SECONDS,
            autorefresh=watch,
            allow_all_origins=False,
            add_headers_function=lambda sent, _path, _url: _add_headers(sent, headers),
            immutable_file_test=lambda _path, url: bool(PUBLISHED.search(url)),
        )

    def address(self, name: str) -> str:
        """Return the address of the file with this name below `static/`; KeyError when there is none."""
        if not self._addresses:
            self.refresh()
        return self._addresses[name]

    def stylesheet(self) -> str:
        """Return the address of the one style sheet that every page has."""
        return self.address(STYLESHEET)

    def wrap(self, application: Any) -> Any:
        """Return a WSGI application that answers for the files, and leaves the rest to `application`."""
        self._server.application = application

        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
                # A refusal is a page of the site's.
                return application(environ, start_response)
            self.refresh()
            return self._server(environ, start_response)

        return answer

    def refresh(self) -> None:
        """Publish what has not been published yet; several processes may do so at once."""
        if self._addresses and not self._watch:
            return
        with self._lock:
            times = dict(_times_of_files(self._source))
            if times == self._seen:
                return
            try:
                addresses = self._publish(set(times))
            except OSError:
                # The folder is not ours to write to. This one goes when the process ends.
                folder = tempfile.mkdtemp(prefix="kula-static-")
                atexit.register(shutil.rmtree, folder, ignore_errors=True)
                self._target = Path(folder, "static")
                addresses = self._publish(set(times))
            if not self._addresses:
                self._server.add_files(self._target, self._prefix)
            self.edition = sha256(repr(sorted(addresses.items())).encode()).hexdigest()
            self._addresses, self._seen = addresses, times

    def _publish(self, files: set[str]) -> dict[str, str]:
        self._target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._target.parent, prefix="static-") as draft:
            edition = _Edition(self._source, files, self._target, Path(draft), self._prefix)
            return {name: edition.publish(name) for name in edition.names()}


class _Edition:
    """One round of publishing: each file once, those that it names before it."""

    def __init__(self, source: Path, files: set[str], target: Path, draft: Path, prefix: str) -> None:
        self._source = source
        self._files = files
        self._target = target
        self._draft = draft
        self._prefix = prefix
        self._published: dict[str, str] = {}
        self._compressor = Compressor(quiet=True)

    def names(self) -> list[str]:
        """The files that pages can name: the one style sheet in the place of those that it is made of."""
        return [STYLESHEET, *self._files.difference(self._matching(SHEETS + SHEETS_FOR_PAPER))]

    def publish(self, name: str) -> str:
        """Write the file under its published name unless it is there, and return its address."""
        if name not in self._published:
            content = self._bundle() if name == STYLESHEET else self._content(name)
            path = PurePosixPath(name)
            digest = sha256(content).hexdigest()[:DIGEST_LENGTH]
            published = path.with_name(f"{path.stem}.{digest}{path.suffix}")
            self._write(self._target / published, content)
            self._published[name] = f"{self._prefix}/{published}"
        return self._published[name]

    def _bundle(self) -> bytes:
        on_screen = b"\n".join(self._content(name) for name in self._matching(SHEETS))
        on_paper = b"\n".join(self._content(name) for name in self._matching(SHEETS_FOR_PAPER))
        return on_screen + b"\n@media print {\n" + on_paper + b"}\n"

    def _matching(self, patterns: Iterable[str]) -> list[str]:
        return [
            name for pattern in patterns for name in sorted(self._files) if PurePosixPath(name).match(pattern)
        ]

    def _content(self, name: str) -> bytes:
        """Return the file with the addresses of the published files in the place of relative ones."""
        content = (self._source / name).read_bytes()
        reference = REFERENCES.get(PurePosixPath(name).suffix)
        if reference is None:
            return content

        def replace(match: re.Match[str]) -> str:
            other = os.path.normpath(PurePosixPath(name).parent / match[2])
            return match[1] + self.publish(other) if other in self._files else match[0]

        return reference.sub(replace, content.decode()).encode()

    def _write(self, path: Path, content: bytes) -> None:
        """Put the compressed copies in place, and then the file, which is so never without them."""
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._draft / path.name
        draft.write_bytes(content)
        if self._compressor.should_compress(path.name):
            for copy in map(Path, self._compressor.compress(str(draft))):
                copy.replace(path.with_name(copy.name))
        draft.replace(path)


def init_app(app: Flask) -> None:
    """Serve the static files before Flask is asked, and offer templates `asset()` and `stylesheet()`."""
    assert app.static_folder is not None
    assert app.static_url_path is not None
    assets = Assets(
        source=Path(app.static_folder),
        target=Path(app.instance_path, "static"),
        prefix=app.static_url_path,
        watch=app.config["ENV_NAME"] == "development",
        headers=FILE_HEADERS | only_https(app),
    )
    app.extensions["assets"] = assets
    app.add_template_global(assets.address, "asset")
    app.add_template_global(assets.stylesheet)
    app.wsgi_app = assets.wrap(app.wsgi_app)  # type: ignore[method-assign]


def _times_of_files(folder: Path, below: str = "") -> Iterator[tuple[str, int]]:
    """Yield each file's name below `folder` and when it was last changed, hidden ones left out."""
    for entry in os.scandir(folder / below):
        name = f"{below}{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _times_of_files(folder, f"{name}/")
        else:
            yield name, entry.stat().st_mtime_ns


def _add_headers(sent: Headers, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        sent[name] = value
