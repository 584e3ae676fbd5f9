"""docs/DEPLOYMENT.md, played from an empty server to the recovery from an emergency."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.guide.documents import read_blocks
from tests.guide.sandbox import DATABASE, RUNNING, Sandbox, open_sandbox, play
from tests.support.postgresql import ROOT, connect

BLOCKS = read_blocks(ROOT / "docs/DEPLOYMENT.md")
# What needs a machine of its own; `sudo -u postgres` and `sudo tee` do not.
ADMINISTRATION = re.compile(r"\b(useradd|systemctl|journalctl|nginx|pip install|install --mode)\b")


def release(sandbox: Sandbox) -> None:
    """Rows, and a release with one revision more in the repository that the site is fetched from."""
    sandbox.add_rows()
    sandbox.add_motto()
    sandbox.must(
        "git checkout --quiet -b release; git add migrations/versions marketplace;"
        " git commit --quiet --message 'Release 1.1'; git tag v1.1; git push --quiet origin v1.1;"
        " git checkout --quiet main; git tag --delete v1.1 >/dev/null; git branch --quiet -D release"
    )


def lost_rows(sandbox: Sandbox) -> None:
    sandbox.sql("DELETE FROM listings")


def nobody_connected(sandbox: Sandbox) -> None:
    sandbox.stop()
    with connect(sandbox.server.url) as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'")


STATES: dict[str, Callable[[Sandbox], None]] = {
    RUNNING: lambda _: None,
    "a site with rows, and release 1.1": release,
    "the site was started again": Sandbox.serve,
    "the rows of listings were lost by mistake": lost_rows,
    "nobody is connected": nobody_connected,
}


def begin(_sandbox: Sandbox) -> None:
    """The page takes nothing for granted."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path_factory.mktemp("deployment")) as sandbox:
        yield sandbox


@pytest.mark.soak
def test_the_whole_page_from_top_to_bottom(sandbox: Sandbox) -> None:
    for block in BLOCKS:
        if block.not_run is None:
            play(sandbox, block, STATES)


def test_every_state_is_used() -> None:
    assert {block.given for block in BLOCKS} - {None} == set(STATES)


def test_only_what_needs_a_machine_of_its_own_is_exempt(capsys: pytest.CaptureFixture[str]) -> None:
    for block in BLOCKS:
        if block.not_run is not None:
            assert len(block.not_run.split()) > 2, f"{block}: say why"
            assert ADMINISTRATION.search(block.commands), f"{block} could be run"
            with capsys.disabled():
                print(f"\nnot run: {block}: {block.not_run}")
