"""The categories as a tree in memory."""

from marketplace.categories.tree import Tree

ROWS = [
    (1, None, "Tools", "tools"),
    (2, None, "Books", "books"),
    (3, 1, "Hand", "hand"),
    (4, 3, "Saws", "saws"),
]


def test_a_category_knows_its_path_trail_and_subtree():
    saws = Tree(ROWS).find(4)
    assert saws.path == "tools/hand/saws"
    assert [node.name for node in saws.trail()] == ["Tools", "Hand", "Saws"]
    assert [node.id for node in Tree(ROWS).find(1).subtree()] == [1, 3, 4]


def test_categories_are_found_by_id_and_path_in_their_order():
    tree = Tree(ROWS)
    assert tree.find_by_path("tools/hand").id == 3
    assert tree.find_by_path("hand") is None
    assert tree.find(9) is None
    assert [node.id for node in tree.nodes()] == [1, 3, 4, 2]
    assert [node.id for node in tree.roots] == [1, 2]


def test_what_lies_below_a_missing_category_is_left_out():
    tree = Tree([row for row in ROWS if row[0] != 3])
    assert [node.id for node in tree.nodes()] == [1, 2]


def test_an_empty_tree_has_nothing():
    assert list(Tree([]).nodes()) == []
