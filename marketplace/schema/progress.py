"""Says on the terminal what is being done, once it has taken longer than a second."""

import sys
import threading
from types import TracebackType
from typing import Any, Self

PATIENCE_SECONDS = 1.0


class Progress:
    """A context that is called with the stage and the share done (0 to 1, None when it is not known).

    A terminal gets one line with a bar and the time left, which goes away in the end; a file gets one line
    a stage.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._lock = threading.Lock()
        self._timer = threading.Timer(patience, self._show)
        self._timer.daemon = True
        self._stage = ""
        self._told = ""
        self._share: float | None = None
        self._shown = False
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, stage: str, share: float | None = None) -> None:
        """Tell what is being done now."""
        with self._lock:
            self._stage, self._share = stage, share
            if self._shown:
                self._draw()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the line away, before a question or the result."""
        self._timer.cancel()
        with self._lock:
            self._shown = False
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def _show(self) -> None:
        with self._lock:
            self._shown = True
            if sys.stderr.isatty():
                # rich is loaded only now: most commands are over before.
                from rich.console import Console
                from rich.progress import (
                    BarColumn,
                    SpinnerColumn,
                    TextColumn,
                    TimeElapsedColumn,
                    TimeRemainingColumn,
                )
                from rich.progress import Progress as Bar

                self._bar = Bar(
                    SpinnerColumn(),
                    TextColumn("{task.description}"),
                    BarColumn(bar_width=24),
                    TimeElapsedColumn(),
                    TextColumn("left:"),
                    TimeRemainingColumn(),
                    console=Console(stderr=True),
                    transient=True,
                )
                self._task = self._bar.add_task(self._stage, total=None)
                self._bar.start()
            self._draw()

    def _draw(self) -> None:
        if self._bar is not None:
            share = self._share
            self._bar.update(
                self._task,
                description=self._stage,
                total=None if share is None else 1.0,
                completed=share or 0.0,
            )
            return
        # A log gets what is done, not how far it is: that stands after the colon.
        stage = self._stage.partition(":")[0]
        if stage and stage != self._told:
            self._told = stage
            print(f"{stage} …", file=sys.stderr, flush=True)
