"""Episodes and clips, piece by piece: skip, back, replay, the place said, and where she stopped kept (R17-R19)."""

from dataclasses import replace

from campaigns.voice.call import Bookmark, Played, Sound, how_long
from campaigns.voice.journey.moment import Go, Leg, Moment, Next, Words
from campaigns.voice.journey.silence import the_end
from campaigns.voice.menu import AGAIN, BACK, DONE, MAIN, SKIP, Node
from campaigns.voice.state import Marked, Phase, Playing

SLIP_SECONDS = 3  # many press # behind a choice: it does not end what has hardly begun
GO_ON, FROM_THE_BEGINNING = "1", "2"


def open_episode(m: Moment, node: Node, go: Go) -> Next:
    """Play a show's newest episode, or ask whether to go on where she stopped."""
    if node.show is None or m.on_air.newest(node.show, m.language) is None:
        return _nothing(m, go.lead)
    if not go.plainly and _where_she_stopped(m, node.show) is not None:
        m.set(phase=Phase.RESUME)
        return m.ask(_resume(m), go.lead, go.first)
    return _play_newest(m, node.show, go.lead if go.plainly else (*go.lead, *m.say(node.prompt)))


def open_clips(m: Moment, node: Node, go: Go) -> Next:
    """Play what other callers left and a moderator let through."""
    pieces = m.on_air.clips(node.show, m.language) if node.show else ()
    if node.show is None or not pieces:
        return _nothing(m, go.lead)
    return _play(m, Playing(node.show, 1, len(pieces)), (*go.lead, *m.say(node.prompt)))


def _play_newest(m: Moment, show: str, lead: tuple[Played, ...] = ()) -> Next:
    episode = m.on_air.newest(show, m.language)
    if episode is None:
        return _nothing(m)
    return _play(m, Playing(show, 1, len(episode.segments), episode.id), lead)


def _nothing(m: Moment, lead: tuple[Played, ...] = ()) -> Next:
    return Go(m.above, lead=(*lead, *m.say("nothing_yet")))


def _play(m: Moment, playing: Playing, lead: tuple[Played, ...] = ()) -> Next:
    """Play one piece, and remember that she is there."""
    piece = _piece(m, playing)
    if piece is None:
        return _nothing(m, lead)
    if not m.has_time_for(piece.milliseconds):
        return m.goodbye(*lead, *m.say("limit_reached"))
    m.fresh()
    m.set(phase=Phase.PLAYING)
    if playing.episode_id is not None:
        _mark(m, playing.show, playing.episode_id, playing.place)
    intro = how_long((*lead, *m.place_said(playing.place, playing.of)))
    m.set(playing=replace(playing, intro_ms=intro, piece_ms=piece.milliseconds))
    return m.ask(_words(m), lead)


def _mark(m: Moment, show: str, episode_id: int, place: int | None) -> None:
    if m.remembers:
        m.set(marked=Marked(show, episode_id, place) if place else None)
        m.do(Bookmark(show, episode_id, place))


def _piece(m: Moment, playing: Playing) -> Sound | None:
    if playing.episode_id is None:
        clips = m.on_air.clips(playing.show, m.language)[playing.place - 1 : playing.place]
        heard = (Sound("", m.language, one.blob, one.milliseconds, passing=True) for one in clips)
        return next(heard, None)
    episode = m.on_air.episode(playing.episode_id, m.language)
    segments = episode.segments[playing.place - 1 : playing.place] if episode else ()
    return next((Sound(one.title, m.language, one.blob, one.milliseconds) for one in segments), None)


def _words(m: Moment) -> Words:
    playing = m.state.playing
    piece = _piece(m, playing) if playing else None
    if playing is None or piece is None:
        return Words(m.say("nothing_yet"), wait_seconds=1)
    return Words((*m.place_said(playing.place, playing.of), piece), wait_seconds=1)


def _while_playing(m: Moment, key: str) -> Next | None:
    playing = m.state.playing
    if playing is None:
        return Go(MAIN)
    if key == SKIP:
        return _next_piece(m)
    if key == DONE:
        slipped = m.epoch_seconds - m.state.asked_at < SLIP_SECONDS
        return _play(m, playing) if slipped else _ended(m)
    if key == BACK:
        return _play(m, replace(playing, place=playing.place - 1)) if playing.place > 1 else Go(m.above)
    return None


def _play_again(m: Moment, lead: tuple[Played, ...]) -> Next:
    return _play(m, m.state.playing, lead) if m.state.playing else Go(MAIN, lead)


def _next_piece(m: Moment) -> Next:
    playing = m.state.playing
    if playing is None:
        return Go(MAIN)
    if playing.place < playing.of:
        return _play(m, replace(playing, place=playing.place + 1))
    if playing.episode_id is not None:
        _mark(m, playing.show, playing.episode_id, None)
    return _ended(m)


def _ended(m: Moment) -> Next:
    m.fresh()
    m.set(phase=Phase.ENDED)
    return m.ask(_what_now(m))


def _what_now(m: Moment) -> Words:
    return Words(m.say("end_of_episode"))


def _after_the_end(m: Moment, key: str) -> Next | None:
    playing = m.state.playing
    if playing is None or key in (SKIP, DONE):
        return Go(MAIN)
    if key == AGAIN:
        return _play(m, replace(playing, place=1))
    return _play(m, playing) if key == BACK else None


def _where_she_stopped(m: Moment, show: str) -> Marked | None:
    """Her bookmark, where going on is something else than beginning the newest."""
    marked = m.state.marked
    if marked is None or marked.show != show or m.state.quiet:
        return None
    episode = m.on_air.episode(marked.episode_id, m.language)
    if episode is None or marked.segment_place > len(episode.segments):
        return None
    newest = m.on_air.newest(show, m.language)
    is_its_beginning = marked.segment_place == 1 and newest is not None and newest.id == episode.id
    return None if is_its_beginning else marked


def _resume(m: Moment) -> Words:
    return Words(m.say("resume"))


def _go_on_or_begin(m: Moment, key: str) -> Next | None:
    show = m.node.show
    if show is None:
        return Go(MAIN)
    if key == FROM_THE_BEGINNING:
        return _play_newest(m, show)
    return _go_on(m) if key == GO_ON else None


def _go_on(m: Moment) -> Next:
    marked = m.state.marked
    episode = m.on_air.episode(marked.episode_id, m.language) if marked else None
    if marked is None or episode is None:
        return _play_newest(m, m.node.show or "")
    return _play(m, Playing(marked.show, marked.segment_place, len(episode.segments), episode.id))


PLAYING_LEG = Leg(_words, _while_playing, give_up=_next_piece, silent=_next_piece, again=_play_again)
ENDED_LEG = Leg(_what_now, _after_the_end, give_up=the_end)
RESUME_LEG = Leg(_resume, _go_on_or_begin, give_up=_go_on, hurries=True)
