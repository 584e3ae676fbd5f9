"""The words cover the starter tree, and other trees find something near."""

import re
import unicodedata

import pytest

from marketplace.sample_data.rows import Category
from marketplace.sample_data.vocabulary import Vocabulary, VocabularyError, _thing


def slug(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def test_starter_names_are_short_and_have_slugs_of_their_own(starter_paths: list[Category]) -> None:
    assert all(0 < len(category.path[-1]) <= 40 for category in starter_paths)
    addresses = [(*category.path[:-1], slug(category.path[-1])) for category in starter_paths]
    assert len(addresses) == len(set(addresses))


def test_every_leaf_has_at_least_ten_things_of_its_own(
    starter_paths: list[Category], vocabulary: Vocabulary
) -> None:
    for category in starter_paths:
        if category.is_leaf:
            (topic,) = vocabulary.topics_for(category.path)
            assert topic.path == category.path
            assert len(topic.things) >= 10, category.path
            assert all((topic.wishes, topic.sought, topic.details))


def test_an_unknown_leaf_speaks_of_what_its_siblings_have(vocabulary: Vocabulary) -> None:
    topics = vocabulary.topics_for(("Tools and workshop", "Power tools", "Routers"))
    assert {topic.path[:2] for topic in topics} == {("Tools and workshop", "Power tools")}


def test_names_match_whatever_their_case(vocabulary: Vocabulary) -> None:
    assert vocabulary.topics_for(("GAMES AND PUZZLES", "video games"))[0].path[-1] == "Video games"


def test_an_unknown_tree_has_things_of_any_kind(vocabulary: Vocabulary) -> None:
    (topic,) = vocabulary.topics_for(("Meteorites",))
    assert topic.path == ("*",)


@pytest.mark.parametrize("row", [["drill", 1], ["drill" * 20, 1, 2, [], []], ["drill", 9, 3, [], []]])
def test_a_mistake_in_the_file_is_named(row: list[object]) -> None:
    with pytest.raises(VocabularyError, match=r"^Tools"):
        _thing("Tools", row)
