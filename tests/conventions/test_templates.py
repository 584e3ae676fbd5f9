"""Each template parses, brings its style sheet, and keeps to the content policy."""

import re

import pytest

from tests.support.project import PACKAGE, STATIC, TEMPLATES

FILES = sorted(TEMPLATES.rglob("*.html"))
MACROS = sorted((TEMPLATES / "components").glob("*.html"))
SHEETS = {file.stem for file in (STATIC / "css" / "components").glob("*.css")}


def name_of(file):
    return file.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_template_parses_with_all_its_filters(file, app):
    app.jinja_env.get_template(name_of(file))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_template_has_neither_inline_style_nor_script_nor_unescaped_text(file):
    source = file.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", source)
    assert not re.search(r"\|\s*safe\b|autoescape", source)


@pytest.mark.parametrize("file", MACROS, ids=lambda file: file.stem)
def test_a_component_has_a_style_sheet_that_begins_with_its_markup(file):
    source = (STATIC / "css" / "components" / f"{file.stem}.css").read_text()
    block = file.stem.replace("_", "-").removeprefix("listing-")
    assert re.match(rf'/\*.*?class="{block}[\s"_-].*?\*/', source, re.DOTALL)


def test_a_style_sheet_is_a_components():
    assert {file.stem for file in MACROS} >= SHEETS


def test_a_script_bears_the_name_of_its_component_or_of_the_feature_whose_pages_it_improves():
    features = {folder.name for folder in TEMPLATES.iterdir()}
    scripts = {file.stem for file in (STATIC / "js").glob("*.js")}
    assert scripts <= {file.stem for file in MACROS} | features


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_static_file_is_named_by_the_address_that_follows_its_content(file, app):
    source = file.read_text()
    assert "url_for('static'" not in source.replace('"', "'")
    assert "/static/" not in source
    for name in re.findall(r"""asset\(["']([^"']+)["']\)""", source):
        assert app.extensions["assets"].address(name)


@pytest.mark.parametrize("file", MACROS, ids=lambda file: file.stem)
def test_a_component_is_used_and_holds_a_macro_of_its_name(file):
    assert f"macro {file.stem}(" in file.read_text()
    users = [other for other in FILES if other != file and f"components/{file.name}" in other.read_text()]
    assert users


def test_every_page_a_view_renders_is_there():
    for module in PACKAGE.rglob("*.py"):
        for name in re.findall(r'render_template\(\s*"([^"]+)"', module.read_text()):
            assert (TEMPLATES / name).is_file(), name


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_style_sheet_takes_its_colours_from_the_tokens(name):
    source = (STATIC / "css" / "components" / f"{name}.css").read_text()
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", source)
