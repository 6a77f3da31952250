// Zendesk's side of the conversation with one app iframe: the messages of its app framework, version 2.

// The SDK's own housekeeping, which a host hears and lets pass.
const NOISE = /^(__track__|session\.live|iframe\.reply:.*)$/;

export class Host {
  #frame;
  #guid;
  #origin;
  #registration;
  #data;
  #request;
  #resize;
  #refused;
  #subscribed = new Map();
  #receive = (event) => this.#heard(event);

  /**
   * @param frame the iframe, from `origin`; `guid` names this instance of the app
   * @param registration what the app is told first: {metadata, context}
   * @param data the tree that `get` reads; the page may change it
   * @param request answers `client.request`: options -> {status, statusText, contentType, body}
   * @param resize called with the height that the app asks for
   * @param refused called with everything that would have written: this page lets an app only read
   */
  constructor({ frame, origin, guid, registration, data, request, resize, refused }) {
    this.#frame = frame;
    this.#origin = origin;
    this.#guid = guid;
    this.#registration = registration;
    this.#data = data;
    this.#request = request;
    this.#resize = resize;
    this.#refused = refused;
    window.addEventListener("message", this.#receive);
  }

  /** Tells the app that something happened, if it asked to be told. */
  fire(event, message) {
    if (this.#subscribed.get(event)) this.#post({ key: `zaf.${event}`, message });
  }

  /** Ends the conversation, as when the ticket's tab is closed. */
  close() {
    this.fire("app.willDestroy");
    window.removeEventListener("message", this.#receive);
    this.#subscribed.clear();
  }

  #post(message) {
    this.#frame.contentWindow?.postMessage(JSON.stringify(message), this.#origin);
  }

  #heard(event) {
    if (event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return;
    const message = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
    if (message?.appGuid !== this.#guid) return;
    if (message.request) this.#answer(message);
    else if (message.key) this.#notice(message.key, message.message);
  }

  #notice(key, message) {
    const [, verb, event] = key.match(/^iframe\.(on|off):(.*)$/) ?? [];
    if (key === "iframe.handshake") this.#post({ key: "zaf.app.registered", message: this.#registration });
    else if (verb) this.#subscribed.set(event, message.subscriberCount);
    else if (key.startsWith("request:")) this.#run(key, message);
    else if (!NOISE.test(key)) this.#refused({ [key]: message });
  }

  #answer({ id, request, params }) {
    const answers = { get: () => this.#get(params), set: () => this.#set(params), invoke: () => this.#invoke(params) };
    const answer = answers[request];
    if (answer) this.#post({ id, result: answer() });
    else this.#post({ id, error: { name: "Error", message: `${request} is not known here` } });
  }

  #get(paths) {
    const result = { errors: {} };
    for (const path of paths) {
      const value = read(this.#data, path);
      if (value === undefined) result.errors[path] = { name: "Error", message: "is not available here", path };
      else result[path] = value;
    }
    return result;
  }

  #set(values) {
    this.#refused({ set: values });
    return { errors: refusals(Object.keys(values)) };
  }

  #invoke(calls) {
    const result = { errors: {} };
    for (const [name, values] of Object.entries(calls)) {
      if (name === "resize") this.#resize(values[0].height);
      else if (name !== "track") {
        this.#refused({ invoke: name, values });
        Object.assign(result.errors, refusals([name]));
      }
    }
    return result;
  }

  async #run(key, options) {
    const xhr = await this.#request(options);
    const { ok, body } = understood(xhr, options);
    const { status, statusText } = xhr;
    const shown = { readyState: 4, status, statusText, responseText: xhr.body, responseJSON: json(xhr.body) };
    if (ok) this.fire(`${key}.done`, { responseArgs: [options.httpCompleteResponse ? shown : body, "success", shown] });
    else this.fire(`${key}.fail`, { responseArgs: [shown, "error", statusText] });
  }
}

/** The value at a dotted path: null below what is empty, undefined where the tree has no such thing. */
function read(tree, path) {
  return path.split(".").reduce((value, key) => (value === null ? null : value?.[key]), tree);
}

function refusals(names) {
  return Object.fromEntries(names.map((name) => [name, { name: "Error", message: "is refused: an app may only read" }]));
}

/** jQuery's reading of an answer, which is what apps get: by `dataType`, else by the answer's own type. */
function understood({ status, contentType, body }, { dataType }) {
  const wanted = dataType ?? (contentType.includes("json") ? "json" : "text");
  const value = wanted === "json" ? json(body) : body;
  return { ok: status >= 200 && status < 300 && value !== undefined, body: value };
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
