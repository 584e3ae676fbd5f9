"""`make scan`: wapiti and sqlmap attack a site of their own, and find nothing above informational.

Both look as a visitor; wapiti then looks as a member, too.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.scan.site import MEMBER, PASSWORD, running_site

SCANNERS = Path(sys.prefix, "scan", "bin")
# Those that need no list from elsewhere, and no server outside that an attacked one would call. The
# certificate is the scan's own, and nothing here speaks LDAP: that module takes a page which refuses a NUL
# for an answer of such a server.
MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers"),
    *("methods", "permanentxss", "redirect", "sql", "timesql", "upload", "xss"),
)
# It sends its own cookie in place of the session's, which ends with that, and so do the tokens of forms.
MODULES_WITHOUT_SESSION = ("shellshock",)
INFORMATIONAL = 0
# All of it ends within a quarter of an hour.
SECONDS_TO_LOOK, SECONDS_A_MODULE, SECONDS_OF_SQLMAP = "60", "20", 240
# Files are the same for everybody; the rest would end the session, or take away what is to be attacked.
LEFT_OUT = ("static/*", "media/*", "logout", "account/devices/*", "listings/*/delete")
# Each pass looks at what the others do not, for wapiti comes to forms last, and would have no time left. A
# visitor who registers is none any more; that form is sqlmap's.
LEFT_OUT_BY = {
    "a visitor": ("categories/*/*", "my/*", "report/*", "login*", "register*", "password/*"),
    "a visitor at forms": (
        *("categories/*", "search*", "listings/*", "items/*", "members/*", "my/*", "report/*", "register*"),
    ),
    "a member": ("categories/*", "search*", "login*", "register*"),
}


def main() -> None:
    """Scan, print what was found, and end with 1 if that was anything above informational."""
    with tempfile.TemporaryDirectory(prefix="kula-scan-") as name:
        folder = Path(name)
        with running_site(folder) as address:
            logging_in = ("--form-cred", f"{MEMBER}%{PASSWORD}", "--form-url", f"{address}login")
            found = [
                *wapiti(address, folder, "a visitor"),
                *wapiti(address, folder, "a visitor at forms"),
                *wapiti(address, folder, "a member", *logging_in),
                *sqlmap(address, folder),
            ]
    for finding in found:
        print(finding)
    print(f"{len(found)} findings above informational.")
    sys.exit(1 if found else 0)


def wapiti(address: str, folder: Path, who: str, *options: str) -> Iterator[str]:
    """Let wapiti look, and yield a line for each thing that it found."""
    report = folder / f"{who}.json"
    before = len(answers(folder))
    modules = MODULES + (MODULES_WITHOUT_SESSION if who == "a visitor" else ())
    paths = LEFT_OUT + LEFT_OUT_BY[who]
    left_out = [option for path in paths for option in ("--exclude", f"{address}{path}")]
    run(
        "wapiti",
        *("--url", address, "--scope", "folder", "--module", ",".join(modules), "--no-bugreport"),
        *("--scan-force", "paranoid", "--max-files-per-dir", "30", "--max-scan-time", SECONDS_TO_LOOK),
        # One page after the other, or each would begin a session, and forms have the token of another one.
        *("--max-attack-time", SECONDS_A_MODULE, "--tasks", "1", *left_out),
        *("--flush-session", "--store-session", str(folder / who)),
        *("--format", "json", "--output", str(report)),
        *options,
    )
    result = json.loads(report.read_text())
    seen = answers(folder)[before:]
    print(f"wapiti as {who}: {result['infos'].get('crawled_pages_nbr', 0)} pages, {summary(seen)}.")
    for kind in ("vulnerabilities", "anomalies"):
        for name, findings in result[kind].items():
            for finding in findings:
                if finding["level"] > INFORMATIONAL:
                    where = f"{finding['method']} {finding['path']}"
                    yield f"wapiti as {who}: {name}: {where}: {finding['info']}"
    yield from troubles(f"wapiti as {who}", seen)
    # Its session must have lasted until the end: else it looked as one more visitor.
    if options and not any(answer["member_id"] for answer in seen[-len(seen) // 10 :]):
        yield f"wapiti as {who}: it was signed out on its way, so this pass says nothing."


def sqlmap(address: str, folder: Path) -> Iterator[str]:
    """Let sqlmap try the parameters of pages and forms, and yield a line for each that lets SQL in."""
    output = folder / "sqlmap"
    before = len(answers(folder))
    command = (
        *("--url", address, "--batch", "--crawl", "2", "--crawl-exclude", "/(static|media)/", "--forms"),
        *("--level", "2", "--threads", "4", "--dbms", "postgresql", "--technique", "BEU", "--flush-session"),
        # Over HTTPS, a form must say where it comes from.
        *("--referer", address, "--output-dir", str(output)),
    )
    try:
        run("sqlmap", *command, seconds=SECONDS_OF_SQLMAP)
    except subprocess.TimeoutExpired:
        # Each thing that it finds is in its results at once.
        print("sqlmap: its time was over before it had tried all forms.")
    seen = answers(folder)[before:]
    print(f"sqlmap: {summary(seen)}.")
    (results,) = output.glob("results-*.csv")
    for row in csv.DictReader(results.read_text().splitlines()):
        yield f"sqlmap: {row}"
    yield from troubles("sqlmap", seen)


def run(program: str, *arguments: str, seconds: int | None = None) -> None:
    """Run a scanner for so long at most; what it says is shown, and it must end well.

    Raises TimeoutExpired where its time is over, and CalledProcessError where it failed.
    """
    command: Sequence[str] = [str(SCANNERS / program), *arguments]
    subprocess.run(command, check=True, timeout=seconds)


def answers(folder: Path) -> list[dict[str, Any]]:
    """Return what the site has answered so far, as its log says."""
    lines = map(json.loads, (folder / "site.log").read_text().splitlines())
    return [line for line in lines if "status" in line]


def summary(seen: Sequence[dict[str, Any]]) -> str:
    """Return in words how many requests there were, and how many of them were a member's."""
    signed_in = sum(1 for answer in seen if answer["member_id"])
    return f"{len(seen)} requests, {signed_in} of them signed in"


def troubles(scanner: str, seen: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each answer that was a mistake of ours, or that kept the scanner from going on."""
    for answer in seen:
        if answer["status"] >= 500 or answer["status"] == 429:
            yield f"{scanner}: {answer['method']} {answer['path']} was answered with {answer['status']}."


if __name__ == "__main__":
    main()
