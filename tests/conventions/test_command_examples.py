"""Each command of `flask db` ends its help with two examples, which it would take."""

import shlex

import click
import pytest
from flask_migrate.cli import db

from marketplace.schema import cli  # noqa: F401 - it adds the commands.

COMMANDS = sorted(db.commands)


def examples_of(name: str) -> list[str]:
    said = db.commands[name].get_help(click.Context(db.commands[name], info_name=f"flask db {name}"))
    lines = [line.strip() for line in said.partition("Examples:")[2].splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_two_examples(name):
    examples = examples_of(name)
    assert len(set(examples)) == 2
    for example in examples:
        assert shlex.split(example)[:3] == ["flask", "db", name]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_takes_them(name):
    for example in examples_of(name):
        arguments = [each for each in shlex.split(example)[3:] if each != "--help"]
        with db.commands[name].make_context(name, arguments) as context:
            assert context.params.keys() >= {each.name for each in db.commands[name].params} - {"help"}


def test_an_option_that_a_command_does_not_know_is_seen():
    with pytest.raises(click.UsageError):
        db.commands["verify"].make_context("verify", ["--prove"])
