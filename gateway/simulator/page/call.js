// What a telephone shows of a call: ringing, then what is said and pressed, with keys that work.

import { actOn, pressKey, speak } from "./carrier.js";
import { button, element, icon, isolated } from "./elements.js";
import { beep, Microphone, Player, telephoneWav } from "./voice.js";
import { handOf, languageOfText, minutes, national } from "./words.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const KEY_NAMES = { "*": "star", "#": "hash" };
const PRESSED_MILLISECONDS = 400;
const NEAR_THE_END = 40;

const isSounding = ({ kind, until }) => (kind === "play" || kind === "say") && until === undefined;

export class CallScreen {
  /** `onAct` after each thing done; `say(words, isRefusal)` writes below the telephone. */
  constructor(handset, say, onAct) {
    this.handset = handset;
    this.say = say;
    this.onAct = onAct;
    this.call = null;
    this.drawn = 0;
    this.player = new Player((isBlocked) => {
      this.unblock.hidden = !isBlocked;
    });
    this.microphone = null;
    this.name = element("b", "call-name");
    this.state = element("p", "call-state");
    this.state.setAttribute("role", "status");
    this.node = element("section", "call", this.name, this.state, this.makeRinging(), this.makeTalking());
    this.node.tabIndex = -1;
    this.node.hidden = true;
    this.node.addEventListener("keydown", (event) => this.typed(event));
  }

  makeRinging() {
    this.why = element("p", "call-why");
    const rings = element("div", "rings", element("span", "ring-mark", icon("incoming")));
    rings.setAttribute("aria-hidden", "true");
    const answer = button("round is-yes", "", icon("phone"), () => this.act("answer"));
    const decline = button("round is-no", "", icon("hang-up"), () => this.act("decline"));
    answer.append(element("span", "round-name", "Answer"));
    decline.append(element("span", "round-name", "Decline"));
    this.ringing = element("div", "ringing", rings, this.why, element("div", "rounds", decline, answer));
    return this.ringing;
  }

  makeTalking() {
    this.lines = element("div", "said");
    this.lines.tabIndex = 0;
    this.lines.setAttribute("role", "log");
    this.lines.setAttribute("aria-label", "What is said and pressed");
    this.now = element("span", "now-name");
    this.place = element("span", "now-place");
    this.done = document.createElement("progress");
    this.done.max = 1;
    this.done.setAttribute("aria-label", "Place in what sounds now");
    this.unblock = button("unblock", "", "Hear it", () => this.player.start());
    this.unblock.hidden = true;
    this.pad = element("div", "pad", ...KEYS.map((key) => this.makeKey(key)));
    this.pad.dir = "ltr";
    this.speak = button("small-round", "Speak with the microphone", icon("microphone"), () => this.toggleMicrophone());
    this.hangUp = button("small-round is-no", "Hang up", icon("hang-up"), () => this.act("hang up"));
    this.file = element("input", "unseen");
    this.file.type = "file";
    this.file.accept = "audio/*";
    this.file.setAttribute("aria-label", "Speak with a sound file");
    this.file.addEventListener("change", () => this.speakFile());
    this.fileLabel = element("label", "small-round", icon("upload"), this.file);
    const doing = element("div", "doing", element("div", "now", this.now, this.place), this.done, this.unblock);
    const controls = element("div", "controls", this.speak, this.hangUp, this.fileLabel);
    this.talking = element("div", "talking", this.lines, doing, this.pad, controls);
    return this.talking;
  }

  makeKey(key) {
    const made = button("key", KEY_NAMES[key] ?? "", key === "*" ? "∗" : key, () => this.press(key));
    made.dataset.key = key;
    return made;
  }

  /** The call as the carrier tells it, or null when the telephone is in none. */
  show(call) {
    const before = this.call;
    this.call = call;
    if (call?.sid !== before?.sid) this.begin(before);
    if (!call) return;
    const isRinging = call.answered_at === null;
    const isCalled = call.direction !== "inbound";
    const wasFocused = this.node.contains(document.activeElement);
    this.ringing.hidden = !isRinging || !isCalled;
    this.talking.hidden = !this.ringing.hidden;
    if (wasFocused && !this.node.contains(document.activeElement)) this.node.focus();
    this.node.classList.toggle("is-ringing", !this.ringing.hidden);
    this.name.textContent = call.name || national(call.line);
    this.name.dir = "auto";
    this.allowSpeech(call.is_recording);
    this.draw();
  }

  begin(before) {
    this.drawn = 0;
    this.lines.replaceChildren();
    this.player.stop();
    this.unblock.hidden = true;
    if (this.microphone) this.dropMicrophone();
    const hadFocus = this.node.contains(document.activeElement);
    this.node.hidden = !this.call;
    if (!this.call && before && hadFocus) this.handset.focus();
  }

  draw() {
    const { entries } = this.call;
    const isAtTheEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < NEAR_THE_END;
    for (const entry of entries.slice(this.drawn)) {
      const line = this.line(entry);
      if (line) this.lines.append(line);
      if (entry.kind === "beep") beep();
      if (entry.kind === "key" && !entry.is_lost) this.light(entry.text);
    }
    const isNew = entries.length > this.drawn;
    this.drawn = entries.length;
    if (isNew && isAtTheEnd) this.lines.scrollTop = this.lines.scrollHeight;
  }

  line(entry) {
    const note = (words) => element("p", "said-note", words);
    switch (entry.kind) {
      case "say":
      case "play":
        return entry.text ? this.words(entry) : element("p", "said-sound", icon("play"), `Plays audio ${minutes(entry.seconds)}`);
      case "key":
        return element("p", `said-key${entry.is_lost ? " is-lost" : ""}`, `key ${entry.text}${entry.is_lost ? ", nobody listens" : ""}`);
      case "silence":
        return note("She pressed nothing.");
      case "beep":
        return note("Beep. She can speak.");
      case "recorded":
        return note(`Recorded ${minutes(entry.seconds)}.`);
      case "fault":
        return element("p", "said-fault", icon("warning"), `${entry.code}: ${entry.text}`);
      default:
        return null;
    }
  }

  words(entry) {
    const { language } = this.handset;
    const made = element("p", `said-words in-${handOf(entry.text, entry.language || language)}`, entry.text);
    made.dir = "auto";
    made.lang = entry.language || languageOfText(entry.text, language);
    return made;
  }

  /** A quarter of a second has passed on the page. */
  tick(shown, speed) {
    const { call } = this;
    if (!call) return;
    const at = call.pace ? (shown - call.began) / call.pace : 0;
    if (call.answered_at === null) {
      this.tickRinging(shown, at);
      return;
    }
    const cost = call.direction === "inbound" ? "she pays" : "free for her";
    const way = call.missed === null ? cost : `called back, ${cost}`;
    this.setState(`${minutes(at - call.answered_at, 2)}, ${way}`);
    const entry = call.entries.findLast(isSounding);
    const place = entry ? at - entry.at : -1;
    if (entry?.kind === "play") this.player.show(`${call.sid} ${entry.at}`, entry.clip, place % entry.seconds, speed / (call.pace || 1));
    else this.player.show("", "", -1, speed);
    this.tickPlace(at, entry, place);
  }

  tickRinging(shown, at) {
    const { call } = this;
    if (call.direction === "inbound") {
      this.setState("Calling");
      this.showPlace("It rings", "", 0);
      return;
    }
    const ring = call.entries.find(({ kind }) => kind === "ring");
    this.setState(`${national(call.line)} is calling`);
    const lines = [];
    if (call.missed !== null) {
      const ago = Math.max(Math.round(shown - call.missed), 0);
      lines.push(`She gave a missed call ${ago === 1 ? "1 second" : `${ago} seconds`} ago.`);
    }
    if (ring) lines.push(`Rings for ${Math.max(Math.ceil(ring.at + ring.seconds - at), 0)} seconds.`);
    const words = lines.join(" ");
    if (this.why.textContent !== words) this.why.textContent = words;
  }

  tickPlace(at, entry, place) {
    const latest = (kind) => this.call.entries.findLast((other) => other.kind === kind);
    if (this.call.is_recording) {
      const begun = latest("beep");
      const spoken = begun ? at - begun.at : 0;
      this.showPlace(this.microphone ? "You are heard" : "It records", `${minutes(spoken)} of ${minutes(begun?.seconds ?? 0)}`, spoken / (begun?.seconds || 1));
      if (this.microphone && begun && spoken >= begun.seconds) this.toggleMicrophone();
    } else if (entry) {
      const heard = Math.min(Math.max(place, 0), entry.seconds);
      const label = entry.kind === "say" ? "A machine's voice" : "A recorded voice";
      this.showPlace(label, `${minutes(heard)} of ${minutes(entry.seconds)}`, heard / (entry.seconds || 1));
    } else {
      const listens = this.call.entries.at(-1)?.kind === "ask" ? "The line thinks" : "The line waits for a key";
      this.showPlace(listens, "", 0);
    }
  }

  showPlace(name, words, share) {
    if (this.now.textContent !== name) this.now.textContent = name;
    if (this.place.textContent !== words) this.place.textContent = words;
    this.done.value = Math.min(Math.max(share, 0), 1);
  }

  setState(words) {
    if (this.state.textContent !== words) this.state.replaceChildren(isolated(words));
  }

  light(key) {
    const cap = this.pad.querySelector(`[data-key="${CSS.escape(key)}"]`);
    cap?.classList.add("is-pressed");
    setTimeout(() => cap?.classList.remove("is-pressed"), PRESSED_MILLISECONDS);
  }

  typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.talking.hidden || !KEYS.includes(event.key)) return;
    event.preventDefault();
    this.press(event.key);
  }

  async press(key) {
    this.light(key);
    await this.doing(async (sid) => {
      await this.sendSpeech(sid);
      await pressKey(sid, key);
    });
  }

  async act(act) {
    await this.doing(async (sid) => {
      await this.sendSpeech(sid);
      await actOn(sid, act);
    });
  }

  async doing(what) {
    if (!this.call) return;
    try {
      await what(this.call.sid);
    } catch (refusal) {
      this.say(refusal.message, true);
    }
    this.onAct();
  }

  allowSpeech(isAllowed) {
    const isOff = !isAllowed && !this.microphone;
    this.speak.disabled = isOff;
    this.file.disabled = isOff;
    this.fileLabel.classList.toggle("is-off", isOff);
  }

  async toggleMicrophone() {
    if (this.microphone) {
      await this.doing((sid) => this.sendSpeech(sid));
      return;
    }
    const microphone = new Microphone();
    try {
      await microphone.start();
    } catch {
      this.say("The browser gives no microphone. Choose a sound file instead.", true);
      return;
    }
    this.microphone = microphone;
    this.speak.setAttribute("aria-pressed", "true");
    await this.doing((sid) => actOn(sid, "microphone on"));
  }

  /** What the microphone heard until now goes to the line before anything else does. */
  async sendSpeech(sid) {
    const { microphone } = this;
    if (!microphone) return;
    this.microphone = null;
    this.speak.removeAttribute("aria-pressed");
    await speak(sid, await microphone.stop(), true);
  }

  dropMicrophone() {
    const { microphone } = this;
    this.microphone = null;
    this.speak.removeAttribute("aria-pressed");
    microphone.stop().catch(() => undefined);
  }

  async speakFile() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    await this.doing(async (sid) => {
      const wav = await telephoneWav(await file.arrayBuffer()).catch(() => {
        throw new Error("This file is no sound that the browser can read.");
      });
      const { seconds } = await speak(sid, wav, false);
      this.say(`She speaks for ${minutes(Math.max(seconds, 1))}. Any key ends it.`, false);
    });
  }
}
