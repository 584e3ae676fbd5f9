"""Checks that every page must pass, whichever test fetched it."""

from xml.etree.ElementTree import Element

import html5lib

UNLABELLED_TYPES = frozenset({"hidden", "submit", "button"})


def check_page(markup: str) -> Element:
    """Return the parsed page; AssertionError names the first thing that is wrong with it."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = parser.parse(markup)
    headings = page.findall(".//h1")
    assert len(headings) == 1, f"{len(headings)} h1 elements"
    heading = text_of(headings[0])
    title = text_of(page.find(".//title"))
    assert title.removeprefix("Error: ").startswith(heading), f"title {title!r}, h1 {heading!r}"
    ids = [element.get("id") for element in page.iter() if element.get("id") is not None]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    _check_labels(page, set(ids))
    for link in page.iter("a"):
        target = (link.get("href") or "").partition("#")
        assert target[0] or target[2] in ids, f"a link to {link.get('href')!r}, which is not on the page"
    for form in page.iter("form"):
        assert form.get("action") is not None, "a form without an action"
        if form.get("method", "get").lower() == "post":
            token = form.find(".//input[@name='csrf_token']")
            assert token is not None, "a form without a CSRF token"
            assert token.get("value"), "a form with an empty CSRF token"
    for element in page.iter():
        assert element.get("style") is None, "an inline style, which the content policy forbids"
        assert not [name for name in element.attrib if name.startswith("on")], "an inline handler"
    return page


def _check_labels(page: Element, ids: set[str]) -> None:
    labelled = {label.get("for") for label in page.iter("label")}
    wrapped = {id(control) for label in page.iter("label") for control in label.iter()}
    for control in page.iter():
        if control.tag not in ("input", "select", "textarea") or control.get("type") in UNLABELLED_TYPES:
            continue
        name = control.get("name")
        assert control.get("id") in labelled or id(control) in wrapped, f"no label for {name}"
        for described in (control.get("aria-describedby") or "").split():
            assert described in ids, f"{name} is described by {described}, which is not there"


def text_of(element: Element | None) -> str:
    """Return the text in an element with white space folded."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())
