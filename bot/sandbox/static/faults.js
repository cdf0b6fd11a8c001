/** The panel « Pannes »: what happens when Telegram is slow or says no. */

import * as api from "./api.js";
import { find, h } from "./dom.js";

/** @type {Record<string, string>} */
const NAMES = { "429": "Trop de messages (429)", "5xx": "Erreur du serveur (500)", late: "Réponse en retard", never: "Jamais de réponse", cut: "Connexion coupée", cut_after: "Coupée après l'envoi" };

/** @param {any} one */
function line(one) {
  const many = one.times < 0 ? "à chaque envoi" : `encore ${one.times} fois`;
  return h("li", null, `${NAMES[one.kind] ?? one.kind} : ${many}`);
}

async function show() {
  const { faults, latency_ms: latency } = await api.get("faults");
  find("#faults-list").replaceChildren(...faults.map(line));
  find("#faults-none").hidden = faults.length > 0 || latency > 0;
  find("#faults-latency").value = latency;
  find("#faults-open").classList.toggle("active", faults.length > 0 || latency > 0);
}

/** @param {() => Promise<any>} doing @param {string} done */
async function act(doing, done) {
  const words = find("#faults-said");
  try {
    await doing();
    await show();
    words.textContent = done;
  } catch (error) {
    words.textContent = error instanceof Error ? error.message : "Cela n'a pas marché.";
  }
}

function order() {
  const kind = find("#faults-kind").value;
  const seconds = Number(find("#faults-seconds").value);
  const body = { method: "sendMessage", kind, times: Number(find("#faults-times").value), seconds, retry_after: Math.max(1, Math.round(seconds)), status: 500 };
  return act(() => api.post("faults", body), "C'est prêt : la panne attend le prochain message du bot.");
}

export function setUpFaults() {
  find("#faults-open").addEventListener("click", () => {
    find("#faults-said").textContent = "";
    find("#faults-dialog").showModal();
    act(async () => {}, "");
  });
  find("#faults-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    order();
  });
  find("#latency-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    act(() => api.post("latency", { ms: Number(find("#faults-latency").value) }), "La lenteur est réglée.");
  });
  find("#faults-clear").addEventListener("click", () => act(() => api.remove("faults"), "Tout marche de nouveau."));
  show().catch(() => {});
}
