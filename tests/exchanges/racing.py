"""Many at once: members who press at the same moment, on connections of their own."""

import threading

from tests.support.html import check_page


def at_once(*acts, allowed=(303, 409)):
    """Send each (window, path, form) at the same time, in threads of their own; return the answers.

    Each is one of those allowed, and where it is no redirect a whole page.
    """
    ready, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, window, path, form):
        token = window.csrf_token()
        ready.wait()
        answers[number] = window.post(path, data={"csrf_token": token, **form})

    threads = [threading.Thread(target=run, args=(number, *act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        assert answer.status_code in allowed, answer.status
        if answer.status_code != 303:
            check_page(answer.text)
    return answers


def held_twice(stored):
    """The things that two unreleased holds promise for the same time."""
    return stored(
        "SELECT one.item_id FROM exchange_holds AS one JOIN exchange_holds AS other ON one.id < other.id"
        " AND one.item_id = other.item_id AND one.during && other.during"
        " WHERE one.released_at IS NULL AND other.released_at IS NULL"
    )
