"""What a page with the posting form sends: the fields, the button that was pressed, and files."""

from dataclasses import dataclass, field
from uuid import UUID

from flask import abort, current_app, request

from marketplace.pictures import actions as pictures
from marketplace.pictures import uploads
from marketplace.pictures.models import Picture
from marketplace.pictures.rules import PICTURES_MAXIMUM
from marketplace.posting import typed as typing
from marketplace.posting.actions import Sent
from marketplace.posting.forms import id_or_none
from marketplace.throttling.actions import count_attempt
from marketplace.throttling.rules import UPLOAD


@dataclass
class Press:
    """A button of the form, pressed: what was sent with it, the pictures taken in, and what to tell."""

    sent: Sent
    uploaded: list[Picture] = field(default_factory=list)
    told: str | None = None

    def take_pictures(self, member_id: int) -> None:
        """Take in the chosen files, each into its row, which keeps the sentences about those refused.

        Raises Throttled when the member has sent too many of late.
        """
        chosen = [(row, uploads.files_of(f"{name}-files")) for name, row in typing.rows_of(self.sent.typed)]
        if number := sum(len(files) for _, files in chosen):
            count_attempt(UPLOAD, member_id, number=number)
        for row, files in chosen:
            if files:
                kept = row.setdefault("pictures", [])
                outcomes = pictures.store_uploads(member_id, None, files, PICTURES_MAXIMUM - len(kept))
                stored = [each for each in outcomes if isinstance(each, Picture)]
                kept.extend({"id": str(picture.id), "alt": ""} for picture in stored)
                self.uploaded.extend(stored)
                if refused := [each for each in outcomes if isinstance(each, str)]:
                    row["refused"] = refused

    def act(self) -> str:
        """Do what the button does to the form; return the rest of the address to go on at."""
        form, typed = request.form, self.sent.typed
        refused = any("refused" in row for _, row in typing.rows_of(typed))
        if chosen := id_or_none(form.get("category")):
            typed["category_id"] = str(chosen)
            return "#category_id"
        if (place := typing.press(typed, form)) is not None:
            return "" if refused else f"#{place}"
        if refused:
            return ""
        if form.get("upload") in dict(typing.rows_of(typed)):
            return f"#{form['upload']}-files-upload"
        if form.get("go") == "check":
            typing.drop_blank_rows(typed)
            return "/check"
        self.told = "Your draft is saved. You find it under “My listings”."
        return ""


def read_press(draft_id: UUID) -> Press:
    """Return what this request sent; 413 when there is too much text in it, whatever its files may weigh."""
    form = request.form
    if sum(len(text) for _, text in form.items(multi=True)) > current_app.config["MAX_CONTENT_LENGTH"]:
        abort(413)
    return Press(
        Sent(
            draft_id=draft_id,
            typed=typing.read_fields(form),
            listing_id=id_or_none(form.get("listing")),
            based_on=form.get("based_on", "")[:40].replace("\x00", ""),
            saves=id_or_none(form.get("saves")) or 0,
            by_itself="by_itself" in form,
        )
    )
