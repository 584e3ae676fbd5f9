"""No downtime: a release works on the schema of the next one, and on the last one's is not put in service.

So the schema is brought up first, and the code afterwards; going back, the code first. A revision may bring
what it likes. It takes away only what the code before it no longer uses, and its docstring names the
release in which that ended.
"""

import re

import pytest

from tests.releases.changes import change_of, read
from tests.releases.history import LATER, Release, releases, take_out
from tests.releases.visiting import Visit, failed, health, visits
from tests.support.migrations import make_project
from tests.support.operator import CHAIN, HEAD, read_script

# Landed, and naming no release: why the code before does not mind.
ACCEPTED = {
    "0019_verified_address": "the unique index whose place it takes refused more",
    "0056_reported_words": "the words that were allowed before are among those that are allowed",
}

ONE_AHEAD = (
    ("9001_motto", 'op.add_column("users", sa.Column("motto", sa.String(80), nullable=True))'),
    (
        "9002_mottos",
        'op.create_table("mottos", sa.Column("id", sa.BigInteger(), primary_key=True), '
        'sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False))',
    ),
    (
        "9003_motto_index",
        "with op.get_context().autocommit_block():\n"
        '        op.create_index("ix_users_motto", "users", ["motto"], postgresql_concurrently=True)',
    ),
)


def told(visits: list[Visit]) -> str:
    """Visits as an assertion shows them."""
    return "\n".join(
        f"{each.person} {each.method} {each.address}: {each.status} {each.error}" for each in visits
    )


def test_this_release_works_on_the_schema_of_the_next_one(tmp_path, make_database):
    project = make_project(tmp_path / "migrations", make_database())
    parent = HEAD
    for revision, up in ONE_AHEAD:
        project.add(revision, up, parents=parent)
        parent = revision
    project.flask("upgrade", "head")
    project.close()
    seen = visits(project.url)
    assert not failed(seen), told(failed(seen))
    assert health(seen) == {200}
    # It is not enough that nothing was tried.
    done = {each.endpoint for each in seen if each.status == 303}
    assert {"accounts.create_account", "posting.publish", "exchanges.propose", "reports.tell"} <= done


def test_on_the_schema_before_only_what_is_new_fails_and_it_is_not_put_in_service(make_database, template_at):
    seen = visits(make_database(template_at(CHAIN[-2])))
    brought = change_of(HEAD).brings
    assert not [each for each in failed(seen) if each.missed not in brought], told(failed(seen))
    assert health(seen) == {503}


@pytest.mark.parametrize("revision", LATER)
def test_a_revision_takes_away_only_what_a_release_named_there_stopped_to_use(revision):
    takes = change_of(revision).takes
    says = read_script().get_revision(revision).doc
    if revision in ACCEPTED:
        assert takes, f"{revision} takes nothing away"
    else:
        assert not takes or re.search(r"\brelease \d+\.\d+", says), "\n".join(takes)


@pytest.mark.parametrize(
    ("statement", "is_one"),
    [
        ("ALTER TABLE users DROP COLUMN about", True),
        ("ALTER TABLE users RENAME COLUMN about TO motto", True),
        ("ALTER TABLE users RENAME TO members", True),
        ("ALTER TABLE users ALTER COLUMN about SET NOT NULL", True),
        ("ALTER TABLE users ALTER COLUMN about TYPE VARCHAR(20)", True),
        ("ALTER TABLE users ADD COLUMN motto TEXT NOT NULL", True),
        ("ALTER TABLE users ADD CONSTRAINT short CHECK (length(about) < 20) NOT VALID", True),
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON users (about)", True),
        ("DROP TABLE users", True),
        ("ALTER TABLE users ADD COLUMN motto TEXT DEFAULT '' NOT NULL", False),
        ("ALTER TABLE users ADD COLUMN motto TEXT, ADD CONSTRAINT short CHECK (length(motto) < 20)", False),
        ("CREATE INDEX CONCURRENTLY ix ON users (about)", False),
        ("CREATE TABLE mottos (id BIGINT NOT NULL)", False),
        ("ALTER TABLE users ALTER COLUMN about DROP NOT NULL", False),
        ("ALTER TABLE users VALIDATE CONSTRAINT short", False),
    ],
)
def test_what_takes_something_away_is_known(statement, is_one):
    assert bool(read([statement]).takes) is is_one


def all_releases() -> list[Release | None]:
    """Those that brought revisions; None where the history is not there."""
    return list(releases()) or [None]


@pytest.mark.soak
@pytest.mark.parametrize("release", all_releases(), ids=lambda each: each and each.revisions[-1])
def test_the_release_before_works_on_the_schema_of_each(release, tmp_path, make_database, template_at):
    if release is None:
        pytest.skip("the project's history is not here")
    code = take_out(release.before, tmp_path)
    wrong = failed(visits(make_database(template_at(release.revisions[-1])), code))
    if wrong:
        # What fails on its own schema as well, the new one does not make fail.
        own = failed(visits(make_database(template_at(release.schema_before)), code))
        known = {(each.person, each.endpoint) for each in own}
        wrong = [each for each in wrong if (each.person, each.endpoint) not in known]
    assert not wrong, told(wrong)


@pytest.mark.soak
@pytest.mark.parametrize("release", all_releases(), ids=lambda each: each and each.revisions[-1])
def test_each_fails_on_the_schema_before_only_where_something_is_new(
    release, tmp_path, make_database, template_at
):
    if release is None:
        pytest.skip("the project's history is not here")
    before, code = take_out(release.before, tmp_path / "before"), take_out(release.commit, tmp_path / "code")
    seen = visits(make_database(template_at(release.schema_before)), code, filled_by=before)
    brought = set().union(*(change_of(each).brings for each in release.revisions))
    # A site that cannot count requests yet says itself that it is busy.
    wrong = [each for each in failed(seen) if each.missed not in brought and each.status != 503]
    assert not wrong, told(wrong)
    assert health(seen) == {503}
