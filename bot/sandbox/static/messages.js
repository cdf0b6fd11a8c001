/** One message as an element: bubble, media, keyboard. */

import { duration, h, hour, icon, weight } from "./dom.js";
import { rendered, safeUrl, startPayload } from "./entities.js";
import { fileUrl } from "./api.js";

/**
 * What a message needs of its telephone.
 * @typedef {object} Host
 * @property {any} bot
 * @property {boolean} group
 * @property {() => number} speaker
 * @property {(id: number) => number} tint
 * @property {import("./entities.js").Actions} actions
 * @property {(message: any, button: any, element: HTMLButtonElement) => void} press
 * @property {(message: any) => void} reply
 * @property {(message: any) => void} edit
 * @property {(id: number) => void} show
 */

/** What a message says in a few words, for quotes. @param {any} message @returns {string} */
export function summary(message) {
  const text = message.text ?? message.caption;
  if (text) return text;
  const kinds = {
    photo: "Photo", document: "Document", voice: "Message vocal", video: "Vidéo", sticker: "Autocollant", audio: "Musique",
    animation: "Animation", video_note: "Vidéo", venue: "Lieu", location: "Position", contact: "Contact", poll: "Sondage", dice: "Dé",
  };
  const kind = Object.entries(kinds).find(([name]) => name in message);
  return kind ? kind[1] : "Message";
}

/** @param {any} user */
export const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ") || "Quelqu'un";

/** The sentence of a service message, or null for an ordinary one. @param {any} message */
function service(message) {
  const who = nameOf(message.from);
  if (message.new_chat_members) {
    const names = message.new_chat_members.map(nameOf).join(", ");
    return names === who ? `${who} a rejoint le groupe` : `${who} a ajouté ${names}`;
  }
  if (message.left_chat_member) {
    const name = nameOf(message.left_chat_member);
    return name === who ? `${who} a quitté le groupe` : `${who} a retiré ${name}`;
  }
  if (message.new_chat_title) return `${who} a renommé le groupe : ${message.new_chat_title}`;
  if (message.pinned_message) return `${who} a épinglé « ${summary(message.pinned_message).slice(0, 60)} »`;
  if (message.group_chat_created) return `${who} a créé le groupe`;
  return null;
}

/** @param {string} fileId @param {number} width @param {number} height @param {string} alt */
function picture(fileId, width, height, alt) {
  const image = h("img", { class: "photo", width, height, alt, decoding: "async", src: fileUrl(fileId) });
  image.addEventListener("error", () => image.classList.add("missing"));
  return image;
}

/** @param {any} file @param {string} name @param {string} drawing */
function fileCard(file, name, drawing) {
  const size = file.file_size ? weight(file.file_size) : "";
  const card = h("a", { class: "file", href: fileUrl(file.file_id), download: name, "aria-label": `Télécharger ${name}${size ? `, ${size}` : ""}` },
    h("span", { class: "file-icon" }, icon(drawing)),
    h("span", { class: "file-words" }, h("span", { class: "file-name" }, name), h("span", { class: "file-size" }, size)));
  return card;
}

/** @param {any} voice */
function voiceBar(voice) {
  const bars = Array.from({ length: 24 }, (_, at) => h("i", { class: `tick tick-${(at * 7 + at * at) % 5}` }));
  return h("div", { class: "voice", role: "img", "aria-label": `Message vocal, ${voice.duration} secondes` },
    h("span", { class: "voice-play" }, icon("play")), h("span", { class: "wave" }, bars), h("span", null, duration(voice.duration ?? 0)));
}

/** @param {any} place @param {any} venue */
function placeCard(place, venue) {
  const where = [place.latitude, place.longitude].map((one) => Number(one).toLocaleString("fr-FR", { maximumFractionDigits: 4 })).join(" ; ");
  return h("div", { class: "place" },
    h("span", { class: "place-map", "aria-hidden": "true" }, icon("pin")),
    h("span", { class: "place-words" },
      h("strong", null, venue?.title ?? "Position"), h("span", null, venue?.address ?? where)));
}

/** @param {any} poll */
function pollCard(poll) {
  return h("div", { class: "poll" },
    h("strong", null, poll.question),
    h("ul", null, poll.options.map((/** @type {any} */ one) => h("li", null, one.text, h("span", null, one.voter_count ? ` ${one.voter_count}` : "")))));
}

/** @param {any} message @returns {Node | null} */
function media(message) {
  if (message.photo?.length) {
    const sizes = message.photo;
    const best = sizes.find((/** @type {any} */ one) => one.width >= 480) ?? sizes[sizes.length - 1];
    return picture(best.file_id, best.width, best.height, message.caption ? "Photo" : `Photo de ${nameOf(message.from)}`);
  }
  if (message.voice) return voiceBar(message.voice);
  if (message.sticker) {
    return h("div", { class: "sticker", role: "img", "aria-label": `Autocollant ${message.sticker.emoji ?? ""}` }, message.sticker.emoji ?? "🙂");
  }
  if (message.dice) return h("div", { class: "sticker", role: "img", "aria-label": `Dé : ${message.dice.value}` }, `${message.dice.emoji} ${message.dice.value}`);
  if (message.venue) return placeCard(message.venue.location, message.venue);
  if (message.location) return placeCard(message.location, null);
  if (message.contact) {
    const number = String(message.contact.phone_number ?? "");
    return h("div", { class: "contact" }, icon("phone"), h("span", null, nameOf(message.contact)),
      h("a", { href: `tel:${number.replace(/[^\d+]/gu, "")}` }, number));
  }
  if (message.poll) return pollCard(message.poll);
  const file = message.document ?? message.video ?? message.audio ?? message.animation ?? message.video_note;
  if (!file) return null;
  return fileCard(file, file.file_name ?? summary(message), message.document ? "file" : "play");
}

/** @param {any} message @param {Host} host */
function quote(message, host) {
  const answered = message.reply_to_message;
  if (!answered) return null;
  const target = Number(answered.message_id);
  return h("button", { type: "button", class: "quote", "aria-label": `En réponse à ${nameOf(answered.from)} : ${summary(answered).slice(0, 120)}`, onclick: () => host.show(target) },
    h("span", { class: "quote-who" }, nameOf(answered.from)), h("span", { class: "quote-text" }, summary(answered).slice(0, 160)));
}

/** @param {any} message @param {any} button @param {Host} host */
function key(message, button, host) {
  if (button.url) {
    const url = safeUrl(button.url);
    const payload = url ? startPayload(url, host.actions.username) : null;
    if (payload !== null) return h("button", { type: "button", class: "key", onclick: () => host.actions.start(payload ?? "") }, button.text);
    if (!url) return h("button", { type: "button", class: "key", disabled: true }, button.text);
    return h("a", { class: "key", href: url.href, target: "_blank", rel: "noopener noreferrer" },
      h("span", null, button.text), icon("external"), h("span", { class: "sr" }, " (nouvel onglet)"));
  }
  const element = h("button", { type: "button", class: "key" }, h("span", null, button.text));
  element.addEventListener("click", () => host.press(message, button, element));
  return element;
}

/** @param {any} message @param {Host} host */
function keyboard(message, host) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h("div", { class: "keys", role: "group", "aria-label": "Boutons du message" },
    rows.map((/** @type {any[]} */ row) => h("div", { class: "keys-row" }, row.map((button) => key(message, button, host)))));
}

/** @param {any} message */
function reactions(message) {
  const all = Object.values(message.sandbox?.reactions ?? {}).flat();
  if (!all.length) return null;
  return h("div", { class: "reactions", role: "img", "aria-label": `Réactions : ${all.map((/** @type {any} */ one) => one.emoji ?? "emoji").join(" ")}` },
    all.map((/** @type {any} */ one) => h("span", null, one.emoji ?? "•")));
}

/** @param {any} message */
function meta(message) {
  const at = new Date(message.date * 1000);
  return h("div", { class: "meta" }, message.edit_date ? h("span", null, "modifié") : null, h("time", { datetime: at.toISOString() }, hour(at)));
}

/** @param {any} message @param {Host} host */
function above(message, host) {
  const parts = [];
  if (host.group) parts.push(h("div", { class: "who" }, nameOf(message.from)));
  const origin = message.forward_origin;
  if (origin) parts.push(h("div", { class: "origin" }, `Transféré de ${nameOf(origin.sender_user ?? { first_name: origin.sender_user_name })}`));
  if (message.via_bot) parts.push(h("div", { class: "origin" }, `via @${message.via_bot.username ?? host.actions.username}`));
  return parts;
}

/** @param {any} message @param {Host} host */
function tools(message, host) {
  const mine = message.from?.id !== host.bot.id && "text" in message;
  const excerpt = summary(message).slice(0, 40);
  return h("div", { class: "tools" },
    h("button", { type: "button", class: "tool", tabindex: -1, "aria-label": `Répondre à « ${excerpt} »`, title: "Répondre (R)", onclick: () => host.reply(message) }, icon("reply")),
    mine && h("button", { type: "button", class: "tool only-mine", tabindex: -1, "aria-label": `Modifier « ${excerpt} »`, title: "Modifier (E)", onclick: () => host.edit(message) }, icon("edit")));
}

/**
 * @param {any} message
 * @param {Host} host
 * @returns {HTMLElement}
 */
export function messageElement(message, host) {
  const words = service(message);
  const common = { "data-id": message.message_id, tabindex: -1 };
  if (words) return h("p", { ...common, class: "service" }, words);
  const at = new Date(message.date * 1000);
  const element = h("article", { ...common, class: "message", "data-from": message.from?.id, "aria-label": `${nameOf(message.from)}, ${hour(at)}` });
  element.classList.add(message.from?.id === host.bot.id ? "from-bot" : `tint-${host.tint(message.from?.id)}`);
  const text = message.text ?? message.caption;
  const entities = message.text === undefined ? message.caption_entities : message.entities;
  const shown = media(message);
  const bare = Boolean(message.sticker || message.dice);
  element.append(
    h("div", { class: "line" },
      h("div", { class: bare ? "bubble bare" : "bubble" },
        above(message, host), quote(message, host), shown,
        text ? h("div", { class: "text", dir: "auto" }, rendered(text, entities, host.actions)) : null,
        meta(message)),
      tools(message, host)));
  const under = [reactions(message), keyboard(message, host)].filter((one) => one !== null);
  element.append(...under);
  face(element, host);
  return element;
}

/** Put a message on the side of the one who speaks. @param {HTMLElement} element @param {Host} host */
export function face(element, host) {
  element.classList.toggle("mine", element.dataset.from === String(host.speaker()));
}
