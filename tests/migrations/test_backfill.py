"""`op.backfill`: batches up and down, one update offline, and each row once however often it is killed."""

import threading

import pytest

from tests.support.migrations import Project, kill, wait_until
from tests.support.operator import HEAD
from tests.support.postgresql import connect

ROWS = 3000
TABLE = (
    "CREATE TABLE counters (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " counter int NOT NULL DEFAULT 0)"
)
COUNT = 'op.backfill("counters", set_="counter = counter + 1", batch={batch}, pause={pause})'
UNDO = 'op.backfill("counters", set_="counter = counter - 1", batch=1000)'
# Rows by how often they were changed.
TIMES = "SELECT counter, count(*) FROM counters WHERE id <= %s GROUP BY 1 ORDER BY 1"


def with_counters(project: Project, rows: int = ROWS) -> None:
    """Make a table outside of the chain, with rows."""
    project.rows(TABLE)
    project.rows("INSERT INTO counters (counter) SELECT 0 FROM generate_series(1, %s)", rows)


def noted(project: Project) -> list[tuple[str, int]]:
    """What the table beside the ledger holds."""
    if project.one("SELECT to_regclass('operations.backfill') IS NULL"):
        return []
    return project.rows("SELECT revision, done FROM operations.backfill")


def test_rows_are_changed_in_batches_up_and_down(project, spelling):
    with_counters(project)
    project.add("count", up=COUNT.format(batch=1000, pause=0), down=UNDO)
    batches = "SELECT count(DISTINCT xmin::text) FROM counters"
    for expected, way in ((1, ("upgrade", "head")), (0, ("downgrade", HEAD)), (1, ("upgrade", "head"))):
        said = project.run(spelling, *way, "--yes", "--no-backup").stdout
        assert "1 migration" in said
        assert project.rows(TIMES, ROWS) == [(expected, ROWS)]
        assert project.one(batches) == 3
        # Once the revision is recorded, nothing says any more that it is done.
        assert noted(project) == []


def test_only_rows_of_the_condition_are_changed(project):
    with_counters(project, 10)
    project.rows('CREATE TABLE "Odd name" ("a:b" text, n int, word text, PRIMARY KEY ("a:b", n))')
    project.rows(
        "INSERT INTO \"Odd name\" SELECT 'k' || n % 3, n, 'W:x%%' || n FROM generate_series(1, 20) n"
    )
    project.add(
        "words",
        up="op.backfill('Odd name', set_=\"word = lower(word)::text || ':ok%'\","
        " where=\"word LIKE 'W:x%' AND n > 5\", batch=4)",
    )
    project.flask("upgrade", "head", "--no-backup")
    assert project.one("SELECT count(*) FROM \"Odd name\" WHERE word LIKE 'w:x%%:ok%%' AND n > 5") == 15
    assert project.one("SELECT count(*) FROM \"Odd name\" WHERE word LIKE 'W:x%%' AND n <= 5") == 5


def test_table_without_rows_is_done_at_once(project):
    with_counters(project, 0)
    project.add("count", up=COUNT.format(batch=10, pause=60))
    assert "1 migration" in project.flask("upgrade", "head")


def test_offline_it_is_one_update(project, spelling):
    project.add(
        "count",
        up='op.backfill("listings", set_="title = title", where="title <> \'a:b%\'", batch=7)',
    )
    said = project.run(spelling, "upgrade", f"{HEAD}:count", "--sql").stdout
    assert (
        "-- In batches of 7 rows, each committed, when it is run and not printed.\n"
        "UPDATE listings SET title = title WHERE title <> 'a:b%';\n"
    ) in said


def kill_half_way(project: Project, times: int, spelling: str = "flask") -> None:
    """Start the upgrade so many times, and kill each when it has done a batch more."""
    for _ in range(times):
        before = dict(noted(project)).get("count", 0)
        process = project.start(spelling, "upgrade", "head", "--no-backup")
        wait_until(lambda before=before: dict(noted(project)).get("count", 0) > before, process)
        kill(process)


class Writer:
    """A site that goes on: it inserts rows, and changes those there are in another column's stead."""

    def __init__(self, url: str) -> None:
        self.url, self.inserted, self.stop = url, 0, threading.Event()
        self.thread = threading.Thread(target=self._write)

    def __enter__(self) -> "Writer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()

    def _write(self) -> None:
        with connect(self.url) as cursor:
            while not self.stop.wait(0.002):
                # What is there is locked and written anew, by turns ahead of the backfill and behind it.
                cursor.execute(
                    "UPDATE counters SET counter = counter WHERE id = 1 + %s", [self.inserted * 37 % ROWS]
                )
                cursor.execute("INSERT INTO counters (counter) VALUES (0)")
                self.inserted += 1


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_killed_again_and_again_it_changes_each_row_once(project, times):
    with_counters(project)
    project.add("count", up=COUNT.format(batch=20, pause=0.02))
    with Writer(project.url) as writer:
        kill_half_way(project, times)
        assert project.at() == HEAD
        said = project.flask("upgrade", "head", "--no-backup")
    assert "The backfill of counters goes on after " in said
    assert project.at() == "count"
    assert project.rows(TIMES, ROWS) == [(1, ROWS)]
    # What came later is not waited for; a default has to see to it.
    assert writer.inserted > 0


def test_two_in_one_revision_are_told_apart(project):
    """Killed in the second, the first is not done again."""
    with_counters(project, 200)
    project.add(
        "count",
        up=f"{COUNT.format(batch=200, pause=0)}\n{COUNT.format(batch=10, pause=0.05)}",
    )
    process = project.start("flask", "upgrade", "head", "--no-backup")
    wait_until(lambda: len([done for _, done in noted(project) if done]) == 2, process)
    kill(process)
    project.flask("upgrade", "head", "--no-backup")
    assert project.rows(TIMES, 200) == [(2, 200)]
