/** Text with the entities of Telegram, as elements. Offsets count UTF-16 units, as JavaScript does. */

import { h } from "./dom.js";

/**
 * @typedef {{ type: string, offset: number, length: number, url?: string, language?: string, user?: any }} Entity
 * @typedef {{ command: (text: string) => void, start: (payload: string) => void, mention: (name: string) => void, username: string }} Actions
 */

/** @type {Record<string, keyof HTMLElementTagNameMap>} */
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote", expandable_blockquote: "blockquote" };

/**
 * The address if it is one that may be opened, else null.
 * @param {string} given
 */
export function safeUrl(given) {
  const full = /^[a-z][a-z0-9+.-]*:/iu.test(given) ? given : `https://${given}`;
  try {
    const url = new URL(full);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/**
 * The payload of a link that opens this very bot, else null.
 * @param {URL} url
 * @param {string} username
 */
export function startPayload(url, username) {
  if (!["t.me", "telegram.me"].includes(url.hostname)) return null;
  if (url.pathname.slice(1).toLowerCase() !== username.toLowerCase()) return null;
  return url.searchParams.get("start") ?? "";
}

/** A button that flows with the words around it, which `<button>` cannot do. @param {(string | Node)[]} content @param {() => void} act */
function inlineButton(content, act) {
  return h("span", {
    role: "button", tabindex: 0, class: "inlink", onclick: act,
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    },
  }, content);
}

/** @param {string} address @param {(string | Node)[]} content @param {Actions} actions */
function link(address, content, actions) {
  const url = safeUrl(address);
  if (!url) return h("span", { class: "unsafe" }, content);
  const payload = startPayload(url, actions.username);
  if (payload !== null) {
    return inlineButton(content, () => actions.start(payload));
  }
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, content);
}

/** @param {(string | Node)[]} content */
function spoiler(content) {
  const hidden = h("span", { "aria-hidden": "true", class: "spoiled" }, content);
  const box = h("span", { class: "spoiler" }, hidden);
  hidden.inert = true;
  const button = h("button", { type: "button", class: "unspoil", "aria-label": "Texte masqué : l'afficher" });
  button.addEventListener("click", () => {
    hidden.inert = false;
    hidden.removeAttribute("aria-hidden");
    box.classList.add("open");
    button.remove();
  });
  box.append(button);
  return box;
}

/** @param {Entity} entity @param {string} raw @param {(string | Node)[]} content @param {Actions} actions @returns {Node} */
function wrapped(entity, raw, content, actions) {
  switch (entity.type) {
    case "text_link":
      return link(entity.url ?? "", content, actions);
    case "url":
      return link(raw, content, actions);
    case "email":
      return link(`mailto:${raw}`, content, actions);
    case "phone_number":
      return link(`tel:${raw.replace(/[^\d+]/gu, "")}`, content, actions);
    case "bot_command":
      return inlineButton(content, () => actions.command(raw));
    case "mention":
      if (raw.slice(1).toLowerCase() !== actions.username.toLowerCase()) return h("span", { class: "mention" }, content);
      return inlineButton(content, () => actions.mention(raw));
    case "spoiler":
      return spoiler(content);
    case "pre":
      return h("pre", null, h("code", { "data-language": entity.language }, content));
    default: {
      const tag = TAGS[entity.type];
      return tag ? h(tag, null, content) : h("span", { class: "mention" }, content);
    }
  }
}

/**
 * @param {string} text
 * @param {Entity[] | undefined} entities
 * @param {Actions} actions
 * @returns {(string | Node)[]}
 */
export function rendered(text, entities, actions) {
  const queue = (entities ?? [])
    .filter((one) => one.length > 0 && one.offset >= 0 && one.offset < text.length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);

  /** @param {number} start @param {number} end @param {Entity[]} inside @returns {(string | Node)[]} */
  const piece = (start, end, inside) => {
    /** @type {(string | Node)[]} */
    const out = [];
    let at = start;
    let index = 0;
    while (index < inside.length) {
      const entity = inside[index];
      const stop = Math.min(end, entity.offset + entity.length);
      if (entity.offset > at) out.push(text.slice(at, entity.offset));
      let next = index + 1;
      while (next < inside.length && inside[next].offset < stop) next += 1;
      const content = piece(entity.offset, stop, clipped(inside.slice(index + 1, next), stop));
      out.push(wrapped(entity, text.slice(entity.offset, stop), content, actions));
      // What overlaps without nesting goes on after this entity.
      const rest = inside.slice(index + 1, next).filter((one) => one.offset + one.length > stop);
      inside = [...rest.map((one) => ({ ...one, offset: stop, length: one.offset + one.length - stop })), ...inside.slice(next)];
      index = 0;
      at = stop;
    }
    if (at < end) out.push(text.slice(at, end));
    return out;
  };
  return piece(0, text.length, queue);
}

/** @param {Entity[]} entities @param {number} stop */
function clipped(entities, stop) {
  return entities.map((one) => (one.offset + one.length > stop ? { ...one, length: stop - one.offset } : one));
}
