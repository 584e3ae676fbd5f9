"""The link with which a page offers to report what it shows."""

from flask import url_for
from flask_login import current_user
from markupsafe import Markup

from marketplace.personal import macro


def report_link(kind: str, key: int | str, owner_id: int, picture_id: int | None = None) -> Markup:
    """Return the link to report something (a member by name), and a picture beside it; none for its owner.

    Visitors get it, too: they log in on the way.
    """
    if current_user.is_authenticated and current_user.id == owner_id:
        return Markup("")
    if kind == "member":
        links = [("Report this member", url_for("reports.ask_about_member", username=key))]
    else:
        links = [(f"Report this {kind}", url_for("reports.ask", kind=kind, object_id=key))]
    if picture_id is not None:
        links.append(("Report this picture", url_for("reports.ask", kind="picture", object_id=picture_id)))
    return macro("reports/parts/links.html", "links")(links)
