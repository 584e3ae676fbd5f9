"""A folder with room for next to nothing."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgresql import ROOT


@contextmanager
def small_disk(place: Path) -> Iterator[str]:
    """Make `place` small, and yield what a shell must say before a command to make it feel that.

    It is a small file system when root may mount one, else a limit to the size of a file.
    """
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place]
    mounted = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        yield "" if mounted else "ulimit -f 200; "
    finally:
        if mounted:
            subprocess.run(["umount", place], check=True)


@contextmanager
def small_files(wanted: str) -> Iterator[None]:
    """Set that limit for this process, where `small_disk` could not mount a file system and says so."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if wanted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200 * 512, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def run_there(place: Path, before: str, words: list[str], url: str) -> subprocess.CompletedProcess[str]:
    """Run `flask …` with its backups going to such a folder."""
    return subprocess.run(
        ["sh", "-c", f'{before}exec "$0" -m flask "$@"', sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "tests", "BACKUP_DIR": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
