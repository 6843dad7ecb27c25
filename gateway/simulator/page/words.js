// How numbers, times and texts are shown.

const ZONE = "Asia/Karachi";
const RIGHT_TO_LEFT = new Set(["ps", "ur", "fa", "prs", "ar", "hno", "pnb", "ks", "sd"]);
const LANGUAGES = { ps: "Pashto", ur: "Urdu", en: "English", hno: "Hindko", fa: "Dari", prs: "Dari", ar: "Arabic" };
const MESSAGE = { ps: "پیغام", ur: "پیغام", hno: "پیغام", en: "Message" };
// Browsers do not know the days in Pashto.
const PASHTO_DAYS = ["يونۍ", "دونۍ", "درېنۍ", "څلرنۍ", "پينځنۍ", "جمعه", "اونۍ"];
const PAKISTAN_AHEAD = 5 * 3600;
const ARABIC_SCRIPT = /[\u0600-\u06ff\u0750-\u077f]/;
// Letters that only Pashto has, and letters that only Urdu and its neighbours have.
const PASHTO_LETTERS = /[ټډړږښګڼېۍځڅ]/;
const URDU_LETTERS = /[ٹڈڑںےہھ]/;

export const directionOf = (language) => (RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr");
export const languageName = (language) => LANGUAGES[language] ?? language;
export const placeholder = (language) => MESSAGE[language] ?? MESSAGE.en;

/** Its label, or its language where the label only repeats the number. */
export function nameOf({ label, language }) {
  return /[^\d\s+•-]/.test(label) ? label : languageName(language);
}

/** A number as people of the country write it; a sender's name stays as it is. */
export function national(address) {
  return address.startsWith("+92") ? `0${address.slice(3)}` : address;
}

/** 0399•••0101 */
export function masked(number) {
  const digits = national(number);
  return `${digits.slice(0, 4)}•••${digits.slice(-4)}`;
}

/** The hand a text is set in: its own letters decide, then the language of the phone. */
export function handOf(text, language) {
  if (!ARABIC_SCRIPT.test(text)) return "latin";
  if (PASHTO_LETTERS.test(text)) return "naskh";
  if (URDU_LETTERS.test(text) || language === "ur") return "nastaliq";
  return "naskh";
}

export function languageOfText(text, language) {
  const hand = handOf(text, language);
  if (hand === "latin") return "en";
  return hand === "nastaliq" ? "ur" : "ps";
}

/** 1:08, or 01:08 with two digits of minutes */
export function minutes(seconds, digits = 1) {
  const whole = Math.max(Math.floor(seconds), 0);
  return `${String(Math.floor(whole / 60)).padStart(digits, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

const clockFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const secondsFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dayParts = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, weekday: "short", day: "numeric", month: "long" });
const dayKey = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });

const moment = (seconds) => new Date(seconds * 1000);

export const timeOfDay = (seconds) => clockFormat.format(moment(seconds));
export const day = (seconds) => dayKey.format(moment(seconds));

/** Fri 27 November, 11:48:20 */
export function fullTime(seconds) {
  const parts = Object.fromEntries(dayParts.formatToParts(moment(seconds)).map((part) => [part.type, part.value]));
  return `${parts.weekday} ${parts.day} ${parts.month}, ${secondsFormat.format(moment(seconds))}`;
}

export function weekday(seconds, language) {
  if (language === "ps") return PASHTO_DAYS[moment(seconds + PAKISTAN_AHEAD).getUTCDay()];
  return new Intl.DateTimeFormat([language, "en"], { timeZone: ZONE, weekday: "long" }).format(moment(seconds));
}
