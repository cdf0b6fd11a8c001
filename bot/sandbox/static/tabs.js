/** Which telephone is in front: tabs on a small screen, shortcuts on a wide one. */

import { h } from "./dom.js";

/** @typedef {import("./telephone.js").Telephone} Telephone */

const SMALL = window.matchMedia("(max-width: 799px)");

export class Tabs {
  /** @param {HTMLElement} place @param {HTMLElement} row @param {HTMLElement} strip */
  constructor(place, row, strip) {
    this.place = place;
    this.row = row;
    this.strip = strip;
    /** @type {Map<Telephone, HTMLButtonElement>} */
    this.tabs = new Map();
    /** @type {Telephone | null} */
    this.front = null;
    SMALL.addEventListener("change", () => this.arrange());
    new ResizeObserver(() => this.arrangeStrip()).observe(row);
    place.addEventListener("keydown", (event) => this.keyed(event));
    this.swipe();
  }

  /** @param {Telephone[]} telephones */
  set(telephones) {
    const known = [...this.tabs.keys()];
    if (known.length !== telephones.length || known.some((one, at) => one !== telephones[at])) {
      this.tabs = new Map(telephones.map((one) => [one, this.tab(one)]));
      this.place.replaceChildren(...this.tabs.values());
    }
    if (!this.front || !this.tabs.has(this.front)) this.front = telephones[0] ?? null;
    this.arrange();
  }

  /** @param {Telephone} telephone */
  tab(telephone) {
    const count = h("span", { class: "count", "aria-hidden": "true" });
    const said = h("span", { class: "sr" });
    return h("button", { type: "button", class: "tab", id: `tab-${telephone.chatId}`, onclick: () => this.open(telephone) },
      telephone.avatar(), h("span", { class: "tab-name" }, telephone.title.replace(/\s*\(.*\)/u, "")), count, said);
  }

  /** Roles follow the shape of the page. */
  arrange() {
    const small = SMALL.matches;
    this.place.setAttribute("role", small ? "tablist" : "group");
    this.place.setAttribute("aria-label", small ? "Choisir un téléphone" : "Aller à un téléphone");
    for (const [telephone, tab] of this.tabs) this.dress(telephone, tab, small);
    this.arrangeStrip();
    if (small && this.front) this.read(this.front);
  }

  /** @param {Telephone} telephone @param {HTMLButtonElement} tab @param {boolean} small */
  dress(telephone, tab, small) {
    const front = telephone === this.front;
    const panel = telephone.element;
    panel.classList.toggle("front", front);
    if (small) {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(front));
      tab.setAttribute("aria-controls", panel.id);
      tab.tabIndex = front ? 0 : -1;
      panel.setAttribute("role", "tabpanel");
    } else {
      for (const name of ["role", "aria-selected", "aria-controls"]) tab.removeAttribute(name);
      tab.tabIndex = 0;
      panel.removeAttribute("role");
    }
  }

  /** On a wide screen, shortcuts only help when some telephone is out of sight. */
  arrangeStrip() {
    this.strip.hidden = !SMALL.matches && this.row.scrollWidth <= this.row.clientWidth + 1;
  }

  /** @param {Telephone} telephone */
  open(telephone) {
    this.front = telephone;
    if (SMALL.matches) {
      this.arrange();
      return;
    }
    telephone.element.scrollIntoView({ inline: "center", block: "nearest" });
    const target = /** @type {HTMLElement | null} */ (telephone.element.querySelector(".composer:not([hidden]) .field, .bar:not([hidden]) button"));
    target?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const all = [...this.tabs];
    const at = all.findIndex(([, tab]) => tab === document.activeElement);
    const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const [telephone, tab] = all[(to + all.length) % all.length];
    if (SMALL.matches) this.open(telephone);
    tab.focus();
  }

  swipe() {
    let x = 0;
    let y = 0;
    this.row.addEventListener("touchstart", (event) => {
      x = event.touches[0].clientX;
      y = event.touches[0].clientY;
    }, { passive: true });
    this.row.addEventListener("touchend", (event) => {
      const dx = event.changedTouches[0].clientX - x;
      const dy = event.changedTouches[0].clientY - y;
      if (!SMALL.matches || Math.abs(dx) < 70 || Math.abs(dy) > Math.abs(dx) / 2 || !this.front) return;
      const all = [...this.tabs.keys()];
      const next = all[all.indexOf(this.front) + (dx < 0 ? 1 : -1)];
      if (next) this.open(next);
    }, { passive: true });
  }

  /** @param {Telephone} telephone */
  unread(telephone) {
    if (!SMALL.matches) return;
    const tab = this.tabs.get(telephone);
    const count = tab?.querySelector(".count");
    if (!tab || !count) return;
    const many = Number(count.textContent || 0) + 1;
    count.textContent = String(many);
    /** @type {any} */ (tab.querySelector(".sr")).textContent = `, ${many} ${many > 1 ? "messages" : "message"} à lire`;
  }

  /** @param {Telephone} telephone */
  read(telephone) {
    const tab = this.tabs.get(telephone);
    for (const place of tab?.querySelectorAll(".count, .sr") ?? []) place.textContent = "";
  }
}
