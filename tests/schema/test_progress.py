"""What takes long is told, what is quick is not."""

import threading
from contextlib import suppress

from marketplace.schema.progress import Progress


def test_what_is_quick_says_nothing(capsys):
    with Progress(patience=60) as progress:
        progress("Counting", 0.5)
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_says_each_stage_once_without_a_terminal(capsys):
    shown = threading.Event()
    progress = Progress(patience=0)
    original = progress._timer.function
    progress._timer.function = lambda: (original(), shown.set())
    with progress:
        assert shown.wait(30)
        progress("Counting", 0.1)
        progress("Counting: users", 0.2)
        progress("Dumping")
    assert capsys.readouterr().err == "Counting …\nDumping …\n"


def test_on_a_terminal_it_draws_one_line_and_takes_it_away(monkeypatch):
    import os
    import pty

    monkeypatch.setenv("COLUMNS", "100")
    terminal, end = pty.openpty()
    shown = threading.Event()
    with os.fdopen(end, "w") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        progress = Progress(patience=0)
        original = progress._timer.function
        progress._timer.function = lambda: (original(), shown.set())
        with progress:
            progress("Dumping", 0.5)
            assert shown.wait(30)
            progress("Dumping", 0.9)
    pieces = []
    # What was written comes in pieces; at its end the terminal is gone, which is an error to the reader.
    with suppress(OSError):
        while piece := os.read(terminal, 100_000):
            pieces.append(piece)
    os.close(terminal)
    written = b"".join(pieces).decode()
    assert "Dumping" in written
    assert "left:" in written
    assert written.rstrip().endswith("\x1b[2K")
