"""The voice journey through real processes: call, resume, be called back, speak to the moderator and to the show."""

import base64
import io
import json
import urllib.request
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from campaigns.listening.sealing import FeedbackVoice, open_inner
from campaigns.listening.shelf import Shelf
from campaigns.radio import moderation
from campaigns.radio.clips import Clip, ClipState
from campaigns.radio.pack import build_pack
from campaigns.staff.actor import Actor, Permission, Staff
from campaigns.voice.versions import published
from gateway.house import House
from tests.support.handsets import Handsets
from tests.support.house import RealHouse
from tests.support.waiting import until

LISTENS, MISSED = "+923990000020", "+923990000030"
PATIENCE = 90.0  # seconds: the machine may be busy with other tests


class Line:
    """The telephones of a running house, and what callers heard."""

    def __init__(self, house: RealHouse) -> None:
        self.house, self.phones = House.from_settings(house.settings), Handsets(house.handsets_url)
        self.settings = house.settings

    def call(self, phone: str, script: str) -> list[str]:
        """One call, walked through by a script; the words of everything that was played."""
        fields = {"from": phone, "to": LISTENS, "script": script, "pace": 0, "wait": True}
        whole = self.phones.post("calls", **fields)
        faults = [entry for entry in whole["entries"] if entry["kind"] == "fault"]
        assert faults == []
        return [entry.get("text", "") for entry in whole["entries"] if entry["kind"] == "play"]

    def words(self, prompt: str, language: str) -> str:
        """What a prompt of the published menu says."""
        with self.house.database.reading() as session:
            menu = published(session)
            assert menu is not None
            return menu.sound(prompt, language).text

    def calls_of(self, phone: str) -> list[dict[str, Any]]:
        found = self.phones.get(f"calls?handset={phone.replace('+', '%2B')}")["calls"]
        return [call for call in found if call["direction"] == "outbound-api"]

    def recordings_at_the_carrier(self) -> list[Any]:
        account, token = self.settings.twilio_account_sid, self.settings.auth_tokens[0]
        request = urllib.request.Request(
            f"{self.settings.carrier_url}/2010-04-01/Accounts/{account}/Recordings.json",
            headers={"Authorization": "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: list[Any] = json.load(answer)["recordings"]
            return found


@pytest.mark.timeout(400)
def test_from_a_call_to_the_shelf_and_the_studio(running_house: RealHouse) -> None:
    line = Line(running_house)

    she_resumes_where_she_stopped(line)
    she_is_called_back(line)
    line.call("+923990000102", "3, 1, 3, 2, record 8, #, 1, wait, hang up")
    line.call("+923990000104", "3, 1, 2, 3, record 8, #, 1, 1, 1, 1, wait, hang up")
    line.phones.post("clock", advance=120, speed=10)
    the_moderator_hears_it_and_nobody_else(line, running_house)
    the_studio_gets_the_clip(line)
    until(lambda: line.recordings_at_the_carrier() == [], seconds=PATIENCE, what="the carrier's forgetting")


def she_resumes_where_she_stopped(line: Line) -> None:
    first = line.call("+923990000101", "1, 1, 1, 6, hang up in play 6")
    again = line.call("+923990000101", "1, 1, wait, 1, hang up in play 8")

    assert line.words("practice", "ps") in first
    assert line.words("message_2", "ps") in first
    assert line.words("resume", "ps") in again
    assert line.words("message_2", "ps") in again
    assert line.words("message_1", "ps") not in again


def she_is_called_back(line: Line) -> None:
    line.phones.post("calls", **{"from": "+923990000103", "to": MISSED, "missed": True})

    until(lambda: line.calls_of("+923990000103"), seconds=PATIENCE, what="the call-back")


def the_moderator_hears_it_and_nobody_else(line: Line, house: RealHouse) -> None:
    private = base64.b64decode(json.loads(house.moderator_key.read_text())["private"])

    def on_the_shelf() -> list[bytes]:
        with line.house.database.reading() as session:
            return list(session.scalars(select(Shelf.box)))

    boxes = until(on_the_shelf, seconds=2 * PATIENCE, what="the voice on the shelf")
    voice = open_inner(boxes[0], private)
    assert isinstance(voice, FeedbackVoice)
    assert voice.language == "en"


def the_studio_gets_the_clip(line: Line) -> None:
    database, now = line.house.database, line.house.now()

    def waiting() -> list[Clip]:
        with database.reading() as session:
            return list(session.scalars(select(Clip)))

    (clip,) = until(waiting, seconds=2 * PATIENCE, what="the clip at the desk")
    assert clip.state == ClipState.PENDING
    with database.writing() as session:
        staff = session.scalars(select(Staff).order_by(Staff.name)).first()
        assert staff is not None
        every = Permission.HEAR_WOMEN | Permission.PRODUCE_RADIO
        actor = Actor(staff.rid, staff.name, every)
        seen = moderation.decision_hash(session.get_one(Clip, clip.rid))
        moderation.approve(session, actor, clip.rid, seen, now=now)
    pack = build_pack(database, line.house.keyring, actor, clip.show_id, now=now)

    with zipfile.ZipFile(io.BytesIO(pack.data)) as opened:
        assert len([name for name in opened.namelist() if name.endswith(".wav")]) == 1
