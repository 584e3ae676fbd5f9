"""The commands that are added to Flask-Migrate's `flask db` group, or take the place of its own.

Every module of this folder adds its commands to the group when it is imported. They import what is
heavy inside of their functions, because all of them are loaded for each `flask db`.
"""

from importlib import import_module
from pkgutil import iter_modules

from flask_migrate.cli import db

from marketplace.schema.examples import EXAMPLES, epilog

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

for _name in EXAMPLES:
    db.commands[_name].epilog = epilog(_name)

__all__ = ["db"]
