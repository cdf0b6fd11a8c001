/** The clock of the sandbox: Paris time, forward only. */

import * as api from "./api.js";
import { fieldTime, find, fromField, hour, shortDay } from "./dom.js";

let offset = 0;

export const now = () => new Date(Date.now() + offset);

function show() {
  const at = now();
  const words = `${shortDay(at)} · ${hour(at)}`;
  const full = find("#clock-full");
  if (full.textContent === words) return;
  full.textContent = words;
  find("#clock-time").dateTime = at.toISOString();
  const [name, ...year] = shortDay(at).split(/ (?=\d{4}$)/u);
  find("#clock-day").textContent = name;
  find("#clock-year").textContent = year.join("");
  find("#clock-hour").textContent = hour(at);
}

/** @param {{ now: string }} clock */
export function setClock(clock) {
  offset = Date.parse(clock.now) - Date.now();
  show();
}

/** @param {object} body @param {(sentence: string) => void} say */
async function move(body, say) {
  const error = find("#clock-error");
  error.textContent = "";
  try {
    setClock(await api.post("clock", body));
  } catch (refusal) {
    error.textContent = refusal instanceof Error ? refusal.message : "L'horloge n'a pas bougé.";
    if (!find("#clock-dialog").open) say(error.textContent);
    return false;
  }
  say(`Nous sommes maintenant le ${shortDay(now())}, ${hour(now())}.`);
  return true;
}

/** @param {(sentence: string) => void} say */
export function setUpClock(say) {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => move({ advance_seconds: Number(button.getAttribute("data-advance")) }, say));
  }
  const dialog = find("#clock-dialog");
  const field = find("#clock-field");
  find("#clock-open").addEventListener("click", () => {
    find("#clock-error").textContent = "";
    field.min = fieldTime(now());
    field.value = fieldTime(now());
    dialog.showModal();
  });
  find("#clock-form").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const to = fromField(field.value);
    if (to && to < now() && fieldTime(to) !== fieldTime(now())) find("#clock-error").textContent = "L'horloge du bac à sable avance, elle ne recule pas.";
    else if (!to) find("#clock-error").textContent = "Choisissez une date et une heure.";
    else if (await move({ set: to.toISOString() }, say)) dialog.close();
  });
  window.setInterval(show, 1000);
}
