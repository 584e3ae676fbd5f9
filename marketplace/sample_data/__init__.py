"""Sample data: fills a database of any size with believable members, listings and items.

Owns the command `flask sample-data`, for trying the site out and for measuring it. The words live in three
TOML files beside the code: `vocabulary.toml` (things, by category), `phrases.toml` (sentences, by kind of
thing) and `languages.toml` (listings in other languages). Nobody can sign in as a sample member: the stored
password hash is `!`, which no password matches.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the command."""
    from marketplace.sample_data.command import sample_data

    app.cli.add_command(sample_data)
