/** One telephone: its owner, a conversation, and what one can do with it. */

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { day, h, icon, initials } from "./dom.js";
import { face, messageElement } from "./messages.js";

const MOST_SHOWN = 500;
const TYPING_LASTS = 5500;
const PRESS_LASTS = 15_000;
const TOAST_LASTS = 5000;
const NEAR_BOTTOM = 60;

/**
 * @typedef {object} Page
 * @property {any} bot
 * @property {Map<number, any>} people
 * @property {any[]} commands
 * @property {Record<string, string>} texts
 * @property {(title: string, text: string) => void} alert
 * @property {(telephone: Telephone) => void} unread
 */

export class Telephone {
  /** @param {Page} page @param {any} chat */
  constructor(page, chat) {
    this.page = page;
    this.chat = chat;
    this.chatId = chat.id;
    this.group = chat.type !== "private";
    /** @type {Map<number, { raw: string, element: HTMLElement, message: any }>} */
    this.shown = new Map();
    /** @type {Map<string, HTMLButtonElement>} */
    this.pressed = new Map();
    /** @type {Set<string>} */
    this.answered = new Set();
    this.lastDay = "";
    this.stuck = true;
    this.size = "";
    this.missed = 0;
    this.typingTimer = 0;
    this.toastTimer = 0;
    this.keyboardFrom = 0;
    this.voice = this.group ? this.writers()[0]?.id ?? 0 : chat.id;
    /** @type {import("./messages.js").Host} */
    this.host = {
      bot: page.bot,
      group: this.group,
      speaker: () => this.voice,
      tint: (id) => tintOf(page, id),
      actions: {
        command: (text) => this.composer.sendText(text),
        start: (payload) => this.start(payload),
        mention: (name) => this.composer.fill(`${name} `),
        username: page.bot.username,
      },
      press: (message, button, element) => this.press(message, button, element),
      reply: (message) => this.composer.answer(message),
      edit: (message) => this.composer.edit(message),
      show: (id) => this.show(id),
    };
    this.composer = new Composer({
      chatId: this.chatId,
      bot: page.bot,
      group: this.group,
      speaker: () => this.voice,
      addressee: () => (this.group ? this.chat.title : this.person()?.first_name ?? ""),
      commands: () => this.commands(),
      say: (sentence) => this.say(sentence),
      attempt: (doing) => this.attempt(doing),
      sent: () => this.toBottom(),
    });
    this.element = this.build();
    this.refresh();
  }

  // Who

  person() {
    return this.page.people.get(this.chatId);
  }

  writers() {
    return (this.chat.members ?? []).filter((/** @type {any} */ one) => one.id !== this.page.bot.id);
  }

  get title() {
    return this.group ? this.chat.title : this.person()?.first_name ?? this.chat.title;
  }

  get role() {
    if (!this.group) return this.person()?.role ?? "";
    const many = this.chat.members?.length ?? 0;
    return `groupe, ${many} membres`;
  }

  get tint() {
    return this.group ? "group" : String(tintOf(this.page, this.chatId));
  }

  avatar() {
    return h("span", { class: `avatar tint-${this.tint}`, "aria-hidden": "true" }, this.group ? icon("people") : initials(this.title));
  }

  commands() {
    return commandsFor(this.page.commands, this.chat, this.voice, this.page.people.get(this.voice)?.language_code ?? "fr");
  }

  // The frame

  build() {
    const id = `telephone-${this.chatId}`;
    this.log = h("div", {
      class: "log", role: "log", "aria-live": "off", "aria-label": `Conversation : ${this.title}`, tabindex: 0,
      onscroll: () => this.scrolled(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.logKeyed(event),
    });
    this.empty = h("div", { class: "empty" });
    this.below = h("button", { type: "button", class: "below", hidden: true, onclick: () => { this.toBottom(); this.composer.field?.focus(); } }, icon("down"), h("span", null));
    this.typing = h("p", { class: "typing", hidden: true }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${this.page.bot.first_name} écrit…`);
    this.toastBox = h("div", { class: "toast-place", role: "status" });
    this.startButton = h("button", { type: "button", class: "wide", onclick: () => this.start("") }, "Démarrer");
    this.unblockButton = h("button", { type: "button", class: "wide", onclick: () => this.block(false) }, "Débloquer le bot");
    this.blockedBar = h("div", { class: "bar", hidden: true }, h("p", null, "Vous avez bloqué le bot : il ne peut plus vous écrire."), this.unblockButton);
    this.startBar = h("div", { class: "bar", hidden: true }, this.startButton);
    this.middle = h("div", { class: "middle" }, this.log, this.empty, this.typing, this.below, this.toastBox);
    this.observeSize();
    return h("section", { class: this.group ? "telephone in-group" : "telephone", id, "aria-labelledby": `${id}-name` },
      this.head(id), this.middle, this.startBar, this.blockedBar, this.composer.element);
  }

  /** @param {string} id */
  head(id) {
    this.roleLine = h("p", { class: "role" }, this.role);
    const head = h("header", { class: "head" }, this.avatar(), h("div", { class: "names" }, h("h2", { id: `${id}-name` }, this.title), this.roleLine));
    if (this.group) {
      this.select = h("select", { class: "voice-choice", id: `${id}-voice`, onchange: () => this.speakAs(Number(this.select?.value)) });
      head.append(h("label", { class: "speak-as" }, h("span", null, "Écrire comme"), this.select));
    } else {
      this.blockButton = h("button", { type: "button", class: "round small quiet", onclick: () => this.block(!this.person()?.blocked) }, icon("block"));
      head.append(this.blockButton);
    }
    return head;
  }

  observeSize() {
    const observer = new ResizeObserver(() => { if (this.stuck) this.jump(); });
    if (this.log) observer.observe(this.log);
  }

  /** Show what changed around the conversation: started, blocked, members. */
  refresh() {
    const person = this.person();
    const blocked = Boolean(person?.blocked);
    const fresh = !this.group && !person?.started && !blocked;
    const { startBar, blockedBar, roleLine } = this;
    if (!startBar || !blockedBar || !roleLine) return;
    const hadFocus = startBar.contains(document.activeElement) || blockedBar.contains(document.activeElement);
    startBar.hidden = !fresh;
    blockedBar.hidden = !blocked;
    this.composer.element.hidden = fresh || blocked;
    roleLine.textContent = this.role;
    if (this.blockButton) {
      const label = blocked ? "Débloquer le bot" : "Bloquer le bot";
      this.blockButton.setAttribute("aria-label", `${label} (${this.title})`);
      this.blockButton.title = label;
      this.blockButton.setAttribute("aria-pressed", String(blocked));
      this.blockButton.hidden = fresh;
    }
    if (hadFocus && !fresh && !blocked) this.composer.field?.focus();
    this.fillSelect();
    this.fillEmpty(fresh);
  }

  fillSelect() {
    if (!this.select) return;
    const writers = this.writers();
    if (!writers.some((/** @type {any} */ one) => one.id === this.voice)) this.voice = writers[0]?.id ?? 0;
    this.select.replaceChildren(...writers.map((/** @type {any} */ one) => h("option", { value: one.id }, one.first_name)));
    this.select.value = String(this.voice);
  }

  /** @param {boolean} fresh */
  fillEmpty(fresh) {
    const { empty } = this;
    if (!empty) return;
    empty.hidden = this.shown.size > 0;
    const about = this.page.texts["description:fr"] ?? this.page.texts["description:"];
    const said = this.group
      ? `Dans un groupe, le bot ne lit que ce qui lui est adressé : une /commande, @${this.page.bot.username}, ou une réponse à son message.`
      : about || `Voici le téléphone de ${this.title}. ${fresh ? "Appuyez sur « Démarrer » pour ouvrir la conversation avec le bot." : "Écrivez quelque chose."}`;
    empty.replaceChildren(h("span", { class: "empty-mark", "aria-hidden": "true" }, icon(this.group ? "people" : "phone")),
      h("p", { class: "empty-title" }, this.group ? "Le groupe est calme" : this.page.bot.first_name), h("p", null, said));
  }

  // The conversation

  /** Make the conversation what the state says, touching only what differs. @param {any[]} messages */
  fill(messages) {
    const { log } = this;
    if (!log) return;
    const ids = new Set(messages.map((one) => one.message_id));
    for (const id of [...this.shown.keys()]) if (!ids.has(id)) this.drop(id);
    const last = [...this.shown.keys()].pop() ?? 0;
    const outOfOrder = messages.some((one) => !this.shown.has(one.message_id) && one.message_id < last);
    if (outOfOrder) this.clear();
    for (const message of messages) {
      if (this.shown.has(message.message_id)) this.change(message);
      else this.append(message);
    }
    log.setAttribute("aria-live", "polite");
    this.refresh();
    if (this.stuck) this.jump();
  }

  clear() {
    this.log?.replaceChildren();
    this.shown.clear();
    this.lastDay = "";
  }

  /** @param {any} message */
  append(message) {
    const when = new Date(message.date * 1000);
    const today = day(when);
    if (today !== this.lastDay) {
      this.lastDay = today;
      this.log?.append(h("p", { class: "day" }, h("time", { datetime: when.toISOString() }, today)));
    }
    const element = messageElement(message, this.host);
    this.log?.append(element);
    this.shown.set(message.message_id, { raw: JSON.stringify(message), element, message });
    if (this.shown.size > MOST_SHOWN) this.drop(Number(this.shown.keys().next().value));
    this.takeKeyboard(message);
  }

  /** A message has just come. @param {any} message */
  add(message) {
    if (this.shown.has(message.message_id)) {
      this.change(message);
      return;
    }
    this.append(message);
    if (this.empty) this.empty.hidden = true;
    const fromBot = message.from?.id === this.page.bot.id;
    if (fromBot) this.stopTyping();
    if (this.stuck || !this.visible()) return;
    this.missed += 1;
    this.showBelow();
  }

  /** Once a batch of events is in. @param {boolean} grew */
  settle(grew) {
    if (this.stuck) this.jump();
    if (grew && !this.visible()) this.page.unread(this);
  }

  visible() {
    return this.element.offsetParent !== null;
  }

  /** @param {any} message */
  change(message) {
    const known = this.shown.get(message.message_id);
    if (!known) return;
    const raw = JSON.stringify(message);
    if (raw === known.raw) return;
    const buttons = [...known.element.querySelectorAll(".key")];
    const at = buttons.indexOf(/** @type {Element} */ (document.activeElement));
    const within = known.element.contains(document.activeElement);
    const element = messageElement(message, this.host);
    known.element.replaceWith(element);
    this.shown.set(message.message_id, { raw, element, message });
    this.unpressLost();
    if (at >= 0) {
      const keys = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(".key"));
      (keys[Math.min(at, keys.length - 1)] ?? element).focus({ preventScroll: true });
    } else if (within) element.focus({ preventScroll: true });
  }

  /** @param {number} id */
  drop(id) {
    const known = this.shown.get(id);
    if (!known) return;
    const before = known.element.previousElementSibling;
    const after = known.element.nextElementSibling;
    if (known.element.contains(document.activeElement)) this.log?.focus({ preventScroll: true });
    known.element.remove();
    this.shown.delete(id);
    if (before?.classList.contains("day") && (!after || after.classList.contains("day"))) {
      before.remove();
      if (!after) this.lastDay = [...(this.log?.querySelectorAll(".day") ?? [])].pop()?.textContent ?? "";
    }
    if (this.empty) this.empty.hidden = this.shown.size > 0;
  }

  /** @param {any} event */
  reaction(event) {
    const known = this.shown.get(event.message_id);
    if (!known) return;
    const all = { ...known.message.sandbox?.reactions };
    if (event.reaction.length) all[event.user_id] = event.reaction;
    else delete all[event.user_id];
    this.change({ ...known.message, sandbox: { ...known.message.sandbox, reactions: all } });
  }

  /** @param {any} message */
  takeKeyboard(message) {
    const given = message.sandbox?.keyboard;
    if (given && message.message_id > this.keyboardFrom) {
      this.keyboardFrom = message.message_id;
      this.composer.replyKeyboard(given);
    }
  }

  // Scrolling

  scrolled() {
    const { log } = this;
    if (!log || !this.visible()) return;
    // The page changed shape under the reader: that is not scrolling up.
    if (this.stuck && this.size !== sizeOf(log)) {
      this.jump();
      return;
    }
    this.stuck = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
    if (this.stuck) this.missed = 0;
    this.showBelow();
  }

  showBelow() {
    if (!this.below) return;
    const words = this.missed > 1 ? `${this.missed} nouveaux messages` : this.missed ? "1 nouveau message" : "Derniers messages";
    this.below.hidden = this.stuck;
    /** @type {any} */ (this.below.lastChild).textContent = words;
  }

  jump() {
    const { log } = this;
    if (!log) return;
    log.scrollTop = log.scrollHeight;
    this.size = sizeOf(log);
  }

  toBottom() {
    this.stuck = true;
    this.missed = 0;
    this.showBelow();
    this.jump();
  }

  /** @param {number} id */
  show(id) {
    const element = this.shown.get(id)?.element;
    if (!element) {
      this.say("Ce message n'est plus là.");
      return;
    }
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
    element.classList.add("flash");
    window.setTimeout(() => element.classList.remove("flash"), 1500);
  }

  /** @param {KeyboardEvent} event */
  logKeyed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const items = [...this.shown.values()].map((one) => one.element);
    const at = items.indexOf(target);
    if (target !== this.log && at < 0) return;
    const message = [...this.shown.values()][at]?.message;
    const moves = { ArrowUp: at < 0 ? items.length - 1 : Math.max(0, at - 1), ArrowDown: Math.min(items.length - 1, at + 1), Home: 0, End: items.length - 1 };
    const to = event.key === "ArrowDown" && at < 0 ? undefined : moves[/** @type {keyof typeof moves} */ (event.key)];
    if (to !== undefined && items[to]) this.focusMessage(items[to]);
    else if (message && !event.ctrlKey && !event.metaKey && !event.altKey && event.key.toLowerCase() === "r" && target.matches(".message")) this.composer.answer(message);
    else if (message && !event.ctrlKey && !event.metaKey && !event.altKey && event.key.toLowerCase() === "e" && target.matches(".mine") && "text" in message) this.composer.edit(message);
    else if (event.key === "Escape" && at >= 0) this.composer.field?.focus();
    else return;
    event.preventDefault();
  }

  /** @param {HTMLElement} element */
  focusMessage(element) {
    for (const tool of this.log?.querySelectorAll(".tool[tabindex='0']") ?? []) tool.setAttribute("tabindex", "-1");
    for (const tool of element.querySelectorAll(".tool")) tool.setAttribute("tabindex", "0");
    element.focus();
  }

  // Doing

  /** Try something; say in French why it failed. @param {() => Promise<any>} doing */
  async attempt(doing) {
    try {
      return (await doing()) ?? true;
    } catch (error) {
      this.say(error instanceof Error ? error.message : "Cela n'a pas marché.");
      return null;
    }
  }

  /** @param {string} payload */
  start(payload) {
    this.toBottom();
    return this.attempt(() => api.post(`chats/${this.chatId}/start`, { from: this.voice, payload }));
  }

  /** @param {boolean} blocked */
  async block(blocked) {
    const person = await this.attempt(() => api.post(`people/${this.chatId}/block`, { blocked }));
    if (!person) return;
    this.say(blocked ? "Le bot est bloqué." : "Le bot est débloqué.");
    this.page.people.set(this.chatId, person);
    this.refresh();
    if (blocked) this.unblockButton?.focus();
  }

  /** @param {number} id */
  speakAs(id) {
    this.voice = id;
    for (const { element } of this.shown.values()) if (element.matches(".message")) face(element, this.host);
  }

  /** @param {any} message @param {any} button @param {HTMLButtonElement} element */
  async press(message, button, element) {
    if (element.getAttribute("aria-busy") === "true") return;
    if (typeof button.callback_data !== "string") {
      this.otherKey(button);
      return;
    }
    element.setAttribute("aria-busy", "true");
    const body = { from: this.voice, message_id: message.message_id, data: button.callback_data };
    const done = await this.attempt(() => api.post(`chats/${this.chatId}/press`, body));
    const id = done?.callback_query_id;
    if (!id || this.answered.delete(id)) {
      element.removeAttribute("aria-busy");
      return;
    }
    this.pressed.set(id, element);
    window.setTimeout(() => this.unpress(id), PRESS_LASTS);
  }

  /** A key that asks nothing of the bot's callbacks. @param {any} button */
  otherKey(button) {
    const query = button.switch_inline_query_current_chat ?? button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
    if (query !== undefined) this.composer.fill(`@${this.page.bot.username} ${query}`);
    else if (button.copy_text) navigator.clipboard?.writeText(button.copy_text.text).then(() => this.say("Copié."), () => this.say("La copie n'a pas marché."));
    else this.say("Ce bouton n'existe pas dans le bac à sable.");
  }

  /** @param {string} id */
  unpress(id) {
    this.pressed.get(id)?.removeAttribute("aria-busy");
    this.pressed.delete(id);
  }

  unpressLost() {
    for (const [id, element] of this.pressed) if (!element.isConnected) this.pressed.delete(id);
  }

  /** The bot answered a press. @param {any} event */
  toast(event) {
    const id = event.callback_query_id;
    if (this.pressed.has(id)) this.unpress(id);
    else this.answered.add(id);
    if (event.text && event.show_alert) this.page.alert(this.title, event.text);
    else if (event.text) this.say(event.text);
  }

  /** @param {string} sentence */
  say(sentence) {
    window.clearTimeout(this.toastTimer);
    this.toastBox?.replaceChildren(h("div", { class: "toast" }, sentence));
    this.toastTimer = window.setTimeout(() => this.toastBox?.replaceChildren(), TOAST_LASTS);
  }

  typingNow() {
    if (!this.typing) return;
    this.typing.hidden = false;
    window.clearTimeout(this.typingTimer);
    this.typingTimer = window.setTimeout(() => this.stopTyping(), TYPING_LASTS);
  }

  stopTyping() {
    window.clearTimeout(this.typingTimer);
    if (this.typing) this.typing.hidden = true;
  }
}

/** @param {HTMLElement} log */
const sizeOf = (log) => `${log.scrollHeight}/${log.clientHeight}/${log.clientWidth}`;

/** The colour of a person, always the same. @param {Page} page @param {number} id */
function tintOf(page, id) {
  const at = [...page.people.keys()].indexOf(id);
  return (at < 0 ? id : at) % 6;
}

/**
 * The commands someone sees in a chat: the narrowest scope that has some, as in Telegram.
 * @param {any[]} rows @param {any} chat @param {number} user @param {string} language
 */
function commandsFor(rows, chat, user, language) {
  const member = (chat.members ?? []).find((/** @type {any} */ one) => one.id === user);
  const admin = ["creator", "administrator"].includes(member?.status);
  const isGroup = chat.type !== "private";
  const scopes = isGroup
    ? [{ type: "chat_member", chat_id: chat.id, user_id: user }, ...(admin ? [{ type: "chat_administrators", chat_id: chat.id }] : []),
      { type: "chat", chat_id: chat.id }, ...(admin ? [{ type: "all_chat_administrators" }] : []), { type: "all_group_chats" }, { type: "default" }]
    : [{ type: "chat", chat_id: chat.id }, { type: "all_private_chats" }, { type: "default" }];
  for (const scope of scopes) {
    for (const spoken of [language, ""]) {
      const found = rows.find((row) => row.language_code === spoken && sameScope(row.scope, scope));
      if (found?.commands.length) return found.commands;
    }
  }
  return [];
}

/** @param {any} one @param {any} other */
function sameScope(one, other) {
  return ["type", "chat_id", "user_id"].every((name) => one[name] === other[name]);
}

