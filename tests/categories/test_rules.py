"""Addresses of categories, and files of them."""

import tomllib

import pytest

from marketplace.categories.command import STARTER_FILE
from marketplace.categories.rules import CategoryFileError, flatten, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tools", "tools"),
        ("Hand & power tools", "hand-power-tools"),
        ("Möbel für Gärten", "mobel-fur-garten"),
        ("  --a  ", "a"),
        ("½ price", "12-price"),
        ("אבג", ""),
        ("", ""),
    ],
)
def test_a_name_becomes_part_of_an_address(name, slug):
    assert slugify(name) == slug


def test_a_file_is_flattened_parents_first():
    document = tomllib.loads('[Tools]\nHand = ["Saws", "Hammers"]\nPower = []\n[Books]\n')
    assert flatten(document) == [
        ("Tools",),
        ("Tools", "Hand"),
        ("Tools", "Hand", "Saws"),
        ("Tools", "Hand", "Hammers"),
        ("Tools", "Power"),
        ("Books",),
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("Tools = 1", "“Tools” is not a table"),
        ("[Tools]\nHand = 1", "“Tools / Hand” is not a list of names"),
        ("[Tools]\nHand = [1]", "“Tools / Hand” is not a list of names"),
        ('["?!"]', "“?!” needs a name of 1 to 80 characters with letters in it"),
        (f'["{"a" * 81}"]', "needs a name of 1 to 80 characters"),
        ('[Tools]\nHand = ["Saws", "saws!"]', "“Tools / Hand / saws!” and “Tools / Hand / Saws” would have"),
        ('["Tools"]\n["tools"]', "“tools” and “Tools” would have the same address"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_a_sentence(source, sentence):
    with pytest.raises(CategoryFileError) as refused:
        flatten(tomllib.loads(source))
    assert sentence in str(refused.value)


def test_the_starter_file_has_about_sixty_categories_in_up_to_three_levels():
    paths = flatten(tomllib.loads(STARTER_FILE.read_text()))
    assert 50 <= len(paths) <= 80
    assert {len(path) for path in paths} <= {1, 2, 3}
