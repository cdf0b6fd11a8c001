/** The bottom of a telephone: what one writes, attaches or looks for. */

import * as api from "./api.js";
import { h, icon, weight } from "./dom.js";
import { nameOf, summary } from "./messages.js";

const METZ = { latitude: 49.1193, longitude: 6.1757 };
const PAUSE_BEFORE_ASKING = 250;
let count = 0;

/**
 * @typedef {object} Owner
 * @property {number} chatId
 * @property {any} bot
 * @property {() => number} speaker
 * @property {() => string} addressee
 * @property {() => { command: string, description: string }[]} commands
 * @property {(sentence: string) => void} say
 * @property {(doing: () => Promise<any>) => Promise<any>} attempt
 * @property {() => void} sent
 * @property {boolean} group
 */

export class Composer {
  /** @param {Owner} owner */
  constructor(owner) {
    this.owner = owner;
    /** @type {File | null} */
    this.file = null;
    /** @type {any} */
    this.answering = null;
    /** @type {any} */
    this.editing = null;
    /** @type {any[]} */
    this.results = [];
    this.chosen = -1;
    this.queryId = "";
    this.asked = 0;
    this.timer = 0;
    count += 1;
    this.prefix = `composer-${count}`;
    this.element = this.build();
  }

  build() {
    const { owner } = this;
    this.field = h("textarea", {
      class: "field", rows: 1, maxlength: 4096, placeholder: "Écrire un message…", enterkeyhint: "send", autocomplete: "off",
      "aria-label": `Message de ${owner.addressee()}`, "aria-autocomplete": "list",
      oninput: () => this.changed(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.keyed(event),
      onpaste: (/** @type {ClipboardEvent} */ event) => this.pasted(event),
    });
    this.send = h("button", { type: "button", class: "round send", "aria-label": "Envoyer", title: "Envoyer (Entrée)", onclick: () => this.submit() }, icon("send"));
    this.picker = h("input", { type: "file", hidden: true, "aria-label": "Photo ou document", onchange: () => this.picked() });
    this.menuButton = this.opener("menu", "Commandes du bot", () => this.commandItems());
    this.plusButton = this.opener("plus", "Joindre", () => this.attachItems());
    this.menu = h("div", { class: "menu", role: "menu", hidden: true, id: `${this.prefix}-menu`, onkeydown: (/** @type {KeyboardEvent} */ event) => this.menuKeyed(event) });
    this.list = h("ul", { class: "results", role: "listbox", hidden: true, id: `${this.prefix}-results`, "aria-label": "Réponses proposées par le bot" });
    this.note = h("p", { class: "results-note", role: "status" });
    this.context = h("div", { class: "context", hidden: true });
    this.keys = h("div", { class: "reply-keys", hidden: true, role: "group", "aria-label": "Réponses proposées" });
    this.row = h("div", { class: "row" }, this.menuButton, this.plusButton, this.field, this.send);
    const element = h("div", { class: "composer" }, this.note, this.list, this.menu, this.context, this.row, this.keys, this.picker);
    element.addEventListener("focusout", (event) => {
      if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) { this.closeMenu(); this.closeResults(); }
    });
    return element;
  }

  // Menus

  /** @param {string} drawing @param {string} label @param {() => HTMLElement[]} items */
  opener(drawing, label, items) {
    const button = h("button", { type: "button", class: "round", "aria-label": label, title: label, "aria-haspopup": "menu", "aria-expanded": "false" }, icon(drawing));
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "true";
      this.closeMenu();
      if (!open) this.openMenu(button, label, items());
    });
    return button;
  }

  /** @param {HTMLButtonElement} button @param {string} label @param {HTMLElement[]} items */
  openMenu(button, label, items) {
    const menu = /** @type {HTMLElement} */ (this.menu);
    this.closeResults();
    menu.replaceChildren(...items);
    menu.setAttribute("aria-label", label);
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    const first = /** @type {HTMLElement | null} */ (menu.querySelector("[role=menuitem]"));
    first?.focus();
  }

  closeMenu(back = false) {
    const open = [this.menuButton, this.plusButton].find((one) => one?.getAttribute("aria-expanded") === "true");
    open?.setAttribute("aria-expanded", "false");
    if (this.menu) this.menu.hidden = true;
    if (back) open?.focus();
  }

  /** @param {KeyboardEvent} event */
  menuKeyed(event) {
    const items = /** @type {HTMLElement[]} */ ([...(this.menu?.querySelectorAll("[role=menuitem]") ?? [])]);
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (event.key === "Escape") {
      event.preventDefault();
      this.closeMenu(true);
    } else if (to !== undefined && items.length) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    }
  }

  /** @param {string} drawing @param {string} label @param {() => void} act @param {string} [detail] */
  item(drawing, label, act, detail) {
    return h("button", { type: "button", role: "menuitem", tabindex: -1, class: "item", onclick: () => { this.closeMenu(); act(); } },
      drawing ? icon(drawing) : null, h("span", { class: "item-words" }, h("span", null, label), detail ? h("span", { class: "item-detail" }, detail) : null));
  }

  commandItems() {
    const commands = this.owner.commands();
    if (!commands.length) return [h("p", { class: "menu-empty" }, "Le bot n'a pas encore annoncé de commandes.")];
    const suffix = this.owner.group ? `@${this.owner.bot.username}` : "";
    return commands.map((one) => this.item("", `/${one.command}`, () => this.sendText(`/${one.command}${suffix}`), one.description));
  }

  attachItems() {
    const send = (/** @type {object} */ what) => () => this.post(what);
    return [
      this.item("image", "Photo ou document…", () => this.picker?.click()),
      this.item("mic", "Message vocal", send({ voice_seconds: 3 }), "3 secondes, pour l'exemple"),
      this.item("pin", "Ma position", send({ location: METZ }), "centre de Metz, pour l'exemple"),
      this.item("smile", "Autocollant", send({ sticker: true })),
      this.item("search", "Chercher avec le bot", () => this.fill(`@${this.owner.bot.username} `), "puis un mot : qpv, loyer…"),
    ];
  }

  // Writing

  /** @param {string} text */
  fill(text) {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    field.value = text;
    field.focus();
    field.setSelectionRange(text.length, text.length);
    this.changed();
  }

  changed() {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
    const query = this.inlineQuery();
    window.clearTimeout(this.timer);
    if (query === null) this.closeResults();
    else this.timer = window.setTimeout(() => this.askInline(query), PAUSE_BEFORE_ASKING);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.isComposing) return;
    if (this.results.length && this.resultKeyed(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.forget();
    }
  }

  async submit() {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    const text = field.value.trim();
    if (this.file) {
      await this.sendFile(text);
    } else if (text && this.editing) {
      const body = { from: this.owner.speaker(), message_id: this.editing.message_id, text };
      await this.owner.attempt(() => api.post(`chats/${this.owner.chatId}/edit`, body)) && this.empty();
    } else if (text) {
      const done = await this.post({ text });
      if (done && field.value.trim() === text) this.empty();
    }
    field.focus();
  }

  /** @param {string} text */
  sendText(text) {
    return this.post({ text });
  }

  /** @param {object} what */
  async post(what) {
    const body = { from: this.owner.speaker(), ...what, ...(this.answering ? { reply_to: this.answering.message_id } : {}) };
    this.owner.sent();
    const done = await this.owner.attempt(() => api.post(`chats/${this.owner.chatId}/messages`, body));
    if (done) this.forget();
    return done;
  }

  empty() {
    const field = /** @type {HTMLTextAreaElement} */ (this.field);
    field.value = "";
    field.style.height = "auto";
    this.closeResults();
    this.forget();
  }

  // Answering, editing, attaching

  /** @param {any} message */
  answer(message) {
    this.forget();
    this.answering = message;
    this.showContext("reply", `En réponse à ${nameOf(message.from)}`, summary(message));
    this.field?.focus();
  }

  /** @param {any} message */
  edit(message) {
    this.forget();
    this.editing = message;
    this.fill(message.text);
    this.showContext("edit", "Modifier le message", message.text);
  }

  forget() {
    const wasEditing = this.editing;
    this.answering = null;
    this.editing = null;
    this.file = null;
    if (this.picker) this.picker.value = "";
    if (wasEditing && this.field) this.field.value = "";
    if (this.context) { this.context.hidden = true; this.context.replaceChildren(); }
  }

  /** @param {string} drawing @param {string} title @param {string} detail @param {...Node} more */
  showContext(drawing, title, detail, ...more) {
    const context = /** @type {HTMLElement} */ (this.context);
    const cancel = h("button", { type: "button", class: "round small", "aria-label": `Annuler : ${title}`, onclick: () => { this.forget(); this.field?.focus(); } }, icon("close"));
    context.replaceChildren(icon(drawing), ...more,
      h("div", { class: "context-words" }, h("strong", null, title), h("span", null, detail.slice(0, 120))), cancel);
    context.hidden = false;
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    this.attach(file);
  }

  picked() {
    const file = this.picker?.files?.[0];
    if (file) this.attach(file);
  }

  /** @param {File} file */
  attach(file) {
    const answering = this.answering;
    this.forget();
    this.answering = answering;
    this.file = file;
    const image = file.type.startsWith("image/") && file.type !== "image/svg+xml";
    const parts = [];
    if (image) {
      const url = URL.createObjectURL(file);
      const preview = h("img", { class: "preview", src: url, alt: "", width: 44, height: 44 });
      preview.addEventListener("load", () => URL.revokeObjectURL(url));
      parts.push(preview);
    }
    this.showContext(image ? "image" : "file", file.name, `${image ? "Photo" : "Document"}, ${weight(file.size)}. Une légende est possible.`, ...parts);
    this.field?.focus();
  }

  /** @param {string} caption */
  async sendFile(caption) {
    const file = /** @type {File} */ (this.file);
    const image = file.type.startsWith("image/") && file.type !== "image/svg+xml";
    const fields = { from: this.owner.speaker(), caption, reply_to: this.answering?.message_id, [image ? "photo" : "document"]: file };
    this.owner.sent();
    const done = await this.owner.attempt(() => api.upload(`chats/${this.owner.chatId}/messages`, fields));
    if (done) this.empty();
  }

  // Inline results

  inlineQuery() {
    const value = this.field?.value ?? "";
    const start = `@${this.owner.bot.username} `;
    return value.toLowerCase().startsWith(start.toLowerCase()) ? value.slice(start.length).trim() : null;
  }

  /** @param {string} query */
  async askInline(query) {
    this.asked += 1;
    const mine = this.asked;
    this.showNote("Le bot cherche…");
    const body = { from: this.owner.speaker(), query, chat_type: this.owner.group ? "supergroup" : "sender" };
    let answer;
    try {
      answer = await api.post("inline", body);
    } catch (error) {
      if (mine === this.asked) this.showNote(error instanceof Error ? error.message : "Le bot n'a pas répondu.");
      return;
    }
    if (mine === this.asked && this.inlineQuery() === query) this.showResults(answer);
  }

  /** @param {string} sentence */
  showNote(sentence) {
    if (this.note) this.note.textContent = sentence;
  }

  /** @param {any} answer */
  showResults(answer) {
    const list = /** @type {HTMLElement} */ (this.list);
    this.results = answer.results ?? [];
    this.queryId = answer.inline_query_id;
    this.chosen = -1;
    list.replaceChildren(...this.results.map((one, at) => this.resultItem(one, at)));
    list.hidden = !this.results.length;
    this.field?.setAttribute("aria-controls", list.id);
    const many = this.results.length;
    this.showNote(many ? `${many} ${many > 1 ? "réponses" : "réponse"}. Flèches pour choisir, Entrée pour envoyer.` : "Rien trouvé.");
    if (many) this.highlight(0);
  }

  /** @param {any} one @param {number} at */
  resultItem(one, at) {
    const title = one.title ?? one.content?.text ?? one.caption ?? "Résultat";
    return h("li", { role: "option", id: `${this.prefix}-result-${at}`, class: "result", "aria-selected": "false", onmousedown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => this.choose(at) },
      h("strong", null, title), one.description ? h("span", null, one.description) : null);
  }

  /** @param {KeyboardEvent} event */
  resultKeyed(event) {
    const many = this.results.length;
    if (event.key === "ArrowDown") this.highlight((this.chosen + 1) % many);
    else if (event.key === "ArrowUp") this.highlight((this.chosen - 1 + many) % many);
    else if (event.key === "Enter" && !event.shiftKey) this.choose(this.chosen);
    else if (event.key === "Escape") this.closeResults();
    else return false;
    event.preventDefault();
    return true;
  }

  /** @param {number} at */
  highlight(at) {
    const options = [...(this.list?.children ?? [])];
    options.forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    this.chosen = at;
    this.field?.setAttribute("aria-activedescendant", `${this.prefix}-result-${at}`);
    options[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} at */
  async choose(at) {
    const one = this.results[at];
    if (!one) return;
    const body = { from: this.owner.speaker(), chat_id: this.owner.chatId, inline_query_id: this.queryId, result_id: one.id };
    this.owner.sent();
    const done = await this.owner.attempt(() => api.post("inline/choose", body));
    if (done) this.empty();
    this.field?.focus();
  }

  closeResults() {
    window.clearTimeout(this.timer);
    this.asked += 1;
    this.results = [];
    this.chosen = -1;
    if (this.list) this.list.hidden = true;
    this.showNote("");
    this.field?.removeAttribute("aria-activedescendant");
    this.field?.removeAttribute("aria-controls");
  }

  // The keyboard a bot may put in place of letters

  /** @param {any} markup */
  replyKeyboard(markup) {
    const keys = /** @type {HTMLElement} */ (this.keys);
    const rows = markup?.keyboard ?? [];
    if (markup?.force_reply && markup.input_field_placeholder) this.field?.setAttribute("placeholder", markup.input_field_placeholder);
    else this.field?.setAttribute("placeholder", markup?.input_field_placeholder ?? "Écrire un message…");
    keys.replaceChildren(...rows.map((/** @type {any[]} */ row) => h("div", { class: "keys-row" }, row.map((one) => this.replyKey(one, markup)))));
    keys.hidden = !rows.length;
  }

  /** @param {any} one @param {any} markup */
  replyKey(one, markup) {
    const button = h("button", { type: "button", class: "key" }, one.text);
    button.addEventListener("click", () => {
      if (markup.one_time_keyboard) this.replyKeyboard(null);
      if (one.request_location) this.post({ location: METZ });
      else if (one.request_contact) this.post({ contact: { phone_number: "+33387000000", first_name: this.owner.addressee(), user_id: this.owner.speaker() } });
      else this.sendText(one.text);
    });
    return button;
  }
}
