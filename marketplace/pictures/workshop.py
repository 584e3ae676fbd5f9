"""Where files of members are opened: a process of its own for each, one at a time, so that pages go on."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore, Lock
from typing import IO, Any

from marketplace.pictures import rules
from marketplace.pictures.images import Refused, Variants

PROGRAM = Path(__file__).with_name("images.py")
# What a picture of 50 megapixels needs at worst.
MEMORY = 1_250_000_000
CPU_SECONDS = 15
PATIENCE_SECONDS = 30
# Of the threads of a web process, so many may be busy with pictures: the others keep answering.
PLACES = 2

_places = BoundedSemaphore(PLACES)
_bench = Lock()


@contextmanager
def place() -> Iterator[bool]:
    """Hold one of the few places for requests that bring pictures; yield False at once when all are taken."""
    taken = _places.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            _places.release()


def make_variants(data: bytes, memory: int = MEMORY, seconds: int = CPU_SECONDS) -> Variants:
    """Return the picture's variants, made in a process with so much memory and processor time.

    Raises Refused when it is no picture, or one that cannot be taken.
    """
    if len(data) > rules.FILE_MAXIMUM:
        raise Refused("too_big")
    settings = {
        "widths": rules.WIDTHS,
        "most_pixels": rules.PIXELS_MAXIMUM,
        "memory": memory,
        "seconds": seconds,
    }
    with _bench, TemporaryFile() as answer:
        status = _run(json.dumps(settings), data, answer)
        answer.seek(0)
        head = answer.readline()
        if status != 0:
            # Ended by a limit, or by a fault that the file brought about in a decoder.
            raise Refused("too_costly" if -status in (signal.SIGXCPU, signal.SIGKILL) else "broken")
        return _read(json.loads(head), answer)


def _run(settings: str, data: bytes, answer: IO[bytes]) -> int:
    """Let the program write its answer, and return its exit status; a negative one when it was killed."""
    with subprocess.Popen(
        # Isolated: it sees neither our settings nor a folder that others may write to.
        [sys.executable, "-I", str(PROGRAM), settings],
        stdin=subprocess.PIPE,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        env={"MALLOC_ARENA_MAX": "1"},
        cwd="/",
        # Ctrl-C is for the site, which then ends in its own time.
        process_group=0,
    ) as process:
        try:
            process.communicate(data, timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.returncode


def _read(head: dict[str, Any], answer: IO[bytes]) -> Variants:
    if "refused" in head:
        raise Refused(head["refused"])
    files = {name: answer.read(size) for name, size in head["files"]}
    return Variants(head["width"], head["height"], files)
