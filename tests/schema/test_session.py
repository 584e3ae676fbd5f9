"""What a migration says of the session that holds it up."""

from marketplace.schema.session import describe_process


def test_a_session_is_told_with_what_is_known_of_it():
    known = describe_process(7, "kula", "a report", "idle in transaction", "10:11:12")
    assert known == "process 7 of kula (a report), idle in transaction, whose query began at 10:11:12"


def test_what_postgresql_hides_of_another_roles_session_is_left_out():
    assert describe_process(7, "postgres", "", None, None) == "process 7 of postgres"
