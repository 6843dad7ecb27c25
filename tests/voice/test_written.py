"""Menus as YAML: what is written is read back the same; what is no menu is refused with the place and the cure."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.voice.menu import LANGUAGE, Menu, Node, NodeKind, Option
from campaigns.voice.written import WITH_A_SHOW, Unreadable, read_menu, read_texts, write_menu, write_texts

STARTER = Path("campaigns/voice/starter")

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
# Whatever a label may hold in any script, quotes and colons and all; edges are trimmed on reading.
LABELS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1)
    .map(str.strip)
    .filter(bool)
)
LANGUAGES = st.lists(st.sampled_from(["en", "ur", "ps", "no", "zh-Hant"]), min_size=1, unique=True).map(tuple)


@st.composite
def nodes(draw: st.DrawFn, name: str) -> Node:
    kind = draw(st.sampled_from(NodeKind))
    options = st.lists(st.builds(Option, st.sampled_from("0123456789*#"), NAMES, LABELS), max_size=4)
    return Node(
        name=name,
        kind=kind,
        prompt=draw(NAMES),
        label=draw(LABELS),
        options=tuple(draw(options)) if kind is NodeKind.MENU else (),
        show=draw(st.none() | NAMES) if kind in WITH_A_SHOW else None,
    )


@st.composite
def menus(draw: st.DrawFn) -> Menu:
    names = draw(st.lists(NAMES, max_size=6, unique=True))
    tree = {name: draw(nodes(name)) for name in names}
    return Menu(draw(LABELS), draw(LANGUAGES), tree, cover=draw(NAMES), call_back=draw(st.booleans()))


@given(menus())
def test_a_menu_that_is_written_and_read_is_the_same(menu: Menu) -> None:
    written = write_menu(menu)

    assert read_menu(written) == menu
    assert write_menu(read_menu(written)) == written


@given(st.dictionaries(st.tuples(NAMES, st.sampled_from(["en", "ps", "no"])), LABELS))
def test_texts_that_are_written_and_read_are_the_same(texts: dict[tuple[str, str], str]) -> None:
    assert read_texts(write_texts(texts)) == texts


def test_a_key_may_be_typed_as_a_number_and_names_may_be_left_out() -> None:
    menu = read_menu(
        """
        name: A line
        languages: [ps]
        nodes:
          main:
            kind: menu
            label: Main
            options: [{key: 1, go: newest}, {key: "*", go: elsewhere}]
          newest: {kind: episode, label: The newest, show: gudar}
        """
    )

    assert menu.node("main").prompt == "main"
    assert menu.node("main").options[0] == Option("1", "newest", "The newest")
    assert menu.node("main").options[1].key == LANGUAGE


GOOD = (STARTER / "menu.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("name: Gudar line", "nam: Gudar line", "menu.yaml, nam: is not known here"),
        ("languages: [ps, ur, en]", "languages: [ps, ps]", "menu.yaml, languages: should name each language once"),
        ("languages: [ps, ur, en]", "languages: [Pashto]", "languages: Pashto is no language tag"),
        ("kind: poll", "kind: pole", "menu.yaml, nodes.week_question.kind: should be one of menu, episode"),
        ("{key: 1, go: newest}", "{key: 12, go: newest}", "nodes.main.options row 1.key: should be one key"),
        ("{key: 1, go: newest}", "{key: 1}", "nodes.main.options row 1.go: is missing"),
        ("  newest:\n", "  Newest Episode:\n", "nodes.Newest Episode: should be a name of small Latin letters"),
        ("show: gudar", "options: []", "nodes.newest.options: belongs to a node of the kind menu"),
        ("  join:\n    kind: join", "  join:\n    show: gudar\n    kind: join", "nodes.join.show: belongs to"),
        ("label: Join", "label: 7", 'nodes.join.label: should be some text (put it in "quotes")'),
        ("cover: cover", "name: Twice\ncover: cover", "name stands twice"),
        ("cover: cover", "call_back: maybe", "menu.yaml, call_back: should be true or false"),
        ("nodes:", "nodes: [", "menu.yaml, line"),
        (GOOD, "just words", "menu.yaml, the file: should hold names with values"),
    ],
)  # fmt: skip
def test_what_is_no_menu_is_refused_with_the_place(before: str, after: str, says: str) -> None:
    assert before in GOOD
    with pytest.raises(Unreadable) as refused:
        read_menu(GOOD.replace(before, after, 1))

    assert says in str(refused.value)


def test_a_text_for_no_language_is_refused_with_the_place() -> None:
    with pytest.raises(Unreadable, match=r"prompts\.yaml, greeting\.Urdu: is no language tag"):
        read_texts("greeting: {Urdu: salaam}")


def test_a_file_too_long_to_be_a_menu_is_not_even_parsed() -> None:
    with pytest.raises(Unreadable, match="longer than"):
        read_menu("x" * 300_001)
