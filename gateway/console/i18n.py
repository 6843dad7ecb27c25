"""Languages of the pages: which one, in which direction, and how days, times and money are written in it.

English is the source. Digits are Latin in all three, as on the phones.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from flask import Blueprint, Flask, Response, g, make_response, redirect, request, session, url_for
from flask_babel import Babel, get_locale

from gateway.console.signin.models import Account
from gateway.console.signin.sessions import SignIn, current_account
from gateway.console.words import _, isolated, ngettext

TRANSLATIONS = Path(__file__).parent / "translations"
RIGHT_TO_LEFT = frozenset({"ur", "ps"})
MICROS = 1_000_000


@dataclass(frozen=True)
class Language:
    """A language of the pages and its name in its own script."""

    code: str
    own: str


LANGUAGES = (Language("en", "English"), Language("ur", "اردو"), Language("ps", "پښتو"))
CODES = [language.code for language in LANGUAGES]


def speak_languages(app: Flask, sign_in: SignIn) -> None:
    """Choose a language for every request and let pages change it."""
    Babel(app, default_translation_directories=str(TRANSLATIONS), locale_selector=chosen_language)
    pages = Blueprint("language", __name__)

    @pages.post("/language")
    def choose() -> Response:
        """Keep the chosen language: in the cookie, and with the account of whoever is signed in."""
        code = request.form.get("language", "")
        if code in CODES:
            session["language"] = code
            account = current_account()
            if account is not None:
                with sign_in.database.writing() as writing:
                    writing.get_one(Account, account.id).language = code
        return make_response(redirect(_back(), 303))

    app.register_blueprint(pages)
    app.jinja_env.globals["ngettext"] = ngettext  # thousands are set apart, as in code
    app.jinja_env.filters.update(day=day_words, hour=clock_words, isolated=isolated, money=money_words)


def chosen_language() -> str:
    """The code of this request's language: as chosen, else as the account has it, else as the browser asks."""
    chosen = session.get("language")
    if chosen in CODES:
        return str(chosen)
    account = current_account() if g.get("actor") else None
    if account is not None and account.language in CODES:
        return str(account.language)
    return request.accept_languages.best_match(CODES, "en") or "en"


def language_now() -> str:
    """The code of the language that this answer is written in."""
    locale = get_locale()
    return locale.language if locale else "en"


def direction_now() -> str:
    """`rtl` or `ltr`."""
    return "rtl" if language_now() in RIGHT_TO_LEFT else "ltr"


def day_words(day: date | datetime) -> str:
    """Friday 27 November 2026, جمعہ 27 نومبر 2026. An instant is taken in the programme's zone."""
    local = in_zone(day).date() if isinstance(day, datetime) else day
    names = get_day_names("wide", "format", locale=language_now())
    months = get_month_names("wide", "format", locale=language_now())
    return f"{names[local.weekday()]} {local.day} {months[local.month]} {local.year}"


def weekday_words(weekday: int) -> str:
    """Friday, جمعہ: 0 is Monday."""
    return str(get_day_names("wide", "format", locale=language_now())[weekday])


def clock_words(moment: datetime) -> str:
    """11:48, on the 24-hour clock of the programme's zone."""
    return in_zone(moment).strftime("%H:%M")


def money_words(micros: int, currency: str = "PKR") -> str:
    """Rs 8,368 before, 8,368 روپے in Urdu; whole units, rounded up, so that nothing looks cheaper than it is."""
    whole = f"{-(-micros // MICROS):,}"
    if currency != "PKR":
        return f"{currency} {whole}"
    return _("Rs %(amount)s", amount=whole)


def in_zone(moment: datetime) -> datetime:
    """An instant as the clocks of the programme show it."""
    zone = g.get("zone")
    return moment.astimezone(ZoneInfo(zone) if zone else None)


def _back() -> str:
    """Where the form stood, if that is a path of ours."""
    page = request.form.get("back", "")
    is_ours = page.startswith("/") and not page.startswith(("//", "/\\")) and "\n" not in page
    return page if is_ours else url_for("today.page")
