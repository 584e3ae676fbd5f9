"""The addresses in letters. They begin with SITE_URL, never with what a request calls the site."""

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from marketplace.mail.topics import find_topic

_SALT = "mail.unsubscribe"


def link_to(endpoint: str, **values: Any) -> str:
    """Return the whole address of a page, also where there is no request."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{site_address()}{path}"


def site_address() -> str:
    """Return how all addresses of the site begin; in development, where `flask serve` serves it."""
    return current_app.config["SITE_URL"] or f"http://localhost:{current_app.config['PORT']}"


def unsubscribe_token(member_id: int, topic: str) -> str:
    """Return what lets whoever has it end the member's letters about `topic`, and nothing else, for ever."""
    return str(_serializer().dumps([member_id, topic]))


def read_unsubscribe_token(token: str) -> tuple[int, str] | None:
    """Return the id of the member and the topic that a token was made for; None when we did not make it."""
    try:
        member_id, topic = _serializer().loads(token)
    except BadSignature:
        return None
    return (member_id, topic) if find_topic(topic) else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt=_SALT)  # type: ignore[arg-type]
