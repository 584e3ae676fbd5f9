"""`make audit`: whether a pinned package has a known vulnerability, or that nobody could be asked.

Where pip-audit's database cannot be reached it passes packages over and succeeds; this says so and fails.
"""

import json
import subprocess
import sys

FILES = ("requirements.txt", "requirements-dev.txt")


def main() -> None:
    """Ask about the packages of each file, and end with 1 unless all were asked about and are well."""
    failed = [name for name in FILES if not is_well(name)]
    sys.exit(1 if failed else 0)


def is_well(name: str) -> bool:
    """Print what is known of the packages in a file, and tell whether all of them are known to be well."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", name]
    result = subprocess.run(
        [*command, "--format", "json", "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        said = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"{name}: pip-audit cannot reach its database: {said}")
        return False
    passed_over = [package for package in packages if "skip_reason" in package]
    for package in packages:
        for found in package.get("vulns", ()):
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            print(f"{name}: {package['name']} {package['version']} has {found['id']}, mended in {fixed}")
    if passed_over:
        print(
            f"{name}: pip-audit cannot reach its database for {len(passed_over)} of {len(packages)} packages."
        )
    vulnerable = any(package.get("vulns") for package in packages)
    if not passed_over and not vulnerable:
        print(f"{name}: {len(packages)} packages, no known vulnerability.")
    return not passed_over and not vulnerable


if __name__ == "__main__":
    main()
