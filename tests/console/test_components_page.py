"""The page of all parts: what every other page is made of, held to the pages' policy."""

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template, url_for
from flask_babel import Babel

CONSOLE = Path(__file__).parents[2] / "gateway" / "console"
STATIC = CONSOLE / "static"
TEMPLATES = CONSOLE / "templates"


def names_in(sprite: str) -> list[str]:
    """The ids of the drawings in one of our sprites."""
    root = ElementTree.parse(STATIC / sprite).getroot()  # noqa: S314 - a file of ours
    return [name for symbol in root if (name := symbol.get("id"))]


def rendered(template: str, *, lang: str = "en", training: bool = True, halted: bool = False) -> str:
    """A page as a bare application renders it: the frame's context and nothing of the house behind it."""
    app = Flask("parts", static_folder=str(STATIC), template_folder=str(TEMPLATES))
    app.secret_key = "not used for anything"
    Babel(app)
    app.jinja_env.globals["asset"] = lambda name: url_for("static", filename=name)
    app.jinja_env.globals["csrf_token"] = lambda: "a-token"
    rooms = [("today", "Today", "/today", 0), ("campaigns", "Campaigns", "/campaigns", 2)]
    with app.test_request_context():
        return render_template(
            template,
            page=SimpleNamespace(lang=lang, dir="ltr" if lang == "en" else "rtl", room="campaigns"),
            programme=SimpleNamespace(name="Gudar", training=training, halted=halted),
            handsets_url="/handsets",
            rooms=rooms,
            languages=[("en", "English", "/en"), ("ur", "اردو", "/ur"), ("ps", "پښتو", "/ps")],
            account=SimpleNamespace(initials="ZK", name="Zarmina K.", url="/account", sign_out_url="/out"),
            home_url="/",
            pause_url="/pause",
            icon_names=names_in("icons.svg"),
        )


@pytest.mark.parametrize("lang", ["en", "ur", "ps"])
def test_a_page_carries_no_inline_style_and_no_inline_script(lang: str) -> None:
    page = rendered("components.html", lang=lang)

    assert not re.search(r"<[^>]+\sstyle\s*=", page)
    assert "<style" not in page
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "javascript:" not in page


@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("ur", "rtl"), ("ps", "rtl")])
def test_a_page_names_its_language_and_direction(lang: str, direction: str) -> None:
    assert f'<html lang="{lang}" dir="{direction}">' in rendered("components.html", lang=lang)


def test_every_drawing_a_page_asks_for_is_in_its_sprite() -> None:
    page = rendered("components.html")
    sources = page + "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))

    asked = set(re.findall(r'icons\.svg#([\w-]+)"', page))
    asked |= set(re.findall(r'\bicon\("([\w-]+)"', sources))
    asked |= set(re.findall(r'\b(?:icon_name|after)="([\w-]+)"', sources))

    assert asked <= set(names_in("icons.svg"))
    assert set(re.findall(r"letters\.svg#([\w-]+)", page)) <= set(names_in("letters.svg"))


def test_every_file_a_page_asks_for_is_served() -> None:
    for page in (rendered("components.html"), rendered("plain.html")):
        for path in re.findall(r'(?:href|src)="/static/([^"#]+)', page):
            assert (STATIC / path).is_file(), path


def test_nothing_is_asked_of_another_server() -> None:
    style = (STATIC / "paigham.css").read_text("utf-8")
    addresses = re.findall(r"url\(\"?([^\")]+)", style)

    assert all(
        address.startswith(("data:", "fonts/")) or (STATIC / address).is_file() for address in addresses
    )
    for page in (rendered("components.html"), rendered("plain.html")):
        assert not re.findall(r'(?:href|src)="(?:https?:)?//', page)


def test_the_stylesheet_knows_no_left_and_no_right() -> None:
    style = (STATIC / "paigham.css").read_text("utf-8")

    physical = re.findall(r"[;{]\s*((?:margin|padding|border|inset)?-?(?:left|right))\s*:", style)

    assert not physical


def test_the_parts_of_a_bar_fill_it() -> None:
    page = rendered("components.html")
    bar = re.search(r'<div class="progress progress-big".*?</div>', page, re.S)

    assert bar
    widths = [float(width) for width in re.findall(r'width="([\d.]+)%"', bar.group())]
    assert len(widths) == 7
    assert sum(widths) == pytest.approx(100, abs=0.01)


def test_training_is_said_on_every_page_of_a_training_programme() -> None:
    assert 'class="training"' in rendered("components.html", training=True)
    assert 'class="training"' not in rendered("components.html", training=False)


def test_a_page_before_the_sign_in_says_nothing_of_the_purpose() -> None:
    page = rendered("plain.html").lower()

    assert not [
        word for word in ("peace", "women", "tolana", "gudar", "campaign", "pakistan") if word in page
    ]


def test_what_others_made_is_unchanged() -> None:
    lines = re.findall(r"^([0-9a-f]{64})  (\S+)$", (STATIC / "VENDORED.md").read_text("utf-8"), re.M)

    assert {name for _, name in lines} == {
        str(path.relative_to(STATIC))
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.suffix in {".js", ".woff2"}
    }
    for digest, name in lines:
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
