"""What the components are shown with: ordinary words, words without an end, and words from right to left."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace as Thing

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ARABIC = "دراجة هوائية قديمة بحالة جيدة"
HEBREW = "אופניים ישנים"
SINCE = datetime(2024, 3, 9, 12, 0, tzinfo=UTC)
HERE = "/style-guide"


@dataclass(frozen=True)
class SamplePicture:
    """A drawing of the site's own in the place of a member's picture."""

    src: str
    alt: str
    width: int = 640
    height: int = 640

    @property
    def webp(self) -> str:
        return f"{self.src} 320w, {self.src} 640w, {self.src} 1280w"

    jpeg = webp


RING = SamplePicture("/static/img/ring.svg", "Six islands in a ring, and a canoe between them")
LYING = SamplePicture("/static/img/ring.svg", "The same islands on a lying picture", 1280, 720)
UPRIGHT = SamplePicture("/static/img/kula.svg", "A string of beads", 480, 960)
PICTURES = [RING, LYING, UPRIGHT]
PICTURE_URLS = [f"{HERE}?picture={number}" for number in (1, 2, 3)]
KEPT = [
    Thing(key="1", picture=RING, alt="The tent from the front", error=None),
    Thing(key="2", picture=LYING, alt="", error="Say in a few words what this picture shows"),
    Thing(key="3", picture=UPRIGHT, alt=LONG, error=None),
]


def _item(
    name: str,
    exchange_type: str,
    duration_days: int | None,
    value: int | None,
    condition: str | None = None,
) -> Thing:
    return Thing(
        name=name,
        exchange_type=exchange_type,
        duration_days=duration_days,
        value=value,
        condition=condition,
    )


DRILL = _item("Cordless drill", "permanent", None, 40)
TENT = _item("Tent for four", "temporary", 7, 1200, "good")
BIKE = _item(ARABIC, "temporary", 1, None)
WORD = _item(LONG, "permanent", None, 1_000_000_000)


def _card(title: str, offers: list[Thing], wants: list[Thing], **more: object) -> Thing:
    usual: dict[str, object] = {
        "url": HERE,
        "category_name": "Camping and travel",
        "root_slug": "camping-and-travel",
        "owner_username": "wairisi",
        "owner_url": HERE,
        "created_at": SINCE,
        "picture": None,
        "condition": "Good condition",
        "area": "Harbour side",
        "state": None,
    }
    return Thing(title=title, offers=offers, wants=wants, **{**usual, **more})


CARDS = [
    ("With a picture", _card("Tent and drill", [TENT, DRILL], [BIKE], picture=RING)),
    ("Without a picture", _card("A tent for four", [TENT], [])),
    ("On hold, with many items", _card("A full shed", [DRILL] * 5, [TENT] * 6, state="On hold until 4 May")),
    ("Without a category that can be seen", _card("Odds and ends", [DRILL], [], root_slug="", area=None)),
    ("Of a member who left", _card("Odds and ends", [DRILL], [], owner_url=None)),
    ("Long words", _card(LONG, [WORD], [WORD], owner_username="x" * 30, area=LONG, category_name=LONG)),
    ("Text from right to left", _card(ARABIC, [BIKE], [_item(HEBREW, "permanent", None, None)])),
]

FILTERS = [
    Thing(text=text, remove_url=HERE) for text in ("Lend, up to 7 days", "With a picture", ARABIC, LONG)
]
TYPE_OPTIONS = [
    Thing(text="Swap for good", url=HERE, count="1,000+", selected=False),
    Thing(text="Lend for some days", url=HERE, count="312", selected=True),
    Thing(text="Either", url=None, count="0", selected=False),
]
CATEGORY_OPTIONS = [
    Thing(text="Power tools", url=HERE, count="1,000+", selected=False),
    Thing(text=LONG, url=HERE, count="28", selected=False),
    Thing(text=ARABIC, url=HERE, count="1", selected=True),
]
SORTS = [
    Thing(text=text, url=HERE, selected=text == "Newest")
    for text in ("Newest", "Best match", "Closest value to 40")
]
TABS = [
    Thing(text="Active", url=HERE, count=12, selected=True),
    Thing(text="Drafts", url=HERE, count=0, selected=False),
    Thing(text="Expired", url=HERE, count=1234, selected=False),
    Thing(text="About", url=HERE, count=None, selected=False),
]
RELAXATIONS = [
    Thing(text="Without “with a picture”", url=HERE, count="1,000+"),
    Thing(text="In all categories", url=HERE, count="12"),
    Thing(text="With a loan of up to 30 days", url=HERE, count="1"),
]
OWN_LISTINGS = [
    Thing(
        value="1",
        title="A tent for four",
        url=HERE,
        notes=["Expires in 6 days", "2 items"],
        tag=None,
        link=("Edit", HERE),
    ),
    Thing(value="2", title=LONG, url=HERE, notes=["Expired 2 weeks ago"], tag="Expired", link=("Edit", HERE)),
    Thing(value="3", title=ARABIC, url=HERE, notes=["Never expires", LONG], tag=None, link=None),
]
OWN_ACTS = [("Renew for 30 days", "renew"), ("Archive", "archive")]
CHECKBOXES = [
    Thing(value="good", label="Good", hint=None, checked=True),
    Thing(value="worn", label="Worn", hint="Works, and shows that it was used.", checked=False),
    Thing(value="long", label=LONG, hint=None, checked=False),
]
NODES = [
    Thing(
        name="Tools and workshop",
        root_slug="tools-and-workshop",
        url=HERE,
        count=1234,
        children=[Thing(name="Drills", url=HERE, count=1)],
    ),
    Thing(name=LONG, root_slug="", url=HERE, count=0, children=[]),
    Thing(name=ARABIC, root_slug="bikes", url=HERE, count=56, children=[Thing(name=LONG, url=HERE, count=2)]),
]
TRAIL = [Thing(name="Bikes", url=HERE), Thing(name=ARABIC, url=HERE), Thing(name=LONG, url=HERE)]
ITEMS = [
    Thing(id=1, kind="offer", description="Dry, and complete.", **vars(TENT)),
    Thing(id=2, kind="offer", description=None, **vars(DRILL)),
    Thing(id=3, kind="want", description=ARABIC, **vars(BIKE)),
    Thing(id=4, kind="want", description=LONG, **vars(WORD)),
]
ANSWERS = [
    Thing(key="Title", value="A tent for four", change_url=HERE, change_text="the title"),
    Thing(
        key="Description",
        value="Dry, and complete.\n\nTo be fetched.",
        change_url=HERE,
        change_text="the description",
    ),
    Thing(key="Wanted", value=ARABIC, change_url=HERE, change_text="what you want"),
    Thing(key="Area", value=LONG, change_url=None, change_text=""),
]
FACTS = [
    ("Condition", "Good"),
    ("Value", "about 40"),
    ("Area", "Harbour side"),
    ("Posted", ARABIC),
    ("Model", LONG),
]
STEPS = [
    ("Say what you have", "Post what you would part with."),
    ("Say what you would like", LONG),
    (ARABIC, ARABIC),
]
SWAPS = [["Tent for four", "12", "1,200"], [LONG, "3", "40"], [ARABIC, "1", "25"]]
ERRORS = [("Give your listing a title", "refused-title"), ("Say for how many days", "refused-days")]
ANNOUNCED = Thing(starts_at=SINCE, ends_at=SINCE.replace(hour=13), message="We move to a larger machine.")
VISITOR = Thing(is_authenticated=False)
MEMBER = Thing(is_authenticated=True, is_moderator=False, username="wairisi")
LONG_MEMBER = Thing(is_authenticated=True, is_moderator=True, username="x" * 30)
