"""Two revisions of a project, one of which drops what the other makes."""

from tests.support.migrations import Project


def drop_and_come_back(project: Project, make: str, drop: str, meanwhile: str = "SELECT 1", **ways: str):
    """Have one revision `make` something, and another `drop` it; return what coming back from it says.

    `rows` fills it first, `meanwhile` is run when it is gone, and `back` is how it is made again.
    """
    project.add("make", up=_each(make), down="pass")
    project.flask("upgrade", "head")
    if "rows" in ways:
        project.rows(ways["rows"])
    project.add("drop", up=_each(drop), down=_each(ways.get("back", make)), parents="make")
    gone = project.flask("upgrade", "head", "--yes", "--no-backup")
    project.rows(meanwhile)
    return gone, project.flask("downgrade", "-1", "--yes", "--no-backup")


def _each(statements: str) -> str:
    return "\n".join(f'op.execute("""{each.strip()}""")' for each in statements.split(";") if each.strip())
