"""`/health/details` and `/metrics`: what the operators know, for whoever has the token and nobody else."""

import re
import socket

import pytest

from tests.conftest import dispose, make_app, new_client
from tests.support.operator import CHAIN, HEAD, Operator
from tests.support.postgresql import connect

TOKEN = "0123456789abcdef0123456789abcdef"
PATHS = ("/health/details", "/metrics")
SAMPLE = re.compile(r'kula_\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? -?[\d.e+]+')


@pytest.fixture
def site(make_database):
    """The application with a token, on a database of its own."""
    app = make_app(make_database(), HEALTH_TOKEN=TOKEN)
    yield app
    dispose(app)


def ask(app, path, authorization=f"Bearer {TOKEN}"):
    headers = {"Authorization": authorization} if authorization is not None else {}
    return new_client(app).get(path, headers=headers)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}0",
        f"Bearer {TOKEN.upper()}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \u00fc",
        "Bearer None",
    ],
)
def test_without_the_token_there_is_no_such_page(site, path, authorization):
    refused, nowhere = ask(site, path, authorization), ask(site, "/nowhere", authorization)
    assert refused.status_code == nowhere.status_code == 404
    assert refused.text.replace(path, "") == nowhere.text.replace("/nowhere", "")
    assert {name for name, _ in refused.headers} == {name for name, _ in nowhere.headers}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("authorization", [None, f"Bearer {TOKEN}", "Bearer ", "Bearer None"])
def test_without_a_token_in_the_settings_there_is_none_for_anybody(committing_app, path, authorization):
    assert ask(committing_app, path, authorization).status_code == 404


def test_with_the_token_it_is_the_record_of_the_command(site):
    answer = ask(site, "/health/details")
    assert answer.status_code == 200
    assert "no-cache" in answer.headers["Cache-Control"] or "no-store" in answer.headers["Cache-Control"]
    record = answer.get_json()
    assert (record["code"], record["verdict"], record["current"], record["heads"]) == (
        0,
        "fine",
        HEAD,
        [HEAD],
    )
    assert (record["drift"], record["pending"], record["checksums"]) == ([], [], [])
    assert record["last_step"]["revision"] == HEAD


def test_what_differs_is_in_both(site):
    Operator(site).must("downgrade", "-1")
    with connect(Operator(site).url) as cursor:
        cursor.execute("CREATE INDEX ix_spare ON listings (title)")
    record = ask(site, "/health/details").get_json()
    assert record["code"] == 3
    assert record["drift"] == ["added index ix_spare"]
    assert [(each["revision"], each["risks"]) for each in record["pending"]] == [(HEAD, None)]
    samples = metrics(site)
    assert samples["kula_schema_status"] == "3"
    assert samples["kula_schema_drift_changes"] == "1"
    assert samples["kula_schema_pending_revisions"] == "1"
    assert samples[f'kula_schema_info{{revision="{CHAIN[-2]}",head="{HEAD}"}}'] == "1"
    assert samples["kula_step_last_ok"] == "1"
    assert "kula_backup_last_timestamp_seconds" not in samples


def metrics(app) -> dict[str, str]:
    """The samples by name, each of which Prometheus can read."""
    answer = ask(app, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.endswith("\n")
    lines = answer.text.splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples), samples
    named = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert named == [re.split(r"[{ ]", line)[0] for line in samples]
    return dict(line.rsplit(" ", 1) for line in samples)


def test_a_database_that_is_away_is_said(make_database):
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    app = make_app(f"postgresql://kula:secret@127.0.0.1:{closed}/kula", HEALTH_TOKEN=TOKEN)
    answer = ask(app, "/health/details")
    assert (answer.status_code, answer.get_json()) == (503, {"verdict": "database unreachable"})
    assert metrics(app) == {"kula_database_up": "0"}
    dispose(app)


def test_a_locked_table_holds_it_up_for_a_moment_only(site):
    with connect(Operator(site).url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE listings IN ACCESS EXCLUSIVE MODE")
        record = ask(site, "/health/details").get_json()
        assert (record["drift"], record["drift_unknown"]) == (None, "another session keeps a table locked")
        assert "kula_schema_drift_changes" not in metrics(site)
        cursor.execute("ROLLBACK")
    assert ask(site, "/health/details").get_json()["drift"] == []


def test_it_writes_nothing_and_is_open_while_the_site_is_closed(site):
    runner = site.test_cli_runner()
    assert runner.invoke(args=["maintenance", "on", "--for", "30m"]).exit_code == 0
    answer = ask(site, "/metrics")
    assert answer.status_code == 200
