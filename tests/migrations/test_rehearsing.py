"""`flask db rehearse` as a command: what it prints, refuses and leaves, and what `upgrade` makes of it."""

import re

import pytest
from sqlalchemy.engine import make_url

from marketplace.schema.scratch import LOCK
from tests.migrations.test_rehearsal import NO_HURRY, TABLES, rehearse, scratches, sql
from tests.support.killed import run_killed
from tests.support.migrations import Project, make_project, wait_until
from tests.support.operator import HEAD
from tests.support.postgresql import Server, connect, drop_database, run_project_command

REWRITE = sql(
    "ALTER TABLE things ALTER COLUMN id TYPE bigint", "UPDATE things SET kind = 'other' WHERE id < 4"
)
BACK = sql("UPDATE things SET kind = 'same'", "ALTER TABLE things ALTER COLUMN id TYPE int")


@pytest.fixture
def site(project: Project) -> Project:
    """The project on a database with rows in tables that the revisions change."""
    project.add_member()
    project.rows(TABLES)
    return project


def test_it_says_of_each_statement_what_it_did(site):
    site.add("bigger", up=REWRITE, down=BACK, title="Let there be more things.")
    said = site.run("flask", "rehearse", **NO_HURRY).stdout
    assert re.match(r"On a copy of \w+, made in [\d.]+ s: [\d,]+ rows in \d+ tables\n", said)
    assert "\nbigger   Let there be more things.\n" in said
    assert re.search(
        r"""  up        [\d.]+ s
    [\d.]+ s  ALTER TABLE things ALTER COLUMN id TYPE bigint
(            .*\n)*?            locks things: ACCESS EXCLUSIVE, held [\d.]+ s
(            .*\n)*?            writes things anew
(            .*\n)*?    [\d.]+ s  UPDATE things SET kind = 'other' WHERE id < 4
(            .*\n)*?            changes 3 rows of things
(            .*\n)*?  down      [\d.]+ s
""",
        said,
    )
    assert re.search(r"\n  on the site a reader would wait up to [\d.]+ s, a writer up to [\d.]+ s\n", said)
    assert "\n  note    works through: writes anew all 5 rows of things, locked against reading and" in said
    assert said.endswith(f"{HEAD} → bigger: 1 revision, no danger was found.\n")


def test_it_says_what_the_way_down_drops_and_what_it_does_not_bring_back(site):
    site.add(
        "motto",
        up=sql("ALTER TABLE things ADD COLUMN motto text", "UPDATE things SET kind = id, motto = kind"),
        down=sql("ALTER TABLE things DROP COLUMN motto"),
    )
    told = rehearse(site)
    [revision] = told["revisions"]
    assert revision["way_down"] == ["drops the column things.motto: 5 values"]
    assert [(each["kind"], each["says"]) for each in revision["findings"] if each["danger"]] == [
        ("not restored", "the rows of things are others after going down: 5 with other values")
    ]
    assert told["dangers"] == 1


def test_several_revisions_are_rehearsed_each_on_top_of_the_other_until_one_fails(site):
    site.add("first", up=sql("CREATE TABLE extra (id int)"), down=sql("DROP TABLE extra"))
    site.add("second", up=sql("INSERT INTO extra VALUES (1)"), down=sql("DELETE FROM extra"), parents="first")
    site.add("third", up=sql("SELECT 1 / 0"), parents="second")
    site.add("fourth", up=sql("CREATE TABLE more (id int)"), parents="third")
    assert [each["revision"] for each in rehearse(site, "+1")["revisions"]] == ["first"]
    told = rehearse(site)
    assert [each["revision"] for each in told["revisions"]] == ["first", "second", "third"]
    assert told["revisions"][1]["findings"] == []
    assert told["revisions"][2]["findings"] == [
        {
            "kind": "fails",
            "says": "Upgrade of third failed and was rolled back: division by zero (third.py, line 13)",
            "danger": True,
        }
    ]


def test_whoever_waits_longer_than_a_migration_may_have_them_wait_is_told(site):
    site.add("slow", up=sql("LOCK TABLE things", "UPDATE parts SET id = id", "SELECT pg_sleep(0.4)"))
    [revision] = rehearse(site, MIGRATION_LOCK_TIMEOUT_MS="300")["revisions"]
    kinds = {finding["kind"]: finding["says"] for finding in revision["findings"] if finding["danger"]}
    assert re.fullmatch(r"whoever reads things waits up to \d\.\d s", kinds["stops readers"])
    assert re.fullmatch(r"whoever writes to things waits up to \d\.\d s", kinds["stops writers"])
    assert revision["waits"]["reader"] >= 0.4
    assert revision["up"]["rows_held"]["parts"] >= 0.4


def test_whoever_changes_the_same_rows_waits_until_the_end(site):
    site.add("slow", up=sql("UPDATE parts SET id = id", "SELECT pg_sleep(0.4)"))
    [revision] = rehearse(site, MIGRATION_LOCK_TIMEOUT_MS="300")["revisions"]
    assert [finding["kind"] for finding in revision["findings"]] == ["stops writers"]
    assert "whoever changes one of the same rows of parts waits up to" in revision["findings"][0]["says"]


def test_locks_are_seen_outside_of_a_transaction_too_and_held_for_one_statement_each(site):
    site.add(
        "batches",
        up="""\
with op.get_context().autocommit_block():
    op.execute("CREATE INDEX ix_name ON things (name)")
    op.execute("UPDATE parts SET id = id")
    op.execute("CREATE INDEX CONCURRENTLY ix_kind ON things (kind)")
    op.execute("SELECT pg_sleep(0.4)")""",
        down=sql("DROP INDEX ix_name", "DROP INDEX ix_kind"),
    )
    [revision] = rehearse(site)["revisions"]
    build, update, concurrent, _ = revision["up"]["statements"]
    assert build["locks"] == {"things": "ShareLock"}
    assert (update["locks"], update["written"]) == ({"parts": "RowExclusiveLock"}, {"parts": 5})
    assert concurrent["locks"] == {}
    assert revision["up"]["held"]["things"]["ShareLock"] < 0.4
    assert revision["up"]["rows_held"]["parts"] < 0.4


def test_the_site_and_its_folder_of_backups_stay_as_they_are(site):
    site.add("bigger", up=REWRITE, down=BACK)
    rehearse(site)
    assert site.at() == HEAD
    assert scratches(site) == []
    assert [path for path in (site.folder.parent / "backups").glob("*") if path.name != ".keep"] == []
    assert site.logged()[-1] == ("rehearsal", "bigger")
    assert "Nothing is pending" not in site.flask("check", status=1)


# What upgrade makes of it.


def test_upgrade_says_what_was_expected_beside_what_happened(site):
    site.add("bigger", up=REWRITE, down=BACK)
    rehearse(site)
    said = site.run("flask", "upgrade", "head").stderr
    course = r"[\d.]+ s, readers [\d.]+ s, writers [\d.]+ s, 3 rows, things written anew\n"
    assert re.search(
        rf"\nbigger\n  rehearsed on \d{{4}}-\d\d-\d\d \d\d:\d\d: {course}  happened: {course}", said
    )
    detail = site.one("SELECT detail FROM operations.ledger WHERE action = 'upgrade' AND revision = 'bigger'")
    for side in ("expected", "happened"):
        assert (detail[side]["written"], detail[side]["rewritten"]) == (3, ["things"])
        assert detail[side]["reader"] > 0
    site.flask("downgrade", "-1", "--yes")


def test_rows_changed_outside_of_a_transaction_are_counted_on_the_site_too(site):
    site.add(
        "batches",
        up="""\
with op.get_context().autocommit_block():
    op.execute("UPDATE parts SET id = id WHERE id < 3")
    op.execute("INSERT INTO places VALUES (9)")""",
        down=sql("DELETE FROM places WHERE id = 9"),
    )
    rehearse(site)
    site.flask("upgrade", "head")
    detail = site.one(
        "SELECT detail FROM operations.ledger WHERE action = 'upgrade' AND revision = 'batches'"
    )
    assert detail["expected"]["written"] == detail["happened"]["written"] == 3


def test_a_revision_may_go_back_to_a_savepoint_on_the_copy_and_on_the_site(site):
    site.add(
        "careful",
        up="""\
bind = op.get_bind()
try:
    with bind.begin_nested():
        bind.execute(sa.text("UPDATE parts SET id = 1"))
except sa.exc.IntegrityError:
    bind.execute(sa.text("INSERT INTO places VALUES (9)"))""",
        down=sql("DELETE FROM places WHERE id = 9"),
    )
    [revision] = rehearse(site)["revisions"]
    assert revision["findings"] == []
    assert [each["written"] for each in revision["up"]["statements"]] == [{"places": 1}]
    site.flask("upgrade", "head", "--yes")
    assert site.one("SELECT count(*) FROM places") == 2


def test_a_table_that_is_written_anew_outside_of_a_transaction_was_locked_meanwhile(site):
    site.add("tidied", up='with op.get_context().autocommit_block():\n    op.execute("VACUUM (FULL) things")')
    [revision] = rehearse(site)["revisions"]
    assert revision["up"]["statements"][0]["rewritten"] == ["things"]
    assert revision["waits"]["reader"] == revision["up"]["statements"][0]["seconds"] > 0
    assert [finding["kind"] for finding in revision["findings"]] == ["works through"]


def test_a_rehearsal_that_another_version_kept_is_passed_over(site):
    site.add("bigger", up=REWRITE, down=BACK)
    rehearse(site)
    site.rows(
        "UPDATE operations.ledger SET detail ="
        " jsonb_set(detail, '{rehearsal,revisions,0,up}', '{\"took\": 1}') WHERE action = 'rehearsal'"
    )
    assert "rehearsed on" not in site.run("flask", "upgrade", "head").stderr


def test_a_failure_outside_of_a_transaction_is_told(site):
    site.add(
        "unique",
        up="""\
with op.get_context().autocommit_block():
    op.execute("CREATE UNIQUE INDEX ix_kind ON things (kind)")""",
    )
    [revision] = rehearse(site)["revisions"]
    assert [finding["kind"] for finding in revision["findings"]] == ["fails"]
    assert 'could not create unique index "ix_kind"' in revision["findings"][0]["says"]


def test_a_rehearsal_of_another_text_lets_expect_nothing(site):
    site.add("bigger", up=REWRITE, down=BACK)
    rehearse(site)
    site.edit("bigger", "id < 4", "id < 3")
    assert "rehearsed on" not in site.run("flask", "upgrade", "head").stderr
    assert "expected" not in site.one(
        "SELECT detail FROM operations.ledger WHERE action = 'upgrade' AND revision = 'bigger'"
    )


# What it refuses.


def test_without_anything_pending_there_is_nothing_to_rehearse(site):
    assert site.run("flask", "rehearse").stdout == "Nothing is pending, so there is nothing to rehearse.\n"
    assert rehearse(site) == {"revisions": [], "dangers": 0}


def test_a_target_below_and_one_that_does_not_exist_are_refused(site):
    site.add("bigger", up=REWRITE, down=BACK)
    assert "-1 leads down." in site.flask("rehearse", "-1", status=1)
    assert "There is no revision nowhere" in site.flask("rehearse", "nowhere", status=1)


def test_files_that_are_not_as_they_were_applied_are_refused(site):
    site.flask("stamp", "head")
    site.add("bigger", up=REWRITE, down=BACK)
    site.edit("ecee305c0829", "String(length=120)", "String(length=99)")
    assert "Migration checksum mismatch" in site.flask("rehearse", status=1)


def test_a_role_that_may_not_create_databases_is_told_so(site, server: Server, worker_id_or_main, tmp_path):
    name = f"kula_{worker_id_or_main}_meek"
    with connect(server.url) as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN")
        cursor.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0")
    url = make_url(server.url_of(name)).set(username=name, password=None).render_as_string()
    meek = make_project(tmp_path / "meek" / "migrations", url)
    try:
        meek.flask("upgrade", "head")
        meek.add("first", up=sql("CREATE TABLE extra (id int)"), down=sql("DROP TABLE extra"))
        said = meek.flask("rehearse", status=1)
        assert (
            f"The role {name} may not create databases, and a copy of {name} needs one for a while." in said
        )
        with connect(server.url) as cursor:
            cursor.execute(f"ALTER ROLE {name} CREATEDB")
        assert "no danger was found" in meek.flask("rehearse", **NO_HURRY)
    finally:
        meek.close()
        drop_database(server, name)
        with connect(server.url) as cursor:
            cursor.execute(f"DROP ROLE {name}")


def test_the_copies_of_a_killed_rehearsal_go_with_the_next_one(site, server: Server):
    site.add("bigger", up=REWRITE, down=BACK)
    folder = str(site.folder)
    run_killed(
        "after",
        "marketplace.schema.findings:compare",
        "db",
        "rehearse",
        "-d",
        folder,
        database_url=site.url,
        **site.environment,
    )
    assert len(scratches(site)) == 2

    def nobody_holds_a_lock() -> bool:
        with connect(server.url) as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE classid = %s", [LOCK])
            return cursor.fetchone()[0] == 0

    wait_until(nobody_holds_a_lock)
    rehearse(site)
    assert scratches(site) == []


@pytest.mark.parametrize("command", ["backup", "rehearse"])
def test_each_command_explains_itself_with_two_examples(command):
    said = run_project_command("flask", "db", command, "--help", database_url="postgresql:///nothing").stdout
    assert len(re.findall(rf"^  +flask db {command}\b", said.partition("Examples:")[2], re.MULTILINE)) == 2
