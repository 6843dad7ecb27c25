// Opens sealed letters: HPKE (RFC 9180, base mode: X25519, HKDF-SHA256, AES-256-GCM) on WebCrypto, key files, and
// the hiding of numbers. Touches no page and asks no server, so that it works from a file as well.

"use strict";

const Opener = (() => {
  const KEY_FILE_KIND = "paigham moderator key";
  const INFO = utf8("paigham feedback, inner, 1");
  const KEM_SUITE = concat(utf8("KEM"), number16(0x0020));
  const HPKE_SUITE = concat(utf8("HPKE"), number16(0x0020), number16(0x0001), number16(0x0002));
  const NOTHING = new Uint8Array(0);
  const PUBLIC_BYTES = 32;

  class NotAKeyFile extends Error {}

  function utf8(text) { return new TextEncoder().encode(text); }
  function number16(value) { return Uint8Array.of(value >> 8, value & 255); }
  function concat(...pieces) {
    const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
    let at = 0;
    for (const piece of pieces) { whole.set(piece, at); at += piece.length; }
    return whole;
  }
  function fromBase64(text) { return Uint8Array.from(atob(text), (char) => char.charCodeAt(0)); }
  function toBase64(bytes) { return btoa(String.fromCharCode(...bytes)); }
  function toUrlBase64(bytes) { return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""); }
  function toHex(bytes) { return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""); }

  async function hmac(key, message) {
    // HMAC fills a short key with zeros, and WebCrypto takes no empty one.
    const raw = key.length ? key : new Uint8Array(32);
    const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
  }
  // RFC 9180, section 4: LabeledExtract and LabeledExpand; no output here is longer than one block of HKDF.
  function extract(suite, salt, label, material) {
    return hmac(salt, concat(utf8("HPKE-v1"), suite, utf8(label), material));
  }
  async function expand(suite, secret, label, info, length) {
    const labeled = concat(number16(length), utf8("HPKE-v1"), suite, utf8(label), info);
    return (await hmac(secret, concat(labeled, Uint8Array.of(1)))).slice(0, length);
  }

  async function openBox(key, box) {
    const sent = box.slice(0, PUBLIC_BYTES);
    const theirs = await crypto.subtle.importKey("raw", sent, { name: "X25519" }, false, []);
    const agreed = new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, key.secret, 256));
    // Section 4.1, Decap.
    const extracted = await extract(KEM_SUITE, NOTHING, "eae_prk", agreed);
    const shared = await expand(KEM_SUITE, extracted, "shared_secret", concat(sent, key.publicBytes), 32);
    // Section 5.1, key schedule of the base mode.
    const context = concat(
      Uint8Array.of(0),
      await extract(HPKE_SUITE, NOTHING, "psk_id_hash", NOTHING),
      await extract(HPKE_SUITE, NOTHING, "info_hash", INFO),
    );
    const secret = await extract(HPKE_SUITE, shared, "secret", NOTHING);
    const raw = await expand(HPKE_SUITE, secret, "key", context, 32);
    const nonce = await expand(HPKE_SUITE, secret, "base_nonce", context, 12);
    const cipher = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, cipher, box.slice(PUBLIC_BYTES)),
    );
  }

  /** What somebody wrote, {body, language}, or said, {audio, media, language}: there one line of JSON stands before the
      sound. `box` is base64. Throws when this key does not open it. */
  async function open(key, box) {
    const padded = await openBox(key, fromBase64(box));
    const plain = padded.slice(0, padded.lastIndexOf(0x80));
    const line = plain.indexOf(0x0a);
    const read = (bytes) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return line < 0 ? read(plain) : { ...read(plain.slice(0, line)), audio: plain.slice(line + 1) };
  }

  /** A player for what somebody said. It lives in this page only: `stop` lets go of the sound. */
  function player(item) {
    const audio = document.createElement("audio");
    audio.controls = true;
    audio.src = URL.createObjectURL(new Blob([item.audio], { type: "audio/mpeg" }));
    return audio;
  }
  function stop(audio) {
    audio.pause();
    URL.revokeObjectURL(audio.src);
    audio.removeAttribute("src");
    audio.load();
  }

  /** The key in a key file: {id, label, publicBytes, secret}; the secret cannot be taken out again. */
  async function readKeyFile(text) {
    let file;
    try { file = JSON.parse(text); } catch { throw new NotAKeyFile(); }
    if (file?.kind !== KEY_FILE_KIND) throw new NotAKeyFile();
    let publicBytes, privateBytes;
    try { [publicBytes, privateBytes] = [fromBase64(file.public), fromBase64(file.private)]; } catch { throw new NotAKeyFile(); }
    if (publicBytes.length !== PUBLIC_BYTES || privateBytes.length !== PUBLIC_BYTES) throw new NotAKeyFile();
    const wrapped = { kty: "OKP", crv: "X25519", x: toUrlBase64(publicBytes), d: toUrlBase64(privateBytes) };
    const secret = await crypto.subtle.importKey("jwk", wrapped, { name: "X25519" }, false, ["deriveBits"]);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", publicBytes));
    return { id: toHex(hash.slice(0, 8)), label: String(file.label ?? ""), publicBytes, secret };
  }

  /** A new key: its public half in base64, and the text of the key file. */
  async function makeKey(label) {
    const pair = await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"]);
    const wrapped = await crypto.subtle.exportKey("jwk", pair.privateKey);
    const plain = (text) => text.replaceAll("-", "+").replaceAll("_", "/") + "=";
    const file = { kind: KEY_FILE_KIND, label, public: plain(wrapped.x), private: plain(wrapped.d) };
    return { public: file.public, file: JSON.stringify(file, null, 1) + "\n" };
  }

  /** Whether this browser can open letters at all. */
  async function isAble() {
    if (!globalThis.crypto?.subtle) return false;
    try { await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]); } catch { return false; }
    return true;
  }

  /** The text in pieces {text, hidden}: seven digits and more, in any of our scripts, are a number of somebody. */
  function pieces(text) {
    const found = [];
    let at = 0;
    for (const match of text.matchAll(/\+?[0-9٠-٩۰-۹](?:[\s\-–.()/]{0,2}[0-9٠-٩۰-۹]){6,}/gu)) {
      if (match.index > at) found.push({ text: text.slice(at, match.index), hidden: false });
      found.push({ text: match[0], hidden: true });
      at = match.index + match[0].length;
    }
    if (at < text.length) found.push({ text: text.slice(at), hidden: false });
    return found;
  }

  /** Hand text to the person as a file; it goes from this tab to her disk. */
  function save(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  return { NotAKeyFile, isAble, makeKey, open, pieces, player, readKeyFile, save, stop };
})();
