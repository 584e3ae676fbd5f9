"""Where the project's files are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "marketplace"
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
