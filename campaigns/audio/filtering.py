"""One way through FFmpeg's filters: frames in, filtered frames out, nothing kept."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import cast

import av
from av import AudioFrame
from av.filter import Graph

Filter = tuple[str, str]  # its name, and its arguments in FFmpeg's own form


def filtered(frames: Iterable[AudioFrame], *filters: Filter) -> Iterator[AudioFrame]:
    """Every frame after each filter in turn.

    A source whose rate or channels change on the way (files joined by hand) gets a new chain from there on.
    """
    graph: Graph | None = None
    shape: tuple[str, str, int] | None = None
    at = 0
    for frame in frames:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if graph is None or found != shape:
            if graph is not None:
                yield from _rest(graph)
            graph, shape, at = _chain(*found, filters), found, 0
        # Time stamps of damaged files jump; what is heard is one sample after the other.
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = at
        at += frame.samples
        graph.push(frame)
        yield from _ready(graph)
    if graph is not None:
        yield from _rest(graph)


def _chain(sample_format: str, layout: str, rate: int, filters: tuple[Filter, ...]) -> Graph:
    graph = Graph()
    graph.threads = 1
    source = graph.add_abuffer(
        sample_rate=rate, format=sample_format, layout=layout, time_base=Fraction(1, rate)
    )
    links = [source, *(graph.add(name, arguments) for name, arguments in filters), graph.add("abuffersink")]
    graph.link_nodes(*links).configure()
    return graph


def _rest(graph: Graph) -> Iterator[AudioFrame]:
    graph.push(None)
    return _ready(graph)


def _ready(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            yield cast(AudioFrame, graph.pull())
        except (av.BlockingIOError, av.EOFError):
            return
