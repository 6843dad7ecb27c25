// One handset: its inbox, its composer, and the line below it that says what happened.

import { CallScreen } from "./call.js";
import { placeCall, sendText } from "./carrier.js";
import { button, element, icon, isolated } from "./elements.js";
import { day, directionOf, handOf, languageOfText, masked, nameOf, national, placeholder, timeOfDay, weekday } from "./words.js";

const PAUSE_SECONDS = 10 * 60;
const NEAR_THE_END = 60;

export class Phone {
  /** `onAct` after a call was placed or something was done in it. */
  constructor(handset, lines, onHide, onAct) {
    this.handset = handset;
    this.onAct = onAct;
    this.callable = lines.filter((line) => line.takes_calls);
    this.bubbles = [];
    const { language } = handset;
    const name = nameOf(handset);
    const direction = directionOf(language);

    this.time = element("span", "phone-time");
    this.sender = element("b", "");
    this.thread = element("div", "thread");
    this.thread.dir = direction;
    this.thread.tabIndex = 0;
    this.thread.setAttribute("role", "log");
    this.thread.setAttribute("aria-label", `Texts of ${name}, ${handset.number.slice(-4)}`);
    this.note = element("p", "note");
    this.note.setAttribute("role", "status");

    const whose = `${name}, ${handset.number.slice(-4)}`;
    const missed = button("link", `Missed call from ${whose}`, "Missed call", () => this.choose(true));
    const hide = button("hide", `Hide ${whose}`, icon("cross"), onHide);
    this.caller = button("caller", `Call a line from ${whose}`, icon("phone"), () => this.choose(false));
    missed.hidden = this.caller.hidden = !this.callable.length;
    this.calling = new CallScreen({ ...handset, focus: () => this.caller.focus() }, (...words) => this.say(...words), onAct);
    this.calling.node.setAttribute("aria-label", `Call of ${whose}`);
    const number = isolated(masked(handset.number));
    number.className = "number";

    this.texts = element(
      "div",
      "texts-screen",
      element("div", "phone-head", icon("message"), this.sender, this.caller),
      this.thread,
      this.makeComposer(lines, direction, name),
    );
    this.dialer = element("section", "dialer");
    this.dialer.hidden = true;
    this.dialer.setAttribute("aria-label", `Lines for ${whose}`);
    this.dialer.addEventListener("keydown", ({ key }) => key === "Escape" && this.closeDialer());
    const bar = element("div", "phone-bar", this.time, element("span", "", "SIM 1"));
    this.screen = element("div", "screen", bar, this.texts, this.dialer, this.calling.node);
    this.node = element(
      "article",
      "handset",
      element("header", "handset-head", element("b", "", name), number, missed, hide),
      element("div", "case", this.screen),
      this.note,
    );
    this.node.setAttribute("aria-label", `Handset ${name}, ${handset.number.slice(-4)}`);
    this.update(handset);
  }

  makeComposer(lines, direction, name) {
    this.choice = element("select", "line-choice");
    this.choice.setAttribute("aria-label", "Line to text to");
    // A line that only takes calls neither sends nor gets a text.
    for (const line of lines.filter(({ two_way, takes_calls }) => two_way || !takes_calls)) {
      const words = line.two_way ? national(line.address) : `${line.address}, only sends`;
      this.choice.add(new Option(words, line.address));
    }
    this.choice.value = lines.find((line) => line.two_way)?.address ?? this.choice.options[0]?.value ?? "";
    this.input = element("input", "words");
    this.input.dir = direction;
    this.input.autocomplete = "off";
    this.input.maxLength = 1600;
    this.input.placeholder = placeholder(this.handset.language);
    this.input.setAttribute("aria-label", `Text of ${name}, ${this.handset.number.slice(-4)}`);
    this.input.addEventListener("input", () => {
      this.input.dir = this.input.value ? "auto" : direction;
    });
    const send = element("button", "send", icon("send"));
    send.type = "submit";
    send.setAttribute("aria-label", "Send");
    const to = element("label", "to", element("span", "", "to"), this.choice);
    to.dir = "ltr";
    const form = element("form", "composer", to, element("div", "compose", this.input, send));
    form.dir = direction;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(direction);
    });
    return form;
  }

  async send(direction) {
    const words = this.input.value;
    if (!words.trim()) {
      this.input.focus();
      return;
    }
    try {
      await sendText(this.handset.number, this.choice.value, words);
      this.input.value = "";
      this.input.dir = direction;
    } catch (refusal) {
      this.say(refusal.message, true);
    }
  }

  /** Where only one line takes calls nobody needs to choose. */
  choose(isMissed) {
    if (this.callable.length === 1) {
      this.dial(this.callable[0], isMissed);
      return;
    }
    const rows = this.callable.map((line) => {
      const row = button("dialer-line", "", icon("phone"), () => this.dial(line, isMissed));
      row.append(element("b", "", line.name || national(line.address)), isolated(national(line.address)));
      return row;
    });
    const title = element("h2", "", isMissed ? "Ring, and hang up" : "Call");
    const back = button("link", "", "Back", () => this.closeDialer());
    this.dialer.replaceChildren(element("header", "dialer-head", title, back), ...rows);
    this.dialer.hidden = false;
    this.texts.hidden = true;
    rows[0].focus();
  }

  closeDialer() {
    this.dialer.hidden = true;
    this.texts.hidden = false;
    this.caller.focus();
  }

  async dial(line, isMissed) {
    if (!this.dialer.hidden) this.closeDialer();
    try {
      await placeCall(this.handset.number, line.address, isMissed);
    } catch (refusal) {
      this.say(refusal.message, true);
    }
    this.onAct();
  }

  /** The call that the telephone is in, or null. */
  showCall(call) {
    const wasFree = !this.screen.classList.contains("is-calling");
    const hadFocus = this.screen.contains(document.activeElement);
    this.screen.classList.toggle("is-calling", call !== null);
    if (call) this.dialer.hidden = true;
    this.texts.hidden = call !== null || !this.dialer.hidden;
    this.calling.show(call);
    if (call && wasFree && hadFocus) this.calling.node.focus();
  }

  /** Take up what is new; bubbles come oldest first. */
  update(handset) {
    const fresh = handset.bubbles ?? [];
    if (handset.note !== this.toldNote || fresh.length) {
      this.toldNote = handset.note;
      this.say(handset.note, false);
    }
    this.bubbles.push(...fresh);
    if (fresh.length || !this.thread.childElementCount) this.draw();
  }

  forget() {
    this.bubbles = [];
    this.thread.replaceChildren();
  }

  say(words, isRefusal) {
    this.note.replaceChildren(...(isRefusal ? [icon("warning"), words] : [words]));
    this.note.classList.toggle("is-refusal", isRefusal);
  }

  showTime(seconds, speed) {
    this.calling.tick(seconds, speed);
    const now = timeOfDay(seconds);
    if (this.time.textContent !== now) this.time.textContent = now;
  }

  draw() {
    const wasNearTheEnd = this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < NEAR_THE_END;
    const ours = this.bubbles.filter((bubble) => !bubble.hers);
    const head = (ours.findLast(({ line }) => !line.startsWith("+")) ?? ours.at(-1))?.line;
    this.sender.textContent = head ? national(head) : "Texts";
    const lastHers = this.bubbles.findLastIndex((bubble) => bubble.hers);
    const rows = [];
    let before = null;
    let line = head;
    this.bubbles.forEach((bubble, place) => {
      const isApart = before === null || bubble.at - before.at > PAUSE_SECONDS || day(bubble.at) !== day(before.at);
      if (isApart) rows.push(this.separator(bubble.at));
      rows.push(this.bubble(bubble));
      if (place === lastHers) rows.push(this.caption("to", bubble, "is-hers"));
      // An answer from the line she wrote to needs no name; another line does, once in a row.
      if (!bubble.hers && bubble.line !== line && bubble.line !== head) rows.push(this.caption("from", bubble, ""));
      line = bubble.line;
      before = bubble;
    });
    if (!rows.length) rows.push(element("p", "empty", "No text yet. Write JOIN to begin."));
    this.thread.replaceChildren(...rows);
    if (wasNearTheEnd || !before || before.hers) this.thread.scrollTop = this.thread.scrollHeight;
  }

  separator(at) {
    const made = element("p", "separator", `${weekday(at, this.handset.language)} `, isolated(timeOfDay(at)));
    made.lang = this.handset.language;
    return made;
  }

  bubble(bubble) {
    const { language } = this.handset;
    const made = element("div", `bubble ${bubble.hers ? "is-hers" : "is-ours"} in-${handOf(bubble.text, language)}`);
    made.dir = "auto";
    made.lang = languageOfText(bubble.text, language);
    const who = element("span", "unseen", bubble.hers ? "She wrote: " : "She got: ");
    who.lang = "en";
    who.dir = "ltr";
    made.append(who, bubble.text);
    return made;
  }

  caption(word, bubble, className) {
    const made = element("p", `caption ${className}`, `${word} ${national(bubble.line)}, ${timeOfDay(bubble.at)}`);
    made.dir = "ltr";
    return made;
  }
}
