"""The field for pictures in a real browser: what is chosen is shown, and can be taken out again."""

import re

import pytest
from playwright.sync_api import expect

from marketplace.pictures import rules, uploads
from tests.support.pictures import photo

PICTURE = {"name": "front.jpg", "mimeType": "image/jpeg", "buffer": photo(width=300, height=200)}
NAMES = "input => [...input.files].map(file => file.name)"


def named(name, size=None):
    return PICTURE | {"name": name} | ({"buffer": bytes(size)} if size else {})


@pytest.fixture
def field(open_page):
    """The empty field of the style guide, in a page of its own."""
    page = open_page("/style-guide")
    return page.locator("[data-specimen='file_upload, empty'], .file-upload").first


def chosen(field):
    return field.get_by_label("Choose pictures").evaluate(NAMES)


def test_what_is_chosen_is_drawn_and_named(field):
    field.get_by_label("Choose pictures").set_input_files([PICTURE])
    expect(field.locator(".file-upload__chosen")).to_have_text("1 picture chosen, 0.0 MB.")
    expect(field.locator(".file-upload__name")).to_have_text("front.jpg")
    # The quarters of the picture are those of the canvas: red above blue.
    field.page.wait_for_function(
        """canvas => {
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const pixels = copy.getContext("2d", {willReadFrequently: true});
            pixels.drawImage(canvas, 0, 0);
            const [red, , ] = pixels.getImageData(10, 10, 1, 1).data;
            const [less, , blue] = pixels.getImageData(10, 86, 1, 1).data;
            return red > 150 && blue > 150 && less < 150;
        }""",
        arg=field.locator("canvas").element_handle(),
    )


def test_more_are_added_and_one_is_left_out_again(field):
    for name in ("front.jpg", "back.jpg", "side.jpg"):
        field.get_by_label("Choose pictures").set_input_files([named(name)])
    assert chosen(field) == ["front.jpg", "back.jpg", "side.jpg"]
    field.get_by_role("button", name="Leave out back.jpg").click()
    assert chosen(field) == ["front.jpg", "side.jpg"]
    expect(field.get_by_label("Choose pictures")).to_be_focused()


def test_what_the_site_would_refuse_is_said_at_once(field):
    field.get_by_label("Choose pictures").set_input_files([PICTURE, named("film.jpg", 15_000_001)])
    assert chosen(field) == ["front.jpg"]
    expect(field.locator(".file-upload__chosen")).to_have_text(
        "1 picture chosen, 0.0 MB. “film.jpg” is larger than 15 MB: choose a smaller picture."
    )


def test_there_is_room_for_eight(field):
    field.get_by_label("Choose pictures").set_input_files([named(f"{number}.jpg") for number in range(10)])
    assert chosen(field) == [f"{number}.jpg" for number in range(8)]
    expect(field.locator(".file-upload__chosen")).to_contain_text("There is room for 8 pictures")


def test_a_file_that_cannot_be_drawn_is_named(field):
    field.get_by_label("Choose pictures").set_input_files([named("photo.heic", 10)])
    expect(field.locator(".file-upload__preview--blank")).to_be_visible()
    assert chosen(field) == ["photo.heic"]


def in_a_form(field):
    """Put the field into a form that is about to be sent, and never goes."""
    page = field.page
    field.evaluate(
        """field => {
            const form = document.createElement("form");
            Object.assign(form, {method: "post", enctype: "multipart/form-data", action: "/slow"});
            field.before(form);
            form.append(field);
            addEventListener("submit", (event) => event.preventDefault());
        }"""
    )
    return page


def test_while_pictures_are_sent_the_page_says_so(field):
    page = in_a_form(field)
    field.get_by_label("Choose pictures").set_input_files(
        [named("a.jpg", 2_000_000), named("b.jpg", 1_200_000)]
    )
    page.evaluate("setTimeout(() => document.querySelector('form[action$=slow]').requestSubmit())")
    expect(field.locator(".file-upload__chosen")).to_have_text(re.compile("Sending 2 pictures, 3.2 MB…"))
    expect(field.get_by_role("progressbar", name="Sending")).to_be_visible()


def test_more_than_can_be_sent_at_once_is_not_sent(field):
    page = in_a_form(field)
    names = [f"{number}.jpg" for number in range(8)]
    field.evaluate("field => { field.after(field.cloneNode(true)); }")
    page.evaluate(
        """names => {
            for (const input of document.querySelectorAll("form[action$=slow] .file-upload__input")) {
                const files = new DataTransfer();
                for (const name of names) files.items.add(new File([new Uint8Array(9e6)], name));
                input.files = files.files;
            }
            document.querySelector("form[action$=slow]").requestSubmit();
        }""",
        names,
    )
    expect(page.locator("form[action$=slow] .file-upload__chosen").last).to_have_text(
        "These pictures are 144 MB together, and 120 MB can be sent at once: "
        "leave some out now, and add them afterwards."
    )
    assert page.url.endswith("/style-guide")


def test_the_script_knows_the_sites_limits(field):
    data = field.get_by_label("Choose pictures").evaluate("input => ({...input.dataset})")
    assert data == {"room": str(rules.PICTURES_MAXIMUM), "largest": str(rules.FILE_MAXIMUM)}
    assert uploads.REQUEST_MAXIMUM >= 120_000_000 + 1_000_000


def test_without_scripts_the_field_is_the_browsers_own(open_page):
    page = open_page("/style-guide", java_script_enabled=False)
    field = page.locator(".file-upload").first
    field.get_by_label("Choose pictures").set_input_files([PICTURE])
    expect(field.locator(".file-upload__previews")).to_have_count(0)
