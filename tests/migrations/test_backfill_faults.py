"""What a backfill refuses, gives way to and survives, each with what only looks like it."""

import pytest

from tests.migrations.test_backfill import COUNT, ROWS, TIMES, UNDO, kill_half_way, noted, with_counters
from tests.support.operator import HEAD
from tests.support.postgresql import connect

UP = COUNT.format(batch=1000, pause=0)
REFUSED = {
    "batch": (
        COUNT.format(batch=0, pause=0),
        "The backfill of counters has batches of 0 rows: batch must be 1 or more.",
    ),
    "pause": (
        COUNT.format(batch=1, pause=-1),
        "The backfill of counters pauses for -1 s: pause must not be negative.",
    ),
    "changed before": (
        f'op.execute("INSERT INTO counters (counter) VALUES (7)")\n{UP}',
        "count changes something before its backfill of counters, which would be committed without it: "
        "give the backfill a revision of its own.",
    ),
}


@pytest.mark.parametrize(("up", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_in_a_sentence(project, spelling, up, said):
    with_counters(project, 10)
    project.add("count", up=up)
    assert said in project.run(spelling, "upgrade", "head", "--no-backup", status=1).stderr
    assert project.at() == HEAD
    assert project.rows(TIMES, 99) == [(0, 10)]


def test_table_without_primary_key_is_refused(project):
    with_counters(project, 10)
    project.rows("ALTER TABLE counters DROP CONSTRAINT counters_pkey")
    project.add("count", up=UP)
    said = project.flask("upgrade", "head", "--no-backup", status=1)
    assert "counters has no primary key, by which a backfill tells how far it is: use op.execute" in said
    # The harmless twin: a key of another name.
    project.rows("ALTER TABLE counters ADD CONSTRAINT the_key PRIMARY KEY (id)")
    assert "1 migration" in project.flask("upgrade", "head", "--no-backup")


def test_what_only_read_before_it_is_no_matter(project):
    """The harmless twin of a change before it; one after it is no matter either."""
    with_counters(project, 10)
    read = 'op.get_bind().execute(sa.text("SELECT count(*) FROM counters")).scalar()'
    project.add("count", up=f'{read}\n{UP}\nop.execute("UPDATE counters SET counter = counter + 4")')
    project.flask("upgrade", "head", "--no-backup", "--yes")
    assert project.rows(TIMES, 10) == [(5, 10)]


def test_row_that_is_locked_is_waited_for(project, spelling):
    with_counters(project)
    project.add("count", up=COUNT.format(batch=500, pause=0))
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE counters SET counter = counter + 10 WHERE id = 1700")
        process = project.start(spelling, "upgrade", "head", "--no-backup")
        assert "No backup" in process.stderr.readline()
        assert "gives way to another session's lock" in process.stderr.readline()
        assert noted(project) == [("count", 1500)]
        # Nobody who wants a row of the batch queues behind it for long.
        with connect(project.url) as visitor:
            visitor.execute("SET statement_timeout = '5s'")
            visitor.execute("UPDATE counters SET counter = counter WHERE id = 1699")
        cursor.execute("COMMIT")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert project.rows(TIMES, ROWS) == [(1, ROWS - 1), (11, 1)]


def test_row_that_stays_locked_ends_it_and_what_was_done_stays(project):
    with_counters(project)
    project.add("count", up=COUNT.format(batch=500, pause=0))
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE counters SET counter = counter WHERE id = 1700")
        said = project.flask(
            "upgrade", "head", "--no-backup", status=1, MIGRATION_LOCK_PATIENCE_SECONDS="0.5"
        )
    assert "count was held up for 0.5 s in its backfill of counters" in said
    assert "1,500 rows stay done" in said
    assert project.at() == HEAD
    assert "goes on after 1,500 of 3,000 rows" in project.flask("upgrade", "head", "--no-backup")
    assert project.rows(TIMES, ROWS) == [(1, ROWS)]


def test_row_that_cannot_be_changed_ends_it_and_what_was_done_stays(project):
    with_counters(project)
    project.rows("ALTER TABLE counters ADD CONSTRAINT ck CHECK (id <> 1700 OR counter = 0)")
    project.add("count", up=COUNT.format(batch=500, pause=0))
    said = project.flask("upgrade", "head", "--no-backup", status=1)
    assert "count stopped in its backfill of counters after 1,500 rows, which stay done: new row" in said
    assert project.at() == HEAD
    project.rows("ALTER TABLE counters DROP CONSTRAINT ck")
    project.flask("upgrade", "head", "--no-backup")
    assert project.rows(TIMES, ROWS) == [(1, ROWS)]


def test_words_changed_half_way_are_refused(project):
    with_counters(project)
    project.add("count", up=COUNT.format(batch=20, pause=0.02))
    kill_half_way(project, 1)
    before = project.edit("count", "counter + 1", "counter + 2")
    said = project.flask("upgrade", "head", "--no-backup", status=1)
    assert "rows with other words (UPDATE counters SET counter = counter + 1): put them back" in said
    # The harmless twin: how large the batches are is no part of what is done.
    project.file("count").write_text(before.replace("batch=20", "batch=700").replace("0.02", "0"))
    project.flask("upgrade", "head", "--no-backup")
    assert project.rows(TIMES, ROWS) == [(1, ROWS)]


def test_a_backup_made_before_is_restored_half_way_and_nothing_is_left_out(project, tmp_path):
    """How far it was belongs to the rows that were there then, not to those that came back."""
    with_counters(project)
    project.flask("backup")
    project.add("count", up=COUNT.format(batch=20, pause=0.02))
    kill_half_way(project, 1)
    [backup] = (tmp_path / "backups").glob("*.dump")
    project.close()
    project.run("flask", "restore", str(backup), "--yes", own_folder=False)
    project.close()
    assert noted(project) == []
    assert project.rows(TIMES, ROWS) == [(0, ROWS)]
    project.flask("upgrade", "head", "--no-backup")
    assert project.rows(TIMES, ROWS) == [(1, ROWS)]
    # Other workers' tests leave some on this server, too.
    of_this = "SELECT datname FROM pg_database WHERE starts_with(datname, current_database() || '_before_')"
    for (kept,) in project.rows(of_this):
        project.run("flask", "discard", kept, "--yes", own_folder=False)


def test_a_revision_stamped_half_way_is_forgotten(project):
    """Whoever stamps says that it is done: going down and up again, it is begun anew."""
    with_counters(project)
    project.add("count", up=COUNT.format(batch=20, pause=0.02))
    kill_half_way(project, 1)
    project.flask("stamp", "head")
    assert noted(project) == []


def test_a_rehearsal_carries_it_out_on_its_copy(project):
    with_counters(project)
    project.add("count", up=COUNT.format(batch=1000, pause=0), down=UNDO)
    assert "changes 1,000 rows of counters" in project.flask("rehearse")
    assert project.rows(TIMES, ROWS) == [(0, ROWS)]
