"""The forms by which administrators change the tree of categories."""

import re
from collections.abc import Iterable

from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from marketplace.categories.models import NAME_LENGTH
from marketplace.categories.rules import slugify
from marketplace.categories.tree import STATE, Node, Tree
from marketplace.forms import Form, Required, TextField, WholeNumberField, at_most

NOT_OFFERED = "Choose one from the list"
NO_PLACE = "Say which place it has: 1 is the first"


def _state_or_nothing(text: str | None) -> str:
    return text if text and re.fullmatch(STATE, text) else ""


def _choices(nodes: Iterable[Node], first: str) -> list[SelectChoice]:
    named = [SelectChoice(str(node.id), " / ".join(each.name for each in node.trail())) for node in nodes]
    return [SelectChoice("", first), *named]


class _CategoryField(SelectField):
    """One of the categories that it is given; None for the first choice, which is none of them."""

    def __init__(self, label: str, *args: object, **kwargs: object) -> None:
        super().__init__(label, *args, validate_choice=False, **kwargs)

    def pre_validate(self, form: Form) -> None:
        if self.data not in [choice.value for choice in self.choices]:
            raise ValidationError(NOT_OFFERED)

    @property
    def category_id(self) -> int | None:
        return int(self.data) if self.data else None


class _NamedForm(Form):
    """A name, and a slug that is made of the name when there is none."""

    name = TextField("Name", [Required("Name the category"), at_most(NAME_LENGTH)])
    slug = TextField("Name in its address", [at_most(NAME_LENGTH)])

    def validate_slug(self, field: TextField) -> None:
        field.data = field.data or slugify(self.name.data)
        if not field.data and self.name.data:
            raise ValidationError("Write this, too: the name has no letters from a to z")
        if field.data != slugify(field.data):
            raise ValidationError("Use small letters from a to z, digits, and single hyphens between them")


class AddForm(_NamedForm):
    """A new category, and the one it lies below."""

    parent = _CategoryField("It lies below")

    def __init__(self, tree: Tree, parent_id: str) -> None:
        super().__init__(data={"parent": parent_id})
        self.parent.choices = _choices(tree.nodes(), "None: it is at the top")


class RenameForm(_NamedForm):
    """Another name for a category."""

    state = HiddenField(filters=[_state_or_nothing])

    def __init__(self, tree: Tree, node: Node) -> None:
        super().__init__(data={"state": node.state, "name": node.name, "slug": node.slug})


class MoveForm(Form):
    """Another parent for a category, and its place among its neighbours."""

    state = HiddenField(filters=[_state_or_nothing])
    parent = _CategoryField("It lies below")
    place = WholeNumberField("Place", [InputRequired(NO_PLACE)])

    def __init__(self, tree: Tree, node: Node) -> None:
        siblings = node.parent.children if node.parent else tree.roots
        parent_id = str(node.parent.id) if node.parent else ""
        super().__init__(data={"state": node.state, "parent": parent_id, "place": siblings.index(node) + 1})
        own = {each.id for each in node.subtree()}
        others = (each for each in tree.nodes() if each.id not in own)
        self.parent.choices = _choices(others, "None: it is at the top")

    def validate_place(self, field: WholeNumberField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(NO_PLACE)
        if field.data == 0:
            raise ValidationError("The first place is 1")


class RetireForm(Form):
    """The category to which the listings of another one go."""

    state = HiddenField(filters=[_state_or_nothing])
    heir = _CategoryField("Its listings go to", [Required("Choose where its listings go")])

    def __init__(self, tree: Tree, node: Node) -> None:
        super().__init__(data={"state": node.state})
        self.heir.choices = _choices(
            (each for each in tree.nodes() if each.id != node.id), "Choose a category"
        )
