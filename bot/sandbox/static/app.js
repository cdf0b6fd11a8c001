/** The page of the sandbox: telephones side by side, a clock, a mailbox, and what can go wrong. */

import { follow } from "./api.js";
import { setClock, setUpClock } from "./clock.js";
import { drawIcons, find, h } from "./dom.js";
import { setUpFaults } from "./faults.js";
import { mailEvent, setMailbox, setUpMailbox } from "./mailbox.js";
import { Tabs } from "./tabs.js";
import { Telephone } from "./telephone.js";

const MOST_TELEPHONES = 12;
const TOAST_LASTS = 5000;

/** @type {Map<number, Telephone>} */
const telephones = new Map();
const tabs = new Tabs(find("#tabs"), find("#telephones"), find("#strip"));
let toastTimer = 0;

/** @type {import("./telephone.js").Page} */
const page = {
  bot: null,
  people: new Map(),
  commands: [],
  texts: {},
  alert: (title, text) => {
    find("#alert-title").textContent = `Message pour ${title}`;
    find("#alert-text").textContent = text;
    const dialog = find("#alert-dialog");
    if (!dialog.open) dialog.showModal();
  },
  unread: (telephone) => tabs.unread(telephone),
};

/** @param {string} sentence */
function say(sentence) {
  window.clearTimeout(toastTimer);
  const place = find("#page-toast");
  // What is behind an open dialog is not seen: speak in front of it.
  const front = document.querySelector("dialog[open]") ?? document.body;
  if (place.parentElement !== front) front.append(place);
  place.replaceChildren(h("div", { class: "toast" }, sentence));
  toastTimer = window.setTimeout(() => place.replaceChildren(), TOAST_LASTS);
}

/** @param {any} chat */
function order(chat) {
  return chat.type === "private" ? 0 : 1;
}

/** @param {any[]} chats @param {Record<string, any[]>} messages */
function showChats(chats, messages) {
  const wanted = [...chats].sort((a, b) => order(a) - order(b)).slice(0, MOST_TELEPHONES);
  const ids = new Set(wanted.map((chat) => chat.id));
  for (const [id, telephone] of telephones) {
    if (ids.has(id)) continue;
    telephone.element.remove();
    telephones.delete(id);
  }
  for (const chat of wanted) {
    let telephone = telephones.get(chat.id);
    if (!telephone) {
      telephone = new Telephone(page, chat);
      telephones.set(chat.id, telephone);
    }
    telephone.chat = chat;
    if (!telephone.element.isConnected) find("#telephones").append(telephone.element);
    telephone.fill(messages[String(chat.id)] ?? []);
  }
  tabs.set([...telephones.values()]);
}

/** @param {any} state */
function read(state) {
  page.bot = state.bot;
  page.people = new Map(state.people.map((/** @type {any} */ one) => [one.id, one]));
  page.commands = state.commands;
  page.texts = state.texts ?? {};
  setClock(state.clock);
  setMailbox(state.mailbox);
  showChats(state.chats, state.messages);
  find("#telephones").setAttribute("aria-busy", "false");
}

/** @param {any} event */
function peopleChanged(event) {
  if (event.person) {
    page.people.set(event.person.id, event.person);
    const telephone = telephones.get(event.person.id);
    if (telephone) telephone.refresh();
    else link.reread();
  } else if (event.chat && telephones.has(event.chat.id)) {
    const telephone = /** @type {Telephone} */ (telephones.get(event.chat.id));
    telephone.chat = event.chat;
    telephone.refresh();
  } else {
    link.reread();
  }
}

/** What each kind of event does in its telephone. @type {Record<string, (telephone: Telephone, event: any) => void>} */
const IN_CHAT = {
  message: (telephone, event) => telephone.add(event.message),
  edited: (telephone, event) => telephone.change(event.message),
  deleted: (telephone, event) => telephone.drop(event.message_id),
  reaction: (telephone, event) => telephone.reaction(event),
  toast: (telephone, event) => telephone.toast(event),
  typing: (telephone) => telephone.typingNow(),
};

/** What the others do. @type {Record<string, (event: any) => void>} */
const ELSEWHERE = {
  people: peopleChanged,
  mailbox: (event) => mailEvent(event, say),
  clock: (event) => setClock(event.clock),
  commands: (event) => { page.commands = event.commands; },
};

/** A first message starts the bot; the sandbox does not say it otherwise. @param {Telephone} telephone @param {any} event */
function noticeStart(telephone, event) {
  const person = telephone.person();
  if (event.kind !== "message" || !person || person.started || event.by !== "person") return;
  page.people.set(person.id, { ...person, started: true });
  telephone.refresh();
}

/** @param {any[]} batch */
function events(batch) {
  /** @type {Map<Telephone, boolean>} */
  const touched = new Map();
  for (const event of batch) {
    const telephone = telephones.get(event.chat_id);
    if (IN_CHAT[event.kind] && telephone) {
      IN_CHAT[event.kind](telephone, event);
      noticeStart(telephone, event);
      touched.set(telephone, touched.get(telephone) || event.kind === "message");
    } else {
      ELSEWHERE[event.kind]?.(event);
    }
  }
  for (const [telephone, grew] of touched) telephone.settle(grew);
}

function setUpDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target === dialog || target.closest("[data-close]")) dialog.close();
    });
  }
}

drawIcons();
setUpDialogs();
setUpClock(say);
setUpMailbox(say);
setUpFaults();
const link = follow({ read, events, link: (connected) => { find("#lost").hidden = connected; } });
