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

from tests.scan.site import MEMBER, PASSWORD, running_site

SCANNERS = Path(sys.prefix, "scan", "bin")
# Those that need no list from elsewhere, and no server outside that an attacked one would call. The
# certificate is the scan's own, and nothing here speaks LDAP: that module takes a page which refuses a NUL
# for an answer of such a server.
MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers"),
    *("methods", "permanentxss", "redirect", "shellshock", "sql", "timesql", "upload", "xss"),
)
INFORMATIONAL = 0
SECONDS_TO_LOOK, SECONDS_A_MODULE = "120", "60"


def main() -> None:
    """Scan, print what was found, and end with 1 if that was anything above informational."""
    with tempfile.TemporaryDirectory(prefix="kula-scan-") as name:
        folder = Path(name)
        with running_site(folder) as address:
            logging_in = ("--form-cred", f"{MEMBER}%{PASSWORD}", "--form-url", f"{address}login")
            found = [
                *wapiti(address, folder, "visitor"),
                *wapiti(address, folder, "member", *logging_in),
                *sqlmap(address, folder),
            ]
    for finding in found:
        print(finding)
    print(f"{len(found)} findings above informational.")
    sys.exit(1 if found else 0)


def wapiti(address: str, folder: Path, who: str, *options: str) -> Iterator[str]:
    """Let wapiti look, and yield a line for each thing that it found."""
    report = folder / f"wapiti-{who}.json"
    run(
        "wapiti",
        *("--url", address, "--scope", "folder", "--module", ",".join(MODULES), "--no-bugreport"),
        *("--max-files-per-dir", "6", "--max-scan-time", SECONDS_TO_LOOK),
        *("--max-attack-time", SECONDS_A_MODULE, "--exclude", f"{address}logout"),
        *("--flush-session", "--store-session", str(folder), "--format", "json", "--output", str(report)),
        *options,
    )
    result = json.loads(report.read_text())
    print(f"wapiti as a {who}: {result['infos'].get('crawled_pages_nbr', 0)} pages.")
    for kind in ("vulnerabilities", "anomalies"):
        for name, findings in result[kind].items():
            for finding in findings:
                if finding["level"] > INFORMATIONAL:
                    where = f"{finding['method']} {finding['path']}"
                    yield f"wapiti as a {who}: {name}: {where}: {finding['info']}"


def sqlmap(address: str, folder: Path) -> Iterator[str]:
    """Let sqlmap try the parameters of pages and forms, and yield a line for each that lets SQL in."""
    output = folder / "sqlmap"
    run(
        "sqlmap",
        *("--url", address, "--batch", "--crawl", "2", "--forms", "--level", "2", "--threads", "4"),
        *("--dbms", "postgresql", "--technique", "BEU", "--flush-session", "--output-dir", str(output)),
    )
    (results,) = output.glob("results-*.csv")
    for row in csv.DictReader(results.read_text().splitlines()):
        yield f"sqlmap: {row}"


def run(program: str, *arguments: str) -> None:
    """Run a scanner; what it says is shown, and it must end well."""
    command: Sequence[str] = [str(SCANNERS / program), *arguments]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
