// Talking to the simulator.

/** What the simulator answers; throws an Error whose message is its reason in plain words. */
async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`/sim/${path}`, { cache: "no-store", ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export const placeCall = (from, to, missed) => ask("calls", { from, to, missed });
export const pressKey = (sid, key) => ask(`calls/${sid}`, { key });
export const actOn = (sid, act) => ask(`calls/${sid}`, { act });
export const sendText = (from, to, body) => ask("text", { from, to, body });
export const setClock = (change) => ask("clock", change);
export const setFaults = (change) => ask("faults", change);

/** A WAV of what she said: until now, or from now on. */
export async function speak(sid, wav, isPast) {
  const options = { method: "POST", headers: { "Content-Type": "audio/wav" }, body: wav };
  const response = await fetch(`/sim/calls/${sid}/speech${isPast ? "?past=1" : ""}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** What is new since the last call, and everything again after a restart of the carrier. */
export class Feed {
  constructor() {
    this.version = 0;
    this.epoch = "";
  }

  fromTheStart() {
    this.version = 0;
  }

  async next(shown) {
    const asked = new URLSearchParams({ since: this.version, show: shown.join(",") });
    if (this.epoch) asked.set("epoch", this.epoch);
    const state = await ask(`state?${asked}`);
    state.isWhole = this.version === 0 || state.epoch !== this.epoch;
    this.version = state.version;
    this.epoch = state.epoch;
    return state;
  }
}
