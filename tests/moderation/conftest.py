"""What the tests of moderation share."""

import pytest


@pytest.fixture
def moderator(make):
    return make.moderator(username="Judge")


@pytest.fixture
def owner(make):
    return make.member(username="Owner")


@pytest.fixture
def listing(make, owner):
    tools = make.category(slug="tools", name="Tools")
    return make.listing(owner_id=owner.id, title="A theremin", category_id=tools.id, area="Harbour")


@pytest.fixture
def case(make, listing):
    return make.case(listing)


@pytest.fixture
def decide(browser_of, moderator):
    """Decides a case as the moderator, or somebody else."""

    def send(case, decision, reason="It breaks the rules.", by=None, version=0, **more):
        form = {"decision": decision, "reason": reason, "version": str(version), **more}
        return browser_of(by or moderator).submit(f"/moderation/cases/{case.id}", form)

    return send
