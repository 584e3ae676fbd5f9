"""Who may judge what, and what can be decided, without a database."""

from typing import Any

# What a moderator can choose, as the form says it. The last two take back what was done before.
DECISIONS = {
    "dismiss": "Nothing: it may stay",
    "hide": "Hide the listing",
    "remove_picture": "Remove the picture",
    "warn": "Warn the member",
    "suspend": "Suspend the member for some days",
    "show_again": "Show the listing again",
    "lift": "End the suspension now",
}
MEASURE_WORDS = {
    "hidden": "Hidden",
    "picture_removed": "Picture removed",
    "warned": "Warned",
    "suspended": "Suspended",
    "shown_again": "Shown again",
    "lifted": "Suspension ended",
}
DECIDED_WORDS = {
    "dismiss": "Nothing had to be done",
    "hide": "Listing hidden",
    "remove_picture": "Picture removed",
    "warn": "Member warned",
    "suspend": "Member suspended",
}
OWN_CASE = "This case is about you or your own report: somebody else must decide it."
OF_THE_TEAM = "This case is about a moderator or an administrator: another administrator must decide it."


def obstacle(actor: Any, member_id: int, role: str, reporter_ids: set[int | None]) -> str | None:
    """Say why `actor` may not judge a case about this member, in which these members reported; None if so."""
    if actor.id == member_id or actor.id in reporter_ids:
        return OWN_CASE
    if role != "member" and actor.role != "administrator":
        return OF_THE_TEAM
    return None


def possible_decisions(case: Any) -> list[str]:
    """Return the DECISIONS that make sense for a case as it is, in their order."""
    possible = set()
    if case.decision is None:
        possible |= {"dismiss", "warn", "suspend"}
        if case.has_listing and (not case.is_hidden or case.is_held):
            possible.add("hide")
        if case.is_held:
            # It is not on show yet: it is shown, or hidden for a reason that its owner is told.
            possible -= {"dismiss", "warn"}
        if case.has_picture:
            possible.add("remove_picture")
    if case.is_hidden:
        possible.add("show_again")
    if case.is_suspended and case.decision is not None:
        possible.add("lift")
    return [each for each in DECISIONS if each in possible]
