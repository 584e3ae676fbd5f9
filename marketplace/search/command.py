"""`flask search refresh-words`."""

import click
from flask.cli import AppGroup

from marketplace.extensions import db
from marketplace.search.vocabulary import refresh_words

search = AppGroup("search", help="Keep what searching needs.")


@search.command("refresh-words")
def refresh() -> None:
    """Learn the words that listings use, by which misspelt ones are corrected. Run it once a night."""
    count = refresh_words()
    db.session.commit()
    click.echo(f"{count:,} words are known.")
