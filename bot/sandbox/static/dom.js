/** Small pieces of the page: elements, icons, times. Text always goes in as text, never as HTML. */

/**
 * @typedef {string | number | Node | null | undefined | false} Child
 * @typedef {Record<string, any>} Attributes
 */

const SVG = "http://www.w3.org/2000/svg";

/** @param {Element} element @param {Attributes} attributes */
function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.setAttribute("class", value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * An element with its attributes, listeners (`onclick`) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes | null} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  if (attributes) dress(element, attributes);
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** @param {string} selector @returns {any} */
export function find(selector) {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`Il manque ${selector} dans la page.`);
  return element;
}

/** The drawings, as strokes in a square of 24. @type {Record<string, string>} */
const STROKES = {
  send: "M5 12h13M12 5.5 18.5 12 12 18.5",
  plus: "M12 5v14M5 12h14",
  menu: "M5 7.5h14M5 12h14M5 16.5h9",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  close: "m6.5 6.5 11 11m0-11-11 11",
  reply: "M9.5 7 4.5 12l5 5M5 12h9a5.5 5.5 0 0 1 5.5 5.5V18",
  edit: "m5 19 .9-3.9L16 5l3 3L8.9 18.1 5 19Z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 3.5V12l3 2",
  mail: "M4 6.5h16v11H4zM4.5 7l7.5 6 7.5-6",
  bolt: "M13 3.5 6 13.5h5l-.5 7 7-10h-5z",
  image: "M4.5 5.5h15v13h-15zM5 16l4.5-4.5 3.5 3.5 2.5-2.5 4 4M15 9v.01",
  file: "M7 3.5h6.5L18 8v12.5H7zM13.5 3.5V8H18",
  mic: "M12 4a2.5 2.5 0 0 1 2.5 2.5v4.5a2.5 2.5 0 0 1-5 0V6.5A2.5 2.5 0 0 1 12 4ZM6.5 11a5.5 5.5 0 0 0 11 0M12 16.5V20",
  pin: "M12 20.5s6-5.4 6-10.3A6 6 0 0 0 6 10.2c0 4.9 6 10.3 6 10.3ZM12 8.3a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM9.5 10v.01M14.5 10v.01M8.5 14c1.8 2.3 5.2 2.3 7 0",
  search: "M10.5 5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM14.6 14.6 19 19",
  block: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM6.5 6.5l11 11",
  down: "M12 5v14M6 13l6 6 6-6",
  external: "M9 6h9v9M18 6 7 17",
  check: "m5 12.5 4.5 4.5L19 7.5",
  phone: "M8 3.5h8v17H8zM11 18h2",
  play: "M9 6.5v11l8.5-5.5z",
  people: "M9 5.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM3.5 19c0-3 2.5-5 5.5-5s5.5 2 5.5 5M15.5 6a3 3 0 0 1 0 5.3M17 14.3c2 .600 3.5 2.3 3.5 4.7",
};

/** A drawing; never read aloud, the button around it has a name. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  dress(svg, { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" });
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", STROKES[name] ?? "");
  svg.append(path);
  return svg;
}

/** Put the drawings where the HTML asks for them by `data-icon`. */
export function drawIcons() {
  for (const place of document.querySelectorAll("[data-icon]")) {
    place.prepend(icon(place.getAttribute("data-icon") ?? ""));
  }
}

/** @param {string} name */
export function initials(name) {
  const words = name.replace(/^(M\.|Mme|Mlle)\s+/u, "").split(/[\s(]+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return letters.join("").toLocaleUpperCase("fr") || "?";
}

const PARIS = "Europe/Paris";
const HOUR = new Intl.DateTimeFormat("fr-FR", { timeZone: PARIS, hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("fr-FR", { timeZone: PARIS, weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("fr-FR", { timeZone: PARIS, weekday: "short", day: "numeric", month: "short", year: "numeric" });
const FIELD = new Intl.DateTimeFormat("sv-SE", {
  timeZone: PARIS, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

/** @param {Date} date */
export const hour = (date) => HOUR.format(date);
/** @param {Date} date */
export const day = (date) => DAY.format(date);
/** @param {Date} date */
export const shortDay = (date) => SHORT_DAY.format(date);

/** A time as a date-time field writes it, in Paris. @param {Date} date */
export const fieldTime = (date) => FIELD.format(date).replace(" ", "T");

/** The moment a date-time field names, read as a time in Paris. @param {string} written */
export function fromField(written) {
  const asUtc = Date.parse(`${written}Z`);
  if (Number.isNaN(asUtc)) return null;
  let guess = asUtc;
  // Twice: the first guess may be on the other side of a change of hour.
  for (let round = 0; round < 2; round += 1) {
    guess += asUtc - Date.parse(`${fieldTime(new Date(guess))}Z`);
  }
  return new Date(guess);
}

/** @param {number} seconds */
export function duration(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** @param {number} bytes */
export function weight(bytes) {
  if (bytes < 1000) return `${bytes} o`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} Ko`;
  return `${(bytes / 1_000_000).toLocaleString("fr-FR", { maximumFractionDigits: 1 })} Mo`;
}
