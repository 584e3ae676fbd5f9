"""axe-core, the checker of accessibility, run in a page of the browser tests."""

from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG up to 2.2 AA, and what axe-core knows to be good practice beyond it.
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Dark mode is other colours and nothing else.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

RUN = """async rules => {
    const results = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
    return results.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.failureSummary.split('\\n').slice(1).join(';').trim()}: ${node.html}`
    ));
}"""


def findings(page: Page) -> list[str]:
    """Return what axe-core has against the page as it is, in light and dark: one line for each element."""
    # The content policy binds the page, not what a test evaluates in it.
    page.evaluate(_script())
    # What is folded away is not looked at.
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = []
    for scheme, rules in (("light", ALL), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{scheme}: {finding}" for finding in page.evaluate(RUN, rules)]
    return found


@cache
def _script() -> str:
    if not SCRIPT.is_file():
        pytest.skip("axe-core is not installed: `make .venv/ready-to-test` does it where there is npm.")
    return SCRIPT.read_text()
