"""The moderators' keys: public halves registered, and a month's letters destroyed with its key."""

import base64
import binascii

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from campaigns.listening.keys import (
    KeyInUse,
    KeyKnown,
    KeyMalformed,
    keys_in_use,
    letters_under,
    list_keys,
    register_key,
    retire,
)
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.listening.words import short_day, tab_items
from gateway.console.words import _, ngettext
from gateway.house import House


def add_pages(pages: Blueprint, house: House) -> None:
    """The keys, a new one, and the end of an old one."""

    @pages.get("/keys")
    @requires(Permission.READ_FEEDBACK)
    def keys_page() -> Response:
        """Every key with what lies under it, and the making of a new one in the browser."""
        with house.database.reading() as session:
            return make_response(
                render_template(
                    "listening/keys.html",
                    tabs=tab_items("keys"),
                    keys=list_keys(session),
                    counts=letters_under(session),
                    in_use=keys_in_use(session, house.now()),
                    now=house.now(),
                    short_day=short_day,
                )
            )

    @pages.post("/keys")
    @requires(Permission.READ_FEEDBACK)
    def register() -> Response:
        """Keep the public half; the private one is not in the form and never leaves the browser."""
        try:
            public = base64.b64decode(request.form.get("public", ""), validate=True)
            with house.database.writing() as session:
                label = request.form.get("label", "")
                register_key(session, current_actor(), public, label, house.now())
        except (KeyMalformed, binascii.Error):
            flash(_("This is not a key. Make one again; nothing was changed."), "failed")
        except KeyKnown:
            flash(_("This key is registered already; nothing was changed."), "look")
        else:
            flash(
                _(
                    "The key is registered. What people write is sealed to it from the next gathering on, "
                    "and at once if it is the first."
                ),
                "happened",
            )
        return make_response(redirect(url_for("listening.keys_page"), 303))

    @pages.get("/keys/<key>/retire")
    @requires(Permission.READ_FEEDBACK)
    def ask_retire(key: str) -> Response:
        """Ask once more: letters that are taken off the shelf do not come back."""
        key_id = _key_id(key)
        with house.database.reading() as session:
            found = next((row for row in list_keys(session) if row.key_id == key_id and not row.to_at), None)
            if found is None:
                abort(404)
            count = letters_under(session).get(key_id, 0)
            return make_response(render_template("listening/retire.html", found=found, count=count))

    @pages.post("/keys/<key>/retire")
    @requires(Permission.READ_FEEDBACK)
    def retire_key(key: str) -> Response:
        """Take the key and its letters off the shelf."""
        try:
            with house.database.writing() as session:
                gone = retire(session, current_actor(), _key_id(key), now=house.now())
        except KeyInUse:
            flash(_("This key is in use: make another first, and come back after the next shelving."), "look")
        else:
            flash(
                ngettext(
                    "%(num)s letter was taken off the shelf. Destroy the key file too: only then it is gone "
                    "from every backup.",
                    "%(num)s letters were taken off the shelf. Destroy the key file too: only then they are gone "
                    "from every backup.",
                    gone,
                ),
                "happened",
            )
        return make_response(redirect(url_for("listening.keys_page"), 303))


def _key_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        abort(404)
