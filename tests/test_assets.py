"""The static files: one style sheet, addresses that follow the content, compressed copies made once."""

import gzip
import multiprocessing
import re

import brotli
import pytest
from whitenoise.compress import Compressor

from marketplace.assets import STYLESHEET, Assets
from tests.conftest import dispose, make_app
from tests.support.project import STATIC

FOREVER = "max-age=315360000, public, immutable"


@pytest.fixture
def source(tmp_path):
    """A folder of static files, small enough to be read."""
    folder = tmp_path / "source"
    for name, text in {
        "css/tokens.css": ":root { --ink: black }\n",
        "css/base.css": "body { background: url('../img/dot.svg'), url(data:,x) }\n",
        "css/layout.css": ".frame { margin: 0 }\n",
        "css/components/card.css": '.card { background: url("../../img/dot.svg") }\n',
        "css/components/alert.css": ".alert { margin: 0 }\n",
        "css/print.css": ".card { color: black }\n",
        "css/alone.css": ".alone { margin: 0 }\n",
        "img/dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>" * 20,
        "js/page.js": 'import { grow } from "./lib/grow.js"; const late = () => import("./lib/late.js");\n',
        "js/lib/grow.js": 'export { late as grow } from "./late.js";\n',
        "js/lib/late.js": "export const late = 1;\n",
        ".hidden": "nobody's",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture
def publish(source, tmp_path):
    """Publishes the folder, and returns what knows the addresses."""
    return lambda target=None, watch=False: Assets(
        source, target or tmp_path / "static", "/static", watch, {}
    )


def published(assets, tmp_path, name):
    """The text of a published file."""
    return (tmp_path / assets.address(name).lstrip("/")).read_text()


def stylesheet_of(client, encoding=""):
    """The style sheet of the home page as a browser with this encoding gets it."""
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)
    return client.get(address, headers={"Accept-Encoding": encoding})


def test_every_page_has_one_style_sheet_with_all_of_them_in_it(client):
    sheet = stylesheet_of(client)
    assert sheet.status_code == 200
    assert sheet.mimetype == "text/css"
    # The style guide's own sheet is linked by the style guide alone.
    for file in set((STATIC / "css").rglob("*.css")) - {STATIC / "css" / "style_guide.css"}:
        # Beyond the addresses of pictures, which differ, a sheet is there as it is written.
        for part in re.split(r"url\([^)]*\)", file.read_text()):
            assert part in sheet.text, file


@pytest.mark.parametrize(("encoding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_compressed_copy_is_the_same_file(encoding, decode, client):
    plain, packed = stylesheet_of(client), stylesheet_of(client, f"{encoding}, identity")
    assert packed.headers["Content-Encoding"] == encoding
    assert decode(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert "Content-Encoding" not in plain.headers
    for response in (plain, packed):
        assert response.headers["Cache-Control"] == FOREVER
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_page_names_is_served_and_kept_for_ever(client):
    for path in ("/", "/login", "/nowhere"):
        addresses = set(re.findall(r'"(/static/[^"]+)"', client.get(path).text))
        assert addresses
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200, address
            assert response.headers["Cache-Control"] == FOREVER


def test_a_plain_name_is_asked_for_again(client):
    assert "immutable" not in client.get("/static/css/tokens.css").headers["Cache-Control"]


def test_an_address_is_unknown_for_a_file_that_is_not_there(publish):
    with pytest.raises(KeyError):
        publish().address("img/none.svg")
    with pytest.raises(KeyError):
        publish().address(".hidden")


def test_the_sheets_keep_their_order_and_the_one_for_paper_is_for_paper(publish, tmp_path):
    text = published(publish(), tmp_path, STYLESHEET)
    places = [text.index(word) for word in ("--ink", "body", ".frame", ".alert", ".card", "@media print {")]
    assert places == sorted(places)
    assert ".alone" not in text
    assert text.rstrip().endswith("@media print {\n.card { color: black }\n}")


def test_files_name_each_other_by_their_published_addresses(publish, tmp_path):
    assets = publish()
    picture = assets.address("img/dot.svg")
    sheet = published(assets, tmp_path, STYLESHEET)
    assert f"url('{picture}'), url(data:,x)" in sheet
    assert f'url("{picture}")' in sheet
    late, grow = (assets.address(f"js/lib/{name}.js") for name in ("late", "grow"))
    assert published(assets, tmp_path, "js/page.js") == (
        f'import {{ grow }} from "{grow}"; const late = () => import("{late}");\n'
    )
    assert f'from "{late}"' in published(assets, tmp_path, "js/lib/grow.js")


def test_an_address_changes_with_the_file_and_with_what_the_file_names(publish, source):
    before = publish()
    before.refresh()
    (source / "js/lib/late.js").write_text("export const late = 2;\n")
    after = publish()
    changed = {"js/page.js", "js/lib/grow.js", "js/lib/late.js"}
    for name in {*changed, STYLESHEET, "css/alone.css", "img/dot.svg"}:
        assert (before.address(name) != after.address(name)) == (name in changed), name


@pytest.mark.parametrize("watch", [True, False])
def test_an_edited_file_shows_at_once_in_development_alone(watch, publish, source):
    assets = publish(watch=watch)
    before = assets.stylesheet()
    (source / "css/components/new.css").write_text(".new { margin: 0 }\n")
    assets.refresh()
    assert (assets.stylesheet() != before) == watch


def test_a_second_start_writes_nothing(publish, tmp_path):
    publish().refresh()

    def files():
        return {path: path.stat().st_mtime_ns for path in (tmp_path / "static").rglob("*")}

    before = files()
    publish().refresh()
    assert files() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "static"]


def test_many_processes_publish_at_once(source, tmp_path, publish):
    processes = multiprocessing.get_context("fork")
    begin, results = processes.Barrier(6), processes.Queue()

    def start():
        assets = Assets(source, tmp_path / "static", "/static", watch=False, headers={})
        begin.wait()
        results.put(assets.stylesheet())

    started = [processes.Process(target=start) for _ in range(6)]
    for process in started:
        process.start()
    assert {results.get(timeout=60) for _ in started} == {publish().stylesheet()}
    for process in started:
        process.join()
        assert process.exitcode == 0
    picture = tmp_path / publish().address("img/dot.svg").lstrip("/")
    assert picture.read_bytes() == (source / "img/dot.svg").read_bytes()
    assert brotli.decompress(picture.with_name(f"{picture.name}.br").read_bytes()) == picture.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "static"]


def test_a_folder_that_cannot_be_written_to_is_done_without(publish, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assets = publish(tmp_path / "file" / "static")
    assert assets.stylesheet() == publish().stylesheet()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "source", "static"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_file_can_only_be_asked_for(method, client):
    response = client.open("/static/css/tokens.css", method=method)
    assert response.status_code in (200, 400, 405)
    assert "Content-Security-Policy" in response.headers
    assert ":root" not in response.text


def test_production_serves_them_too(make_database):
    app = make_app(make_database(), ENV_NAME="production")
    sheet = stylesheet_of(app.test_client(), "br")
    dispose(app)
    assert sheet.status_code == 200
    assert sheet.headers["Content-Encoding"] == "br"
    assert sheet.headers["Cache-Control"] == FOREVER


def test_a_full_list_page_stays_small(client, make):
    tools, owner = make.category(slug="tools"), make.member()
    long = {"name": "A thing with a name as long as they come on the site, nearly"}
    for _ in range(25):
        make.listing(
            title="A listing with a title that is longer than most of those that are posted",
            category_id=tools.id,
            owner_id=owner.id,
            items=[long, long, {**long, "kind": "want"}, {**long, "kind": "want"}],
        )
    page = client.get("/categories/tools")
    assert page.text.count('<article class="card">') == 24
    assert len(page.data) + len(stylesheet_of(client, "br").data) < 60_000


def test_a_start_that_is_broken_off_leaves_no_file_without_its_copies(publish, tmp_path, monkeypatch):
    def end(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Compressor, "compress", end)
        with pytest.raises(KeyboardInterrupt):
            publish().refresh()
    assert [path for path in (tmp_path / "static").rglob("*") if path.is_file()] == []
    sheet = tmp_path / publish().stylesheet().lstrip("/")
    assert sheet.with_name(f"{sheet.name}.br").exists()
