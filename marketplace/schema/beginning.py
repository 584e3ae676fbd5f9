"""The folder of an application's migrations as it is before the first revision."""

import shutil
from pathlib import Path

from marketplace.schema.errors import SchemaError

TEMPLATE = Path(__file__).with_name("template")


def make_folder(directory: Path) -> Path:
    """Make `directory` with what Alembic needs in it, and return it. Raises SchemaError when it is in use."""
    if directory.exists() and any(directory.iterdir()):
        raise SchemaError(
            f"{directory} is there already, with files in it: nothing was made.\nNext: flask db history"
        )
    directory.mkdir(parents=True, exist_ok=True)
    for file in TEMPLATE.iterdir():
        if file.is_file():
            shutil.copy(file, directory / file.name)
    (directory / "versions").mkdir()
    return directory
