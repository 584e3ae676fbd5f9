"""Makes rows for tests: `make.member()`, `make.category()`, `make.listing()`, `make.picture()`,
`make.draft()`, `make.letter()`, `make.notification()`, `make.case()`, `make.screened_word()`,
`make.exchange()`."""

from flask import Flask

from tests.factories.blocks import BlockFactory
from tests.factories.devices import DeviceFactory
from tests.factories.exchanges import ExchangeFactory
from tests.factories.mail import LetterFactory
from tests.factories.notifications import NotificationFactory
from tests.factories.pictures import PictureFactory
from tests.factories.posting import DraftFactory
from tests.factories.reports import ReportFactory
from tests.factories.saved import SavedFactory
from tests.factories.screening import ScreeningFactory
from tests.factories.second_factor import SecondFactorFactory


class Factories(
    SavedFactory,
    PictureFactory,
    DraftFactory,
    LetterFactory,
    NotificationFactory,
    DeviceFactory,
    SecondFactorFactory,
    ReportFactory,
    BlockFactory,
    ScreeningFactory,
    ExchangeFactory,
):
    """All factories on one application, each of whose methods commits and returns detached objects."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.made = 0

    def number(self) -> int:
        """Return a number not given before, to make names unique."""
        self.made += 1
        return self.made
