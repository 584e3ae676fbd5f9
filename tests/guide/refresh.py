"""Brings the operators' documents up to the chain, when a revision has landed.

    python -m tests.guide.refresh

Plays docs/MIGRATIONS.md and docs/DEPLOYMENT.md as their tests do, and writes what is printed now into each
`text` block that shows something else, and what these and docs/API_REFERENCE.md show of the chain itself.
`…` stays where it is. Read `git diff docs` afterwards: prose is written by people.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.guide import structure, test_deployment_guide, test_migrations_guide
from tests.guide.documents import Block, output_matches, read_blocks
from tests.guide.merging import merge
from tests.guide.sandbox import Sandbox, open_sandbox
from tests.support.postgresql import ROOT, create_database, run_project_command, start_server


def main() -> None:
    """Refresh both documents."""
    refresh_structure()
    for name, guide in (("MIGRATIONS", test_migrations_guide), ("DEPLOYMENT", test_deployment_guide)):
        path = ROOT / f"docs/{name}.md"
        with tempfile.TemporaryDirectory() as home, open_sandbox(Path(home)) as sandbox:
            guide.begin(sandbox)
            outputs = play(sandbox, read_blocks(path), guide.STATES)
        write(path, outputs)
        print(f"{path.name}: {len(outputs)} outputs were brought up to date.")


def refresh_structure() -> None:
    """Write the tree, the tables and the losses of the chain, as a database tells them at each revision."""
    server = start_server()

    def at(state: str) -> str:
        url = create_database(server, state.lower(), "template0")
        run_project_command("alembic", "upgrade", state, database_url=url)
        return url

    try:
        page = structure.PAGE.read_text(encoding="utf-8")
        for place, text in structure.parts(at):
            page = place.sub(lambda _, text=text: text, page, count=1)
        structure.PAGE.write_text(page, encoding="utf-8")
        reference = structure.REFERENCE.read_text(encoding="utf-8")
        structure.REFERENCE.write_text(structure.with_head(reference), encoding="utf-8")
    finally:
        server.stop()


def play(
    sandbox: Sandbox, blocks: list[Block], states: dict[str, Callable[[Sandbox], None]]
) -> list[tuple[Block, str]]:
    """Type all blocks, and return those whose output is another one now, with it."""
    outputs = []
    for block in blocks:
        if block.not_run is not None:
            continue
        if block.given:
            states[block.given](sandbox)
        result = sandbox.run(block)
        if result.status != block.exits:
            sys.exit(f"{block} ends with {result.status}, not {block.exits}:\n{result.output}")
        if block.output is not None and not output_matches(block.output, result.output):
            outputs.append((block, merge(block.output, result.output)))
    return outputs


def write(path: Path, outputs: list[tuple[Block, str]]) -> None:
    """Put outputs in their places, from the last to the first."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for block, output in reversed(outputs):
        first, end = block.shown
        lines[first:end] = [f"{block.indentation}{line}".rstrip() for line in output.splitlines()]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
