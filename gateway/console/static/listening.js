// The moderator's tab: takes sealed letters from the server, opens them here, and closes them again.
// The key file is read by this script and goes nowhere; what is open lives in this page only.

"use strict";

const IDLE_MS = 10 * 60 * 1000;
const room = document.getElementById("room");
const words = JSON.parse(room.dataset.words);
const languages = JSON.parse(room.dataset.languages);
const underKeys = JSON.parse(room.dataset.underKeys);
const at = (id) => document.getElementById(id);
const say = (template, values) => template.replaceAll(/\{(\w+)\}/g, (_, name) => values[name]);

let key = null;
let lastTouch = 0;
let closing = 0;

function setButton(text, off) {
  at("open").querySelector("span").textContent = text;
  at("open").disabled = off;
}

function fail(text) {
  at("key-error").querySelector("span").textContent = text ?? "";
  at("key-error").hidden = !text;
}

async function chooseKey() {
  key = null;
  fail(null);
  at("key-says").textContent = "";
  at("save").disabled = true;
  const file = at("key-file").files[0];
  if (!file) return;
  setButton(words.none, true);
  if (!(await Opener.isAble())) return fail(words.too_old);
  try {
    key = await Opener.readKeyFile(await file.text());
  } catch {
    at("key-file").value = "";
    return fail(words.not_a_key);
  }
  const count = underKeys[key.id] ?? 0;
  at("key-says").textContent = key.label;
  at("save").disabled = count === 0;
  setButton(count ? say(words.open, { count }) : words.none, count === 0);
}

/** Every sealed letter of the chosen key; the key's id is all that the server learns. */
async function takeLetters() {
  const letters = [];
  let after = "";
  do {
    const answer = await fetch(room.dataset.letters, {
      method: "POST",
      headers: { "X-CSRFToken": room.dataset.token },
      body: new URLSearchParams({ key: key.id, after }),
    });
    if (!answer.ok) throw new Error("away");
    const piece = await answer.json();
    letters.push(...piece.letters);
    after = piece.after;
  } while (after);
  return letters;
}

function show(letter, item) {
  const line = at("letter").content.cloneNode(true);
  const text = line.querySelector(".letter-text");
  if (item.language in languages) text.lang = item.language;
  if (item.audio) text.append(Opener.player(item));
  for (const piece of Opener.pieces(item.body ?? "")) {
    if (piece.hidden) {
      const mark = document.createElement("span");
      mark.className = "removed";
      mark.textContent = words.hidden;
      text.append(mark);
    } else {
      text.append(piece.text);
    }
  }
  line.querySelector(".hint").textContent = say(words.from, {
    kind: words[letter.kind] ?? letter.kind,
    language: languages[item.language] ?? item.language,
    week: letter.from,
  });
  at("letters").append(line);
}

async function openLetters() {
  fail(null);
  setButton(say(words.opening, { done: 0, count: underKeys[key.id] }), true);
  let letters;
  try {
    letters = await takeLetters();
  } catch {
    setButton(say(words.open, { count: underKeys[key.id] }), false);
    return fail(words.away);
  }
  clearLetters();
  let opened = 0;
  for (const letter of letters) {
    if (key === null) return; // closed meanwhile
    try {
      show(letter, await Opener.open(key, letter.box));
      opened += 1;
    } catch {
      // Counted below: altered, or sealed to another key.
    }
    setButton(say(words.opening, { done: opened, count: letters.length }), true);
  }
  at("opened-count").textContent = say(words.opened, { count: opened });
  at("damaged").textContent = say(words.damaged, { count: letters.length - opened });
  at("damaged").hidden = opened === letters.length;
  setOpen(true);
  at("opened-count").focus();
}

function setOpen(isOpen) {
  for (const part of document.querySelectorAll("[data-when-open]")) part.hidden = !isOpen;
  for (const part of document.querySelectorAll("[data-when-closed]")) part.hidden = isOpen;
  clearInterval(closing);
  if (isOpen) {
    touch();
    closing = setInterval(tick, 1000);
  }
}

function clearLetters() {
  at("letters").querySelectorAll("audio").forEach(Opener.stop);
  at("letters").replaceChildren();
}

function closeLetters() {
  key = null;
  clearLetters();
  at("opened-count").textContent = "";
  at("key-file").value = "";
  at("key-says").textContent = "";
  at("save").disabled = true;
  setButton(at("open").dataset.first, true);
  setOpen(false);
}

function touch() {
  lastTouch = Date.now();
  tick();
}

function tick() {
  const left = IDLE_MS - (Date.now() - lastTouch);
  if (left <= 0) return closeLetters();
  at("closes").textContent = say(words.closes, { minutes: Math.ceil(left / 60000) });
}

at("open").dataset.first = at("open").querySelector("span").textContent;
at("key-file").addEventListener("change", chooseKey);
at("open").addEventListener("click", openLetters);
at("close-now").addEventListener("click", closeLetters);
at("save").addEventListener("click", async () => {
  const id = key.id;
  try {
    Opener.save(`letters-${id}.json`, JSON.stringify({ kind: "paigham sealed letters", letters: await takeLetters() }));
  } catch {
    fail(words.away);
  }
});
for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
  document.addEventListener(kind, () => { if (key !== null) lastTouch = Date.now(); }, { passive: true });
}
// A page kept for the back button must not keep what was open in it.
window.addEventListener("pagehide", closeLetters);
