"""Which revisions there are, and which a database lacks."""

import pytest

from marketplace.schema.revisions import Chain, read_chain
from tests.support.operator import CHAIN
from tests.support.postgresql import ROOT

THREE = Chain(("one", "two", "three"))


def test_the_chain_is_read_oldest_first():
    chain = read_chain(str(ROOT / "migrations"))
    assert chain.ids == CHAIN
    assert chain.head == CHAIN[-1]


@pytest.mark.parametrize(
    ("revision", "pending"),
    [
        (None, ("one", "two", "three")),
        ("one", ("two", "three")),
        ("two", ("three",)),
        ("three", ()),
        ("of a later version", ()),
    ],
)
def test_what_is_pending_comes_after_the_revision(revision, pending):
    assert THREE.pending_after(revision) == pending


def test_a_folder_may_have_a_percent_sign_in_its_name(tmp_path):
    folder = tmp_path / "100%s"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "only.py").write_text(
        'revision = "only"\ndown_revision = None\ndef upgrade(): pass\ndef downgrade(): pass\n'
    )
    assert read_chain(str(folder)).ids == ("only",)
