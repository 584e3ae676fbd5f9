"""The load generator: wrk, from Debian's package of that name."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Server

CONNECTIONS = 8
# Asks for each address in turn.
SCRIPT = """
local requests, at = {{}}, 0
init = function()
  for _, address in ipairs({{{addresses}}}) do
    requests[#requests + 1] = wrk.format("GET", address)
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
"""


@dataclass(frozen=True)
class Load:
    """What came of one turn."""

    requests: int
    per_second: float
    failed: int


def require_wrk() -> None:
    """Raise SystemExit with one sentence when the load generator is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: install it with `apt-get install wrk`.")


def ask(
    server: Server,
    addresses: Sequence[str],
    headers: Mapping[str, str],
    seconds: int,
    connections: int = CONNECTIONS,
) -> Load:
    """Ask for the addresses in turn, on so many connections, as often as the server can answer."""
    quoted = ", ".join(f'"{address}"' for address in addresses)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "addresses.lua")
        script.write_text(SCRIPT.format(addresses=quoted))
        words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        result = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(connections), "--timeout", "30s"),
                *("--duration", f"{seconds}s", "--script", str(script), *words),
                f"http://127.0.0.1:{server.port}",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    return read(result.stdout)


def read(text: str) -> Load:
    """Return what wrk printed."""
    requests = re.search(r"(\d+) requests in", text)
    per_second = re.search(r"Requests/sec:\s*([\d.]+)", text)
    if requests is None or per_second is None:
        raise SystemExit(f"wrk said what is not understood: {text}")
    failed = sum(int(count) for count in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    for line in re.findall(r"Socket errors: (.*)", text):
        failed += sum(int(count) for count in re.findall(r"\d+", line))
    return Load(int(requests[1]), float(per_second[1]), failed)
