// A stand-in for Zendesk's app SDK, for machines without a network: the same calls, the same messages.
(() => {
  "use strict";

  function failure({ name, message, path }) {
    const error = new Error(path ? `"${path}" ${message}` : message);
    error.name = name;
    return error;
  }

  class Client {
    #origin;
    #guid;
    #registration = null;
    #unsent = [];
    #handlers = new Map();
    #pending = new Map();
    #calls = 0;
    #requests = 0;

    constructor(origin, guid) {
      this.#origin = origin;
      this.#guid = guid;
      window.addEventListener("message", (event) => this.#receive(event));
      this.on("app.registered", (registration) => {
        this.#registration = registration;
        this.#unsent.splice(0).forEach((message) => this.#post(message));
      });
      this.#post({ key: "iframe.handshake", message: { version: "2.0" } });
    }

    on(event, handler) {
      const handlers = this.#handlers.get(event) ?? [];
      handlers.push(handler);
      this.#handlers.set(event, handlers);
      this.#announce("on", event);
    }

    off(event, handler) {
      const handlers = this.#handlers.get(event) ?? [];
      this.#handlers.set(event, handlers.filter((known) => known !== handler));
      this.#announce("off", event);
    }

    context() {
      return this.#registered("context");
    }

    metadata() {
      return this.#registered("metadata");
    }

    async get(paths) {
      const single = typeof paths === "string";
      const result = await this.#call("get", single ? [paths] : paths);
      if (single && result.errors[paths]) throw failure(result.errors[paths]);
      return result;
    }

    async invoke(name, ...values) {
      const result = await this.#call("invoke", { [name]: values });
      if (result.errors[name]) throw failure(result.errors[name]);
      return result;
    }

    async set(path, value) {
      const result = await this.#call("set", { [path]: value });
      if (result.errors[path]) throw failure(result.errors[path]);
      return result;
    }

    request(options) {
      const key = `request:${++this.#requests}`;
      return new Promise((resolve, reject) => {
        const settle = (end) => ({ responseArgs }) => {
          this.#handlers.delete(`${key}.done`);
          this.#handlers.delete(`${key}.fail`);
          end(responseArgs[0]);
        };
        this.on(`${key}.done`, settle(resolve));
        this.on(`${key}.fail`, settle(reject));
        this.#send({ key, message: typeof options === "string" ? { url: options } : options });
      });
    }

    #registered(part) {
      if (this.#registration) return Promise.resolve(this.#registration[part]);
      return new Promise((resolve) => this.on("app.registered", (registration) => resolve(registration[part])));
    }

    #announce(verb, event) {
      if (event === "app.registered") return;
      this.#send({ key: `iframe.${verb}:${event}`, message: { subscriberCount: this.#handlers.get(event).length } });
    }

    #call(request, params) {
      const id = ++this.#calls;
      return new Promise((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#send({ id, request, params });
      });
    }

    #send(message) {
      if (this.#registration) this.#post(message);
      else this.#unsent.push(message);
    }

    #post(message) {
      const text = JSON.stringify({ ...message, appGuid: this.#guid, instanceGuid: this.#guid });
      window.parent.postMessage(text, this.#origin);
    }

    #receive(event) {
      if (event.origin !== this.#origin || event.source !== window.parent) return;
      const data = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
      const pending = this.#pending.get(data.id);
      if (pending) {
        this.#pending.delete(data.id);
        if (data.error) pending.reject(failure(data.error));
        else pending.resolve(data.result);
      } else if (data.key?.startsWith("zaf.")) {
        [...(this.#handlers.get(data.key.slice(4)) ?? [])].forEach((handler) => handler(data.message));
      }
    }
  }

  window.ZAFClient = {
    init(ready) {
      const query = new URLSearchParams(window.location.search);
      const [origin, guid] = [query.get("origin"), query.get("app_guid")];
      if (!origin || !guid) return false;
      const client = new Client(origin, guid);
      if (ready) client.on("app.registered", ({ context }) => ready.call(client, context));
      return client;
    },
  };
})();
