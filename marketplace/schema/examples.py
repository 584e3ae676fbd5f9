"""Two examples for each command of `flask db`, which its `--help` ends with."""

EXAMPLES: dict[str, tuple[str, str]] = {
    "attic": ("flask db attic", "flask db attic --empty --older-than 30"),
    "backup": ("flask db backup --reason nightly", 'flask db backup --prove --reason "before release 1.1"'),
    "backups": ("flask db backups", "flask db backups --json"),
    "branches": ("flask db branches", "flask db branches --verbose"),
    "check": ("flask db check", "flask db check --directory migrations"),
    "current": ("flask db current", "flask db current --check-heads"),
    "discard": ("flask db discard", "flask db discard kula_before_restore --yes"),
    "doctor": ("flask db doctor", "flask db doctor --json"),
    "downgrade": ("flask db downgrade -1", "flask db downgrade base --yes"),
    "drift": ("flask db drift", 'flask db drift --write -m "keep the index on titles"'),
    "edit": ("flask db edit", "flask db edit head"),
    "heads": ("flask db heads", "flask db heads --verbose"),
    "history": ("flask db history --indicate-current", "flask db history --rev-range base:head"),
    "init": ("flask db init", "flask db init --directory migrations"),
    "list-templates": ("flask db list-templates", "flask db list-templates --help"),
    "log": ("flask db log", "flask db log --limit 5 --json"),
    "merge": ("flask db merge heads", 'flask db merge -m "merge two features"'),
    "migrate": ('flask db migrate -m "add mottos"', 'flask db migrate -m "add mottos" --rev-id 0099_mottos'),
    "rehearse": ("flask db rehearse", "flask db rehearse +1 --json"),
    "repair": ("flask db repair", "flask db repair --restore-file 0006_listing_lifetime"),
    "restore": ("flask db restore kula-20270101T000000Z-base.dump", "flask db restore latest.dump --yes"),
    "review": ("flask db review", "flask db review +1 --json"),
    "revision": ('flask db revision -m "tidy names"', 'flask db revision --autogenerate -m "add mottos"'),
    "show": ("flask db show", "flask db show 0006_listing_lifetime"),
    "stamp": ("flask db stamp head", "flask db stamp --purge 0006_listing_lifetime"),
    "status": ("flask db status", "flask db status --json"),
    "upgrade": ("flask db upgrade", "flask db upgrade +1"),
    "verify": ("flask db verify", "flask db verify --json"),
}


def epilog(command: str) -> str:
    """Return the last lines of a command's help."""
    # Click leaves the lines of a paragraph that begins with \b as they are.
    return "\n".join(["\b", "Examples:", *(f"  {each}" for each in EXAMPLES[command])])
