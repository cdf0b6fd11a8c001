/** The mailbox: every letter the service would have sent. */

import * as api from "./api.js";
import { day, find, h, hour, shortDay } from "./dom.js";

/** @type {any[]} */
let letters = [];
/** @type {number | null} */
let open = null;
let seen = 0;

/** @type {Record<string, string>} */
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", eacute: "é", egrave: "è", agrave: "à", ccedil: "ç" };

/** @param {string} whole @param {string} name */
function character(whole, name) {
  if (!name.startsWith("#")) return NAMED[name.toLowerCase()] ?? whole;
  const code = /^#x/iu.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** The words of a letter written only in HTML. Its HTML is never given to the browser, only read as text. @param {any} letter */
function words(letter) {
  if (letter.text) return letter.text;
  return String(letter.html ?? "")
    .replace(/<!--[^]*?-->|<(script|style|title)\b[^]*?<\/\1\s*>/giu, "")
    .replace(/\s+/gu, " ")
    .replace(/<br\b[^>]*>|<\/(p|div|li|tr|h[1-6])\s*>/giu, "\n")
    .replace(/<[a-z/!][^>]*>/giu, "")
    .replace(/&(#x[\da-f]{1,6}|#\d{1,7}|[a-z]{2,8});/giu, character)
    .trim();
}

/** @param {any} letter */
function row(letter) {
  const at = new Date(letter.date);
  const button = h("button", { type: "button", class: "letter", "data-id": letter.id, "aria-current": letter.id === open ? "true" : null },
    h("span", { class: "letter-top" }, h("span", { class: "letter-to" }, `À ${letter.to}`), h("time", { datetime: letter.date }, shortDay(at).replace(/ \d{4}$/u, ""))),
    h("strong", null, letter.subject || "(sans objet)"));
  button.addEventListener("click", () => { open = letter.id; show(); find(`.letter[data-id="${letter.id}"]`).focus(); });
  return h("li", null, button);
}

/** @param {any} letter */
function reading(letter) {
  const at = new Date(letter.date);
  const lines = [["De", letter.from], ["À", letter.to], ["Le", `${day(at)}, ${hour(at)}`]];
  return [
    h("h3", null, letter.subject || "(sans objet)"),
    h("dl", { class: "letter-lines" }, lines.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value ?? "")))),
    h("div", { class: "letter-text", dir: "auto" }, words(letter)),
  ];
}

function badge() {
  const many = letters.length;
  const unread = Math.max(0, many - seen);
  const button = find("#mail-open");
  const count = find("#mail-count");
  count.textContent = many ? String(many) : "";
  count.classList.toggle("fresh", unread > 0);
  button.setAttribute("aria-label", many ? `Courrier : ${many} ${many > 1 ? "lettres" : "lettre"}${unread ? `, ${unread} à lire` : ""}` : "Courrier : vide");
}

function show() {
  badge();
  const dialog = find("#mail-dialog");
  if (!dialog.open) return;
  seen = letters.length;
  badge();
  find("#mail-empty").hidden = letters.length > 0;
  find("#mail-panes").hidden = letters.length === 0;
  if (!letters.some((one) => one.id === open)) open = letters[letters.length - 1]?.id ?? null;
  find("#mail-list").replaceChildren(...[...letters].reverse().map(row));
  const letter = letters.find((one) => one.id === open);
  find("#mail-reading").replaceChildren(...(letter ? reading(letter) : []));
}

/** @param {any[]} all */
export function setMailbox(all) {
  letters = all ?? [];
  seen = Math.min(seen, letters.length);
  show();
}

/** @param {any} event @param {(sentence: string) => void} say */
export function mailEvent(event, say) {
  if (!event.mail) {
    setMailbox([]);
    return;
  }
  if (letters.some((one) => one.id === event.mail.id)) return;
  setMailbox([...letters, event.mail]);
  say(`Nouveau courrier pour ${event.mail.to} : ${event.mail.subject ?? ""}`);
}

/** @param {(sentence: string) => void} say */
export function setUpMailbox(say) {
  find("#mail-open").addEventListener("click", () => {
    find("#mail-dialog").showModal();
    open = letters[letters.length - 1]?.id ?? null;
    show();
  });
  find("#mail-clear").addEventListener("click", () => api.remove("mailbox").catch((error) => say(error.message)));
}
