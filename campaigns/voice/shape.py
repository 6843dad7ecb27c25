"""The shape of a menu: how many choices, how deep, which keys, and that every one of them leads somewhere."""

from collections.abc import Collection, Iterator

from campaigns.voice import rules
from campaigns.voice.menu import MAIN, OPTION_KEYS, Menu, Node, NodeKind, prompts_of
from campaigns.voice.rules import Finding, Rule, Severity, Where
from campaigns.voice.written import WITH_A_SHOW

# A menu broken in one of these ways cannot even be walked: it is not kept, not as a draft either.
CANNOT_BE_WALKED = frozenset({Rule.NO_MAIN, Rule.DEAD_LINK, Rule.LOOP})


def lint_shape(menu: Menu, shows: Collection[str] | None = None) -> Iterator[Finding]:
    """Every rule that the tree itself breaks, whatever is said in it. `shows`: the keys of the shows there are."""
    if len(menu.languages) > rules.MOST_LANGUAGES:
        facts = {"count": str(len(menu.languages)), "limit": str(rules.MOST_LANGUAGES)}
        yield Finding(Rule.TOO_MANY_LANGUAGES, Severity.MEND, Where(prompt="this_language"), facts)
    main = menu.nodes.get(MAIN)
    if main is None or main.kind is not NodeKind.MENU:
        yield Finding(Rule.NO_MAIN, Severity.MEND, Where(node=MAIN))
    if menu.cover not in prompts_of(menu):
        yield Finding(Rule.DEAD_LINK, Severity.MEND, Where(prompt="cover"), {"to": menu.cover})
    for node in menu.nodes.values():
        yield from _lint_node(menu, node, shows)
    yield from _lint_paths(menu)


def _lint_node(menu: Menu, node: Node, shows: Collection[str] | None) -> Iterator[Finding]:
    where = Where(node=node.name)
    if len(node.options) > rules.MOST_OPTIONS:
        facts = {"count": str(len(node.options)), "limit": str(rules.MOST_OPTIONS)}
        yield Finding(Rule.TOO_MANY_OPTIONS, Severity.MEND, where, facts)
    keys = [option.key for option in node.options]
    for key in dict.fromkeys(keys):
        if key not in OPTION_KEYS:
            yield Finding(Rule.RESERVED_KEY, Severity.MEND, where, {"key": key})
        if keys.count(key) > 1:
            yield Finding(Rule.KEY_TWICE, Severity.MEND, where, {"key": key})
    for option in node.options:
        if option.go not in menu.nodes:
            yield Finding(Rule.DEAD_LINK, Severity.MEND, where, {"to": option.go})
    needs_show = node.kind in WITH_A_SHOW
    if (node.kind is NodeKind.MENU and not node.options) or (needs_show and node.show is None):
        yield Finding(Rule.LEADS_NOWHERE, Severity.MEND, where)
    if needs_show and node.show is not None and shows is not None and node.show not in shows:
        yield Finding(Rule.NO_SUCH_SHOW, Severity.MEND, where, {"show": node.show})


def _lint_paths(menu: Menu) -> Iterator[Finding]:
    """Choices that lead back up, nodes too far down, and nodes to which no choice leads."""
    for name, to in _loops(menu):
        yield Finding(Rule.LOOP, Severity.MEND, Where(node=name), {"to": to})
    depths = _depths(menu)
    for name in menu.nodes:
        if name not in depths:
            yield Finding(Rule.UNREACHABLE, Severity.LOOK, Where(node=name))
        elif depths[name] > rules.MOST_DEPTH:
            facts = {"depth": str(depths[name]), "limit": str(rules.MOST_DEPTH)}
            yield Finding(Rule.TOO_DEEP, Severity.MEND, Where(node=name), facts)


def _goes(menu: Menu, name: str) -> list[str]:
    """Where the choices of a node lead, as far as that is there."""
    return [option.go for option in menu.nodes[name].options if option.go in menu.nodes]


def _depths(menu: Menu) -> dict[str, int]:
    """For each node that a caller can come to, how many keys it takes her at least."""
    depths = {MAIN: 0} if MAIN in menu.nodes else {}
    waiting = list(depths)
    for name in waiting:
        for to in _goes(menu, name):
            if to not in depths:
                depths[to] = depths[name] + 1
                waiting.append(to)
    return depths


def _loops(menu: Menu) -> list[tuple[str, str]]:
    """Choices that lead to a node above them."""
    found: list[tuple[str, str]] = []
    done: set[str] = set()

    def go_down(path: tuple[str, ...]) -> None:
        for to in _goes(menu, path[-1]):
            if to in path:
                found.append((path[-1], to))
            elif to not in done:
                go_down((*path, to))
        done.add(path[-1])

    if MAIN in menu.nodes:
        go_down((MAIN,))
    return found
