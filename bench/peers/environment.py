"""The virtual environment of the peers: made when it is missing, or its requirements have changed."""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / ".venv"


def ready_python() -> str:
    """Return the path of a Python that has what the peers need."""
    python, stamp = FOLDER / "bin" / "python", FOLDER / "installed"
    requirements = (HERE / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != requirements:
        print("Installing the peers' frameworks into bench/peers/.venv …", file=sys.stderr)
        venv.create(FOLDER, with_pip=True)
        words = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--requirement")
        subprocess.run([python, *words, HERE / "requirements.txt"], check=True)
        stamp.write_text(requirements)
    return str(python)
