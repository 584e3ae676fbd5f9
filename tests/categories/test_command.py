"""`flask categories load`."""

import pytest

from marketplace.categories.command import STARTER_FILE


@pytest.fixture
def load(app, connection):
    return lambda file: app.test_cli_runner().invoke(args=["categories", "load", str(file)])


def test_the_starter_file_loads_twice_without_duplicates(load, rows):
    first = load(STARTER_FILE)
    assert first.exit_code == 0
    count = rows("SELECT count(*) FROM categories")[0][0]
    assert first.output == f"{count} categories added, 0 known already.\n"
    assert load(STARTER_FILE).output == f"0 categories added, {count} known already.\n"
    assert rows("SELECT count(*) FROM categories")[0][0] == count


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"\xff", "is not UTF-8 text."),
        (b"[Tools", "is not TOML"),
        (b"Tools = 1", "“Tools” is not a table"),
        (b'["a\\u0000b"]\n["' + b"x" * 81 + b'"]', "needs a name of 1 to 80 characters"),
    ],
)
def test_a_file_that_cannot_be_loaded_gets_one_sentence(source, sentence, load, tmp_path, rows):
    file = tmp_path / "categories.toml"
    file.write_bytes(source)
    result = load(file)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output
    assert rows("SELECT count(*) FROM categories")[0][0] == 0


def test_a_file_that_is_not_there_is_told(load, tmp_path):
    result = load(tmp_path / "nothing.toml")
    assert result.exit_code == 2
    assert "does not exist" in result.output
