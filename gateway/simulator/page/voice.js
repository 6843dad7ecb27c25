// Sound in the browser: what the line plays, and what she says.

const TELEPHONE_RATE = 8000;
const LONGEST_SECONDS = 120;
const HEADER_BYTES = 44;
// A new sound begins at its beginning though it is noticed a moment late; later it is put right only when far off.
const LATE_SECONDS = 1;
const FASTEST = 16;
const BEEP = { hertz: 1000, seconds: 0.3, loudness: 0.15 };

let shared = null;

function context() {
  shared ??= new AudioContext();
  if (shared.state === "suspended") shared.resume().catch(() => undefined);
  return shared;
}

export function beep() {
  const sound = context();
  const tone = new OscillatorNode(sound, { frequency: BEEP.hertz });
  const loudness = new GainNode(sound, { gain: BEEP.loudness });
  tone.connect(loudness).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + BEEP.seconds);
}

/** Plays one clip at a time, at the place where the call is. `onBlocked` when the browser wants a press first. */
export class Player {
  constructor(onBlocked) {
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.clip = "";
    this.isBlocked = false;
    this.onBlocked = onBlocked;
  }

  /** `place` in seconds of the clip, or a negative one where nothing plays; `speed` of the shown clock. */
  show(key, clip, place, speed) {
    const { audio } = this;
    if (!clip || place < 0 || speed <= 0 || speed > FASTEST) {
      if (!audio.paused) audio.pause();
      if (!clip) this.clip = "";
      return;
    }
    if (key !== this.clip) {
      this.clip = key;
      audio.src = `/sim/clips/${clip}`;
      if (place > LATE_SECONDS * speed) audio.currentTime = place;
    } else if (Math.abs(audio.currentTime - place) > LATE_SECONDS * Math.max(speed, 1) && !audio.ended) {
      audio.currentTime = Math.min(place, audio.duration || place);
    }
    if (audio.playbackRate !== speed) audio.playbackRate = speed;
    if (audio.paused && !audio.ended && !this.isBlocked) this.start();
  }

  /** Also after the person has pressed something, which is what a browser waits for. */
  start() {
    this.audio.play().then(
      () => this.block(false),
      (error) => this.block(error.name === "NotAllowedError"),
    );
  }

  block(isBlocked) {
    if (isBlocked === this.isBlocked) return;
    this.isBlocked = isBlocked;
    this.onBlocked(isBlocked);
  }

  stop() {
    this.show("", "", -1, 0);
  }
}

/** Any sound the browser can read, as the WAV of a telephone: 8 kHz, one channel, 16 bits. */
export async function telephoneWav(data) {
  const decoded = await context().decodeAudioData(data);
  const seconds = Math.min(decoded.duration, LONGEST_SECONDS);
  const line = new OfflineAudioContext(1, Math.max(Math.round(seconds * TELEPHONE_RATE), 1), TELEPHONE_RATE);
  const source = new AudioBufferSourceNode(line, { buffer: decoded });
  source.connect(line.destination);
  source.start();
  const samples = (await line.startRendering()).getChannelData(0);
  const wav = new DataView(new ArrayBuffer(HEADER_BYTES + samples.length * 2));
  const write = (at, text) => [...text].forEach((letter, place) => wav.setUint8(at + place, letter.charCodeAt(0)));
  write(0, "RIFF");
  wav.setUint32(4, wav.byteLength - 8, true);
  write(8, "WAVEfmt ");
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true);
  wav.setUint16(22, 1, true);
  wav.setUint32(24, TELEPHONE_RATE, true);
  wav.setUint32(28, TELEPHONE_RATE * 2, true);
  wav.setUint16(32, 2, true);
  wav.setUint16(34, 16, true);
  write(36, "data");
  wav.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, place) => {
    wav.setInt16(HEADER_BYTES + place * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
  });
  return wav.buffer;
}

/** The microphone, from `start` to `stop`, which gives the WAV. */
export class Microphone {
  async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    this.stream = stream;
    this.parts = [];
    this.recorder = new MediaRecorder(stream);
    this.recorder.addEventListener("dataavailable", ({ data }) => this.parts.push(data));
    this.recorder.start();
  }

  async stop() {
    const stopped = new Promise((done) => {
      this.recorder.addEventListener("stop", done, { once: true });
    });
    this.recorder.stop();
    await stopped;
    this.stream.getTracks().forEach((track) => track.stop());
    return telephoneWav(await new Blob(this.parts).arrayBuffer());
  }
}
