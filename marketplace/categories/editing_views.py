"""The administrators' pages of categories: the tree, and a form for each change."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import actions, blueprint, queries
from marketplace.categories.forms import AddForm, MoveForm, RenameForm, RetireForm
from marketplace.categories.rules import BROKEN
from marketplace.categories.tree import Node, Tree
from marketplace.database.violations import RuleBroken

GONE = "Somebody has retired this category meanwhile."
STALE = (
    "Somebody has changed this category meanwhile. What you wrote is kept: look it over, and send it again"
)
NO_PLACE = "This category is not there any more: choose another one"
NOT_EMPTY = "There are categories below this one: move or retire these first"

Form = AddForm | RenameForm | MoveForm | RetireForm
Answer = str | Response | tuple[str, int]


@blueprint.get("/moderation/categories")
@access.administrator
def overview() -> str:
    return render_template(
        "categories/overview.html",
        nodes=list(queries.load_tree().nodes()),
        counts=queries.count_listings(),
        retired=queries.retired(),
    )


@blueprint.route("/moderation/categories/new", methods=["GET", "POST"])
@access.administrator
def add() -> Answer:
    form = AddForm(queries.load_tree(), request.args.get("below", ""))

    def act() -> str:
        actions.add_category(current_user.id, form.name.data, form.slug.data, form.parent.category_id)
        return f"“{form.name.data}” is a category now."

    return _answer("Add a category", "Add", form, act)


@blueprint.route("/moderation/categories/<id:category_id>/rename", methods=["GET", "POST"])
@access.administrator
def rename(category_id: int) -> Answer:
    def act(form: RenameForm) -> str:
        actions.rename_category(current_user.id, category_id, form.state.data, form.name.data, form.slug.data)
        return f"It is called “{form.name.data}” now, and its former address leads to it."

    return _answer_about(category_id, "Rename", RenameForm, act)


@blueprint.route("/moderation/categories/<id:category_id>/move", methods=["GET", "POST"])
@access.administrator
def move(category_id: int) -> Answer:
    def act(form: MoveForm) -> str:
        actions.move_category(
            current_user.id, category_id, form.state.data, form.parent.category_id, form.place.data or 1
        )
        return "It is in its new place, and its former address leads to it."

    return _answer_about(category_id, "Move", MoveForm, act)


@blueprint.route("/moderation/categories/<id:category_id>/retire", methods=["GET", "POST"])
@access.administrator
def retire(category_id: int) -> Answer:
    def act(form: RetireForm) -> str:
        count = actions.retire_category(current_user.id, category_id, form.state.data, form.heir.category_id)
        return f"It is retired. {count:,} listing{'s' if count != 1 else ''} went to the other category."

    return _answer_about(category_id, "Retire", RetireForm, act)


def _answer_about(
    category_id: int, verb: str, kind: Callable[[Tree, Node], Any], act: Callable[[Any], str]
) -> Answer:
    tree = queries.load_tree()
    node = tree.find(category_id)
    if node is None:
        if request.method == "POST":
            return _gone()
        abort(404)
    form = kind(tree, node)
    return _answer(f"{verb} “{node.name}”", verb, form, lambda: act(form), node)


def _answer(title: str, verb: str, form: Form, act: Callable[[], str], node: Node | None = None) -> Answer:
    """Show the form, or do what it asks and go back to the tree; refused, it comes back as it was typed."""
    if request.method == "GET":
        return _page(title, verb, form, node)
    if not form.validate():
        return _page(title, verb, form, node), 422
    try:
        flash(act(), "success")
        return redirect(url_for("categories.overview"), 303)
    except actions.GoneError:
        return _gone()
    except actions.StaleError:
        # What is sent next is for the category as it is now.
        now = queries.read_tree().find(node.id) if node else None
        form["state"].data = now.state if now else ""
        return _page(title, verb, form, now, STALE), 409
    except actions.NotEmptyError:
        form["heir"].errors = [NOT_EMPTY]
    except actions.NoPlaceError:
        form["heir" if "heir" in form else "parent"].errors = [NO_PLACE]
    except RuleBroken as broken:
        fields, sentence = BROKEN[broken.constraint]
        form[next(name for name in fields if name in form)].errors = [sentence]
    return _page(title, verb, form, node), 422


def _gone() -> Response:
    flash(GONE)
    return redirect(url_for("categories.overview"), 303)


def _page(title: str, verb: str, form: Form, node: Node | None, told: str | None = None) -> str:
    shown = [field for field in form if field.name not in ("csrf_token", "state")]
    errors = form.error_list()
    return render_template(
        "categories/change.html",
        title=title,
        verb=verb,
        action=url_for(request.endpoint or "", **(request.view_args or {})),
        form=form,
        shown=shown,
        node=node,
        error_list=[(told, shown[0].id), *errors] if told else errors,
    )
