"""Security headers, on every answer of every door, errors included."""

from flask import Flask, Response, request

from gateway.house import House

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
NOT_USED = ", ".join(
    f"{name}=()" for name in ("accelerometer", "camera", "geolocation", "gyroscope", "payment", "usb")
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": f"{NOT_USED}, microphone=(self)",  # prompts are recorded in the browser
}
TWO_YEARS = "max-age=63072000; includeSubDomains"
KEPT_BY_ITS_NAME = "carrier.audio"  # says itself how long it may be kept (webhooks/media.py)
FOR_A_YEAR = "public, max-age=31536000, immutable"


def add_headers(app: Flask, house: House) -> None:
    """Put the headers on whatever leaves the app."""
    is_https = (house.settings.console_url or house.settings.public_url).startswith("https://")

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers[name] = value
        if is_https:
            response.headers["Strict-Transport-Security"] = TWO_YEARS
        if request.endpoint == KEPT_BY_ITS_NAME and response.status_code < 400:
            return response
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        elif request.args.get("v"):
            response.headers["Cache-Control"] = FOR_A_YEAR  # the address holds the content's hash
        return response
