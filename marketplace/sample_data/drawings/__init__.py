"""Drawings in the place of photographs: for each category a few things that lie in it, in some variety.

A drawing is the same for the same thing, number and seed, and so is the key of its files.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from PIL import Image

from marketplace.sample_data.drawings import home_things, outdoor_things, play_things, workshop_things
from marketplace.sample_data.drawings.easel import HEIGHT, KEPT, WIDTH, Easel
from marketplace.sample_data.drawings.palettes import PALETTES
from marketplace.sample_data.drawings.room import furnish

# How many drawings there are of each thing.
VARIETY = 3
SIZE = (WIDTH * KEPT, HEIGHT * KEPT)

THINGS: dict[str, Callable[[Easel], None]] = {
    name.replace("_", " "): thing
    for module in (workshop_things, home_things, play_things, outdoor_things)
    for name, thing in vars(module).items()
    if callable(thing) and getattr(thing, "__module__", "") == module.__name__
}
# A category's things, by its own name or by that of one above it.
THINGS_IN = {
    "tools and workshop": ("hammer", "saw", "toolbox"),
    "power tools": ("drill", "toolbox"),
    "drills": ("drill",),
    "saws": ("saw",),
    "ladders and decorating": ("ladder",),
    "garden and plants": ("plant", "watering can", "spade"),
    "garden tools": ("spade", "watering can"),
    "plants": ("plant",),
    "pots and garden furniture": ("bench", "plant"),
    "kitchen and dining": ("pot", "kettle", "cup"),
    "small appliances": ("kettle",),
    "pots, pans and bakeware": ("pot",),
    "tableware": ("cup", "kettle"),
    "home and furniture": ("chair", "lamp", "shelf"),
    "tables and chairs": ("chair",),
    "shelves and storage": ("shelf",),
    "lamps and decoration": ("lamp", "plant"),
    "cleaning and laundry": ("bucket",),
    "books, films and records": ("books", "record"),
    "books": ("books",),
    "films and records": ("record",),
    "games and puzzles": ("dice", "controller"),
    "board games and puzzles": ("dice",),
    "video games": ("controller",),
    "children and babies": ("bear", "blocks", "pram"),
    "toys": ("bear", "blocks"),
    "baby equipment": ("pram",),
    "children's clothes": ("shirt", "shoe"),
    "clothes and accessories": ("shirt", "shoe", "handbag"),
    "women's clothes": ("shirt",),
    "men's clothes": ("shirt",),
    "shoes and bags": ("shoe", "handbag"),
    "electronics": ("laptop", "speaker", "camera"),
    "computers and phones": ("laptop",),
    "audio and hi-fi": ("speaker", "record"),
    "cameras": ("camera",),
    "music": ("guitar", "drum", "keyboard"),
    "strings and keyboards": ("guitar", "keyboard"),
    "wind and percussion": ("drum",),
    "amplifiers and recording": ("speaker",),
    "bikes": ("bicycle",),
    "parts and accessories": ("wheel",),
    "child seats and trailers": ("trailer",),
    "camping and travel": ("tent", "rucksack"),
    "tents and shelters": ("tent",),
    "sleeping gear": ("sleeping bag",),
    "camp cooking": ("stove",),
    "rucksacks and luggage": ("rucksack",),
    "sport and fitness": ("ball", "racket", "weights"),
    "ball and racket sports": ("ball", "racket"),
    "winter sports": ("skis",),
    "water sports": ("boat",),
    "fitness equipment": ("weights",),
    "crafts and hobbies": ("spools", "paints"),
    "sewing and knitting": ("spools",),
    "art supplies": ("paints",),
    "events and party": ("balloons", "hat"),
    "party equipment": ("balloons",),
    "fancy dress": ("hat",),
}
ANYTHING = ("parcel",)


class Drawing(NamedTuple):
    """One drawing that can be made: what it shows, which of several it is, and the key of its files."""

    thing: str
    number: int
    key: str

    @property
    def alt(self) -> str:
        """What it shows, in words."""
        return f"A drawing of {self.thing}" if self.thing.endswith("s") else f"A drawing of a {self.thing}"


def drawings_for(path: tuple[str, ...], seed: int) -> list[Drawing]:
    """Return the drawings that fit a category, which is given by its name after its parents' names."""
    names = (name.casefold() for name in reversed(path))
    things = next((THINGS_IN[name] for name in names if name in THINGS_IN), ANYTHING)
    return [drawing for thing in things for drawing in _drawings_of(thing, seed)]


def all_drawings(seed: int) -> list[Drawing]:
    """Return all drawings that can be made."""
    return [drawing for thing in THINGS for drawing in _drawings_of(thing, seed)]


def draw(drawing: Drawing) -> Image.Image:
    """Return the drawing."""
    # Each number has colours of its own, so that two of a thing differ at first sight.
    first = sum(drawing.thing.encode())
    easel = Easel(PALETTES[(first + drawing.number) % len(PALETTES)], drawing.key)
    furnish(easel)
    THINGS[drawing.thing](easel)
    return easel.finished()


def _drawings_of(thing: str, seed: int) -> list[Drawing]:
    keys = (sha256(f"kula drawing {seed} {thing} {number}".encode()).hexdigest() for number in range(VARIETY))
    return [Drawing(thing, number, key[:32]) for number, key in enumerate(keys)]
