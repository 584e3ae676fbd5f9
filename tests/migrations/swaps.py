"""Swaps in every state, brought there by the site itself: with all that each leaves behind."""

from datetime import datetime, timedelta

import pytest

from marketplace import clock
from marketplace.exchanges import (
    actions,
    dispute_actions,
    handing_actions,
    loan_actions,
    review_actions,
    thread_actions,
)
from marketplace.exchanges.actions import Thing
from marketplace.exchanges.course_models import ExchangeLoan
from marketplace.exchanges.handing_actions import Note
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.moving import move
from marketplace.extensions import db
from tests.factories import Factories
from tests.factories.exchanges import days

WORDS = "Words 東京"


class Play:
    """Two members who swap until there is a swap in each state; `made` has the states by the swaps' ids."""

    def __init__(self, app):
        self.make = Factories(app)
        self.ama, self.boa = self.make.member(username="ama"), self.make.member(username="boa")
        self.moderator = self.make.moderator()
        for member in (self.ama, self.boa):
            self.make.profile(member, time_zone="Asia/Tokyo")
        self.cases = {
            "question": [],
            "proposed": [],
            "accepted": [self.accept, self.arrange],
            "lent": [self.accept, self.hand, self.hand_too, self.ask_longer],
            "completed": [self.accept, self.hand, self.hand_too, self.give_back, self.review],
            "declined": [self.decline],
            "withdrawn": [self.withdraw],
            "lapsed": [self.lapse],
            "cancelled": [self.accept, self.cancel],
            "closed": [self.accept, self.hand, self.close],
            "disputed": [self.accept, self.dispute],
            "settled": [self.accept, self.dispute, self.settle],
        }
        self.made = {}
        with app.app_context(), pytest.MonkeyPatch.context() as patch:
            self.patch = patch
            for name, steps in self.cases.items():
                self.at(clock.now())
                exchange_id = self.begin(name).id
                for step in steps:
                    step(exchange_id)
                message = thread_actions.send(self.get(exchange_id), "receiver", WORDS, [], 0, [])
                thread_actions.mark_as_read(exchange_id, "proposer", self.ama.id, message.id)
                db.session.commit()
                patch.undo()
                self.made[exchange_id] = self.get(exchange_id).state
        self.picture_and_reports()

    def at(self, moment: datetime) -> None:
        self.patch.setattr(clock, "now", lambda: moment)

    def get(self, exchange_id: int) -> Exchange:
        return db.session.get_one(Exchange, exchange_id)

    def begin(self, name: str) -> Exchange:
        """Begin a swap: Ama's thing for something lent by Boa."""
        thing, loan = (
            self.make.item(self.make.listing(owner_id=member.id, items=[]), name=f"{kind} {name}", **values)
            for member, kind, values in (
                (self.ama, "Thing", {"value": 7}),
                (self.boa, "Loan", {"exchange_type": "temporary", "duration_days": 9}),
            )
        )
        if name == "question":
            return actions.ask(self.ama.id, self.boa.id, loan.id, WORDS)
        things = [Thing(thing.id, "proposer"), Thing(loan.id, "receiver", days(0), days(3))]
        exchange = actions.propose(self.ama.id, self.boa.id, things, WORDS, 7)
        actions.change(exchange.id, "receiver", 1, things[::-1], "", 14)
        return exchange

    def accept(self, exchange_id: int) -> None:
        actions.accept(exchange_id, "proposer", 2)

    def arrange(self, exchange_id: int) -> None:
        handing_actions.arrange(exchange_id, "receiver", WORDS, days(1))

    def hand(self, exchange_id: int) -> None:
        handing_actions.confirm(exchange_id, "receiver", {self.loan(exchange_id).id: Note("good")})

    def hand_too(self, exchange_id: int) -> None:
        handing_actions.confirm(exchange_id, "proposer", {})

    def loan(self, exchange_id: int) -> ExchangeLoan:
        return db.session.query(ExchangeLoan).filter_by(exchange_id=exchange_id).one()

    def ask_longer(self, exchange_id: int) -> None:
        loan_actions.ask_longer(exchange_id, "proposer", self.loan(exchange_id).id, days(5))

    def give_back(self, exchange_id: int) -> None:
        for side in ("proposer", "receiver"):
            loan_actions.confirm_return(exchange_id, side, self.loan(exchange_id).id, Note("worn"))

    def review(self, exchange_id: int) -> None:
        for side, thumbs in (("proposer", "good"), ("receiver", "bad")):
            review_actions.review(exchange_id, side, thumbs, WORDS)

    def decline(self, exchange_id: int) -> None:
        actions.decline(exchange_id, "proposer", WORDS)

    def withdraw(self, exchange_id: int) -> None:
        actions.withdraw(exchange_id, "receiver")

    def lapse(self, exchange_id: int) -> None:
        self.at(clock.now() + timedelta(days=15))
        move(exchange_id, "lapse", "time")

    def cancel(self, exchange_id: int) -> None:
        handing_actions.cancel(exchange_id, "proposer", WORDS)

    def close(self, exchange_id: int) -> None:
        self.at(clock.now() + timedelta(days=8))
        move(exchange_id, "close", "time")

    def dispute(self, exchange_id: int) -> None:
        dispute_actions.dispute(exchange_id, "receiver", WORDS)

    def settle(self, exchange_id: int) -> None:
        dispute_actions.decide(self.moderator, exchange_id, "settle", WORDS)

    def picture_and_reports(self) -> None:
        """Send a picture with a message, and report a message and a review."""
        exchange_id = next(iter(self.made))
        with self.make.app.app_context():
            exchange = self.get(exchange_id)
        message = self.make.message(exchange, WORDS)
        self.make.picture(message_id=message.id)
        for kind in ("message", "review"):
            self.make.case(kind=kind, object_id=message.id, member_id=self.ama.id, listing_id=None)
