/** What the page asks of the sandbox, and what the sandbox tells the page. */

/** A refusal, with a sentence in French that can be shown. */
export class Refusal extends Error {}

/** @param {any} body @param {number} status */
function sentence(body, status) {
  const said = body?.error ?? body?.description ?? body?.detail;
  return typeof said === "string" && said ? said : `Le bac à sable n'a pas pu faire cela (${status}).`;
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`/sandbox/${path}`, options);
  } catch {
    throw new Refusal("Le bac à sable ne répond pas. Est-il encore en marche ?");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(sentence(body, answer.status));
  return body;
}

/** @param {string} path */
export const get = (path) => ask(path);

/** @param {string} path @param {object} body */
export function post(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** @param {string} path */
export const remove = (path) => ask(path, { method: "DELETE" });

/** A message with a file. @param {string} path @param {Record<string, string | number | File | undefined>} fields */
export function upload(path, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === "") continue;
    if (value instanceof File) form.append(name, value, value.name);
    else form.append(name, String(value));
  }
  return ask(path, { method: "POST", body: form });
}

const KINDS = [
  "message", "edited", "deleted", "reaction", "toast", "typing", "inline_results", "commands", "people", "mailbox", "clock", "reset",
];

/**
 * Follow the sandbox for ever: `read` is given the whole state at the start and after each interruption, `events` what happens next.
 * @param {{ read: (state: any) => void, events: (events: any[]) => void, link: (connected: boolean) => void }} listener
 */
export function follow(listener) {
  let pause = 500;
  /** @type {EventSource | null} */
  let stream = null;
  let again = 0;

  const retry = () => {
    stream?.close();
    stream = null;
    listener.link(false);
    window.clearTimeout(again);
    again = window.setTimeout(begin, pause);
    pause = Math.min(pause * 2, 8000);
  };

  const begin = async () => {
    let state;
    try {
      state = await get("state");
    } catch {
      retry();
      return;
    }
    listener.read(state);
    let seq = Number(state.seq ?? 0);
    /** @type {any[]} */
    let waiting = [];
    const deliver = () => {
      const batch = waiting;
      waiting = [];
      listener.events(batch);
    };
    const source = new EventSource(`/sandbox/events?since=${seq}`);
    stream = source;
    source.onopen = () => {
      pause = 500;
      listener.link(true);
    };
    source.onerror = () => {
      if (stream === source) retry();
    };
    /** @param {MessageEvent} message */
    const take = (message) => {
      if (stream !== source) return;
      const event = JSON.parse(message.data);
      if (event.kind === "reset") {
        source.close();
        begin();
        return;
      }
      if (Number(event.seq) <= seq) return;
      seq = Number(event.seq);
      waiting.push(event);
      if (waiting.length === 1) window.setTimeout(deliver, 0);
    };
    source.onmessage = take;
    for (const kind of KINDS) source.addEventListener(kind, /** @type {any} */ (take));
  };

  begin();
  return { reread: () => { stream?.close(); begin(); } };
}

/** Where a file of the sandbox is. @param {string} fileId */
export const fileUrl = (fileId) => `/sandbox/files/${encodeURIComponent(fileId)}`;
