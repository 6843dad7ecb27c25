"""Calls on the handsets page: they ring, they sound, keys and voices reach the line."""

import io
import wave
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.simulator.conftest import SimulatedClient, a_sound, a_wav
from tests.simulator.receiver import Receiver, Reply
from tests.support.carrier import LINE, WOMAN, SimulatedCarrier
from tests.support.waiting import until

pytestmark = pytest.mark.browser

PASHTO = "%D8%AF%20%D9%86%D9%88%DB%90%20%D8%AE%D9%BE%D8%B1%D9%88%D9%86%DB%90"
ASK = "<Gather numDigits='1' timeout='20' finishOnKey='' action='/one'><Play>/pashto.wav</Play></Gather>"
TARGET = 44
# A microphone that hums, so that the browser's own recorder and decoder are tried on every machine.
A_MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: 440 });
  const microphone = new MediaStreamAudioDestinationNode(sound);
  tone.connect(microphone);
  tone.start();
  return microphone.stream;
};
"""


@pytest.fixture
def handsets(page: Page, carrier: SimulatedCarrier, voice: Receiver) -> Page:
    """The handsets page, open; lines take calls."""
    carrier.post("config", pace=1)
    voice.always["/pashto.wav"] = a_sound(20, ("X-Training-Words", PASHTO), ("X-Training-Language", "ps"))
    page.add_init_script(A_MICROPHONE)
    page.goto(carrier.url + "/")
    expect(page.get_by_role("article", name="0101")).to_be_visible()
    return page


def called(handsets: Page) -> Locator:
    """The handset 0101 after it called the line."""
    hers = handsets.get_by_role("article", name="0101")
    hers.get_by_role("button", name="Call a line").click()
    expect(hers.get_by_role("region")).to_be_visible()
    return hers


def recorded_seconds(client: SimulatedClient) -> float:
    """The length of the only recording, when it is ready."""
    until(lambda: [one.status for one in client.recordings.list()] == ["completed"])
    return float(client.recordings.list()[0].duration)


def test_a_call_is_heard_and_answered_with_a_key(handsets: Page, voice: Receiver) -> None:
    voice.tells("/voice", ASK)
    voice.tells("/one", "<Play>/b.wav</Play>")

    hers = called(handsets)

    expect(hers.get_by_role("status").first).to_contain_text("she pays")
    words = hers.locator(".said-words")
    expect(words).to_have_text("د نوې خپرونې")
    assert words.evaluate("one => [getComputedStyle(one).direction, one.lang]") == ["rtl", "ps"]
    expect(hers.locator(".now-place")).to_contain_text("of 0:20")

    hers.get_by_role("button", name="7").click()

    expect(hers.locator(".said-key")).to_have_text("key 7")
    expect(hers.locator(".said-sound")).to_have_text("Plays audio 0:07")
    assert voice.on("/one")[0].fields["Digits"] == "7"
    hers.get_by_role("button", name="Hang up").click()
    expect(hers.get_by_role("textbox")).to_be_visible()
    expect(hers.locator(".note")).to_contain_text("Called")


def test_the_audio_that_the_line_plays_sounds_in_the_browser(handsets: Page, voice: Receiver) -> None:
    voice.tells("/voice", "<Play>/pashto.wav</Play>")
    handsets.evaluate(
        """() => {
            window.played = [];
            const play = HTMLMediaElement.prototype.play;
            HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); };
        }"""
    )

    called(handsets)

    until(lambda: handsets.evaluate("window.played.length && window.played[0].currentTime > 0.2"))
    assert handsets.evaluate("[window.played[0].paused, Math.round(window.played[0].duration)]") == [
        False,
        20,
    ]
    handsets.get_by_role("button", name="10×").click()
    until(lambda: handsets.evaluate("window.played[0].playbackRate") == 10)


def test_digits_of_the_keyboard_are_keys_of_the_telephone(handsets: Page, voice: Receiver) -> None:
    voice.tells("/voice", ASK)
    voice.tells("/one", "<Play>/b.wav</Play>")
    hers = called(handsets)
    expect(hers.locator(".said-words")).to_be_visible()

    handsets.keyboard.press("#")

    expect(hers.locator(".said-key")).to_have_text("key #")
    until(lambda: [one.fields["Digits"] for one in voice.on("/one")] == ["#"])


def test_a_missed_call_is_called_back_and_answered(
    handsets: Page, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Reject reason='busy'/>")
    voice.tells("/back", ASK)
    hers = handsets.get_by_role("article", name="0101")
    hers.get_by_role("button", name="Missed call").click()
    expect(hers.locator(".note")).to_contain_text("it was busy")

    client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/back", timeout=40)

    expect(hers.get_by_text("03990000017 is calling")).to_be_visible()
    expect(hers.locator(".call-why")).to_contain_text("She gave a missed call")
    hers.get_by_role("button", name="Answer").click()
    expect(hers.get_by_role("status").first).to_contain_text("called back, free for her")
    expect(hers.locator(".said-words")).to_be_visible()


def test_a_ringing_telephone_is_declined(handsets: Page, client: SimulatedClient, voice: Receiver) -> None:
    sid = client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/voice").sid
    hers = handsets.get_by_role("article", name="0101")

    hers.get_by_role("button", name="Decline").click()

    expect(hers.get_by_role("textbox")).to_be_visible()
    expect(hers.locator(".note")).to_contain_text("it was busy")
    assert client.calls(sid).fetch().status == "busy"


def test_a_sound_file_is_what_she_says(
    handsets: Page, client: SimulatedClient, voice: Receiver, tmp_path: Path
) -> None:
    voice.tells("/voice", "<Record action='/one' playBeep='false'/>")
    file = tmp_path / "speech.wav"
    with wave.open(str(file), "wb") as writing:
        writing.setnchannels(2)
        writing.setsampwidth(2)
        writing.setframerate(44100)
        writing.writeframes(bytes(4 * 44100 * 3))
    hers = called(handsets)
    expect(hers.get_by_label("Speak with a sound file")).to_be_enabled()

    hers.get_by_label("Speak with a sound file").set_input_files(file)
    expect(hers.locator(".note")).to_contain_text("speaks for 0:03")
    handsets.get_by_role("button", name="10×").click()

    assert recorded_seconds(client) == 3


def test_a_microphone_is_what_she_says(
    handsets: Page, carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Record action='/one' playBeep='false'/>")
    voice.tells("/one", "<Play>/b.wav</Play>")
    hers = called(handsets)
    speak = hers.get_by_role("button", name="Speak with the microphone")
    expect(speak).to_be_enabled()
    speak.click()
    expect(speak).to_have_attribute("aria-pressed", "true")
    expect(hers.locator(".now-name")).to_have_text("You are heard")
    expect(hers.locator(".now-place")).to_contain_text("0:01 of")

    hers.get_by_role("button", name="hash").click()

    expect(hers.locator(".said-note").last).to_contain_text("Recorded")
    assert recorded_seconds(client) >= 1
    (recording,) = carrier.get("recordings")["recordings"]
    assert recording["is_kept"]
    assert voice.on("/one")[0].fields["Digits"] == "#"


def test_what_the_carrier_cannot_carry_out_is_shown_with_its_code(handsets: Page, voice: Receiver) -> None:
    voice.always["/voice"] = Reply(body=b"<Response><Dial/></Response>")

    hers = called(handsets)

    expect(hers.locator(".said-fault")).to_have_text("12200: Dial is not a verb of this carrier.")
    expect(hers.locator(".said-words")).to_contain_text("application error")
    hers.get_by_role("button", name="Hang up").click()
    expect(hers.locator(".note")).to_have_text("12200: Dial is not a verb of this carrier.")


def test_lines_that_take_no_calls_offer_none(handsets: Page, carrier: SimulatedCarrier) -> None:
    lines = carrier.get("config")["lines"]
    lines[0]["voice_url"] = None
    carrier.post("config", lines=lines)
    handsets.reload()
    expect(handsets.get_by_role("article", name="0101")).to_be_visible()

    assert handsets.get_by_role("button", name="call").count() == 0


@pytest.mark.parametrize(
    ("asked", "title", "status"),
    [("Call a line", "Call", "in-progress"), ("Missed call", "Ring, and hang up", "busy")],
)
def test_of_several_lines_one_is_chosen(
    asked: str, title: str, status: str, handsets: Page, carrier: SimulatedCarrier, voice: Receiver
) -> None:
    lines = carrier.get("config")["lines"]
    radio = {"address": "+923990000020", "name": "Gudar radio", "two_way": False}
    carrier.post("config", lines=[*lines, {**radio, "voice_url": f"{voice.url}/radio"}])
    voice.tells("/radio", ASK if status == "in-progress" else "<Reject reason='busy'/>")
    handsets.reload()
    hers = handsets.get_by_role("article", name="0101")

    hers.get_by_role("button", name=asked).click()
    expect(hers.get_by_role("heading", name=title)).to_be_visible()
    expect(hers.get_by_role("textbox")).to_be_hidden()
    handsets.keyboard.press("Escape")
    expect(hers.get_by_role("textbox")).to_be_visible()
    assert hers.get_by_label("Line to text to").locator("option").all_inner_texts() == [
        "03990000017",
        "GUDAR, only sends",
    ]
    hers.get_by_role("button", name=asked).click()
    hers.get_by_role("button", name="Gudar radio").click()

    until(
        lambda: (
            [(one["line"], one["status"]) for one in carrier.get("calls")["calls"]]
            == [(radio["address"], status)]
        )
    )


@pytest.mark.parametrize("answered", [True, False])
def test_on_a_phone_a_call_fits_and_every_target_is_large(
    answered: bool, handsets: Page, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", ASK)
    handsets.set_viewport_size({"width": 390, "height": 844})
    hers = handsets.get_by_role("article", name="0101")
    if answered:
        called(handsets)
        expect(hers.locator(".said-words")).to_be_visible()
    else:
        client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/voice")
        expect(hers.get_by_role("button", name="Answer")).to_be_visible()

    assert handsets.evaluate("document.documentElement.scrollWidth") == 390
    sizes = hers.evaluate(
        """(all, least) => [...all.querySelectorAll("button, label.small-round")]
            .filter(one => one.offsetParent)
            .map(one => [one.getAttribute("aria-label") || one.textContent, one.getBoundingClientRect()])
            .filter(([, box]) => Math.min(box.height, box.width) < least).map(([name]) => name)""",
        TARGET,
    )
    assert sizes == []
    overflow = hers.locator(".call").evaluate("one => one.scrollHeight - one.clientHeight")
    assert overflow <= 0


def test_a_wav_of_the_page_is_a_telephones(handsets: Page) -> None:
    made = handsets.evaluate(
        """async wav => {
            const { telephoneWav } = await import("/page/voice.js");
            return [...new Uint8Array(await telephoneWav(new Uint8Array(wav).buffer))];
        }""",
        list(a_wav(1)),
    )

    with wave.open(io.BytesIO(bytes(made))) as reading:
        assert (reading.getnchannels(), reading.getframerate(), reading.getnframes()) == (1, 8000, 8000)
