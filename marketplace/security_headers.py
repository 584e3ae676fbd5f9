"""The headers that tell browsers what a page of ours never does, and what a file of ours is not."""

from flask import Flask, Response, request

# Features of browsers that no page asks for; sharing and copying an address are not among them.
_UNUSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)

# For everything that is sent: never guess its type, never let another site have it.
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# A file that is opened by itself is shown, and can do nothing.
FILE_HEADERS = {
    **COMMON,
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
}
HEADERS = {
    **COMMON,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    # Pages differ by who looks at them, so no cache may share them. A browser may keep them, or a form that
    # is gone back to would be empty; but it asks each time, and forgets them all when its member logs out.
    "Cache-Control": "private, no-cache",
}
# The address of such a page lets its reader do something, so no link on it tells more than the site's name.
# Browsers that told nothing at all would be refused, since forms must say that they come from the site.
WITH_TOKEN = {"Referrer-Policy": "strict-origin"}
# Two years; what is below the site's name is the site's, too.
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


def init_app(app: Flask) -> None:
    """Add the headers to each response that does not set its own."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        if "token" in (request.view_args or {}):
            response.headers.update(WITH_TOKEN)
        for name, value in page_headers(app).items():
            response.headers.setdefault(name, value)
        if request.endpoint == "accounts.logout" and request.method == "POST" and response.status_code < 400:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


def page_headers(app: Flask) -> dict[str, str]:
    """Return what every page of `app` says; in production, that it is to be had over HTTPS alone."""
    return HEADERS | only_https(app)


def only_https(app: Flask) -> dict[str, str]:
    """Return the header that keeps browsers to HTTPS, which development does not have."""
    return ONLY_HTTPS if app.config["ENV_NAME"] == "production" else {}
