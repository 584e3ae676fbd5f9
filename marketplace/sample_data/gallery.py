"""Stores the drawings that generated rows name, each when the first row names it."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from marketplace.pictures.images import encode
from marketplace.pictures.rules import WIDTHS
from marketplace.pictures.storage import Place, media
from marketplace.sample_data.drawings import SIZE, Drawing, all_drawings, draw
from marketplace.sample_data.rows import Batch

# The drawings are of few colours: more effort saves little.
EFFORT = 2


def with_files(batches: Iterable[Batch], seed: int) -> Iterator[Batch]:
    """Yield the batches, each as soon as the files of its pictures are stored.

    Files that are there from an earlier run with this seed stay. Raises StorageError.
    """
    place = media()
    waiting = {drawing.key: drawing for drawing in all_drawings(seed)}
    # Drawing and encoding happen outside of Python's lock.
    with ThreadPoolExecutor() as pool:
        for batch in batches:
            named = {picture.key for picture in batch.pictures} & waiting.keys()
            list(pool.map(partial(_store, place), [waiting.pop(key) for key in sorted(named)]))
            yield batch


def _store(place: Place, drawing: Drawing) -> None:
    there = place.open(drawing.key, f"{WIDTHS[0]}.webp")
    if there is not None:
        there.pieces.close()
        return
    place.save(drawing.key, encode(draw(drawing), *SIZE, WIDTHS, EFFORT))
