// Orderside beside a Zendesk ticket: asks the service about it and shows the answer. It changes nothing in Zendesk.
(() => {
  "use strict";

  const CALL_MS = 5000; // the SDK itself would wait for minutes, or for ever
  const CHANGE_MS = 250; // one change of requester comes as several events
  const SKELETON_MS = 300;
  const FOLLOW_UPS = 10; // for stores still out: each answer brings news, or waits for some
  const RETRIES = 2; // of what passes by itself
  const LEAST_PX = 120;
  const MOST_PX = 3000;
  const CHANGES = [
    "requester.id", "requester.email", "requester.name", "requester.externalId", "subject", "comments", "brand",
  ];

  const root = document.documentElement;
  const at = (id) => document.getElementById(id);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  let client, subdomain;
  let generation = 0; // raised by every new question: answers to older ones are dropped
  let person = null; // whose panel this is
  let asked; // the last question, and with the panel's lookup those about its orders
  let chosen = null; // the candidate whom the agent picked
  let aside = []; // the records that he set aside
  let sought = null; // what he searches for by hand, instead of the ticket
  let next; // the timer of the next look
  let skeleton; // its timer
  let failed = 0; // answers in a row

  /** The promise's value; rejects with {kind} where that takes longer than a call may. */
  function inTime(promise, kind) {
    let timer;
    const late = new Promise((_, reject) => { timer = setTimeout(reject, CALL_MS, { kind }); });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  const get = (url) => inTime(client.request({ url, type: "GET", dataType: "json", autoRetry: false }), "host");

  // -- asking --

  function post(body, path = "summary") {
    const clean = (_, value) => (typeof value === "string" ? value.replace(/[\0\p{Surrogate}]/gu, "") : value);
    return inTime(window.Service.post(path, JSON.stringify(body, clean), client, subdomain), "late");
  }

  /** Asks until every store has answered, but not for ever, or till there is `more` to ask with. */
  async function follow(body, current, more = () => false) {
    let panel;
    for (let round = 0; round <= FOLLOW_UPS; round += 1) {
      const again = panel && { lookup: panel.dataset.lookup, refresh: false };
      const html = await post({ ...body, ...sought, ...again }, sought ? "search" : "summary");
      if (!current()) return;
      panel = show(html);
      asked = { ...body, search: sought, lookup: panel.dataset.lookup, refresh: false };
      if (panel.dataset.complete === "true" || more()) return;
      await pause(CHANGE_MS);
      if (!current()) return;
    }
  }

  async function look(refresh = false) {
    clearTimeout(next);
    generation += 1;
    const mine = generation;
    const current = () => mine === generation;
    wait();
    try {
      const ticket = await inTime(client.get(window.Ticket.paths), "host").catch(() => { throw { kind: "host" }; });
      if (!current()) return;
      root.lang = ticket["currentUser.locale"] ?? "en";
      if (!meet(ticket)) return;
      const proof = {};
      const question = () => ({ ...window.Ticket.question(ticket, proof), chosen, aside });
      if (sought) {
        const { ticket: { id }, agent } = question();
        return await follow({ ticket: { id }, agent, chosen, aside, refresh }, current);
      }
      const amount = () => Object.keys(proof).length;
      const gathered = window.Ticket.gather(ticket, proof, get);
      for (let used = -1; current() && amount() > used; await gathered) {
        // What Zendesk's API tells comes while the stores are asked already, and joins the same lookup.
        const lookup = used < 0 ? undefined : asked.lookup;
        used = amount();
        await follow({ ...question(), lookup, refresh: refresh && !lookup }, current, () => amount() > used);
      }
    } catch (error) {
      if (current()) fail(error);
    }
  }

  /** Whether there is a requester. Nothing of an earlier one stays in sight. */
  function meet(ticket) {
    const [id, email, identities] = ["id", "email", "identities"].map((name) => ticket[`ticket.requester.${name}`]);
    const now = id || email || identities?.length ? `${id} ${email}` : null;
    if (now !== person) {
      [person, chosen, aside, sought] = [now, null, [], null];
      at("app").replaceChildren();
      at("app").dataset.heard = "";
      say("");
      wait();
    }
    if (!now) state("status", "No requester yet", "Choose a requester to see their orders.");
    return now !== null;
  }

  // -- showing --

  function make(tag, properties, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  function say(words, lang = "en") {
    Object.assign(at("said"), { lang, textContent: at("said").textContent === words ? `${words}\u00a0` : words });
  }

  function notify(...nodes) {
    const held = at("notice").contains(document.activeElement);
    at("notice").replaceChildren(...nodes);
    if (held) at("app").focus({ preventScroll: true });
  }

  function state(role, title, words, ...more) {
    clearTimeout(skeleton);
    at("app").ariaBusy = "false";
    const said = [make("h1", { textContent: title }), make("p", { textContent: words })];
    notify(make("div", { className: "state", role }, ...said, ...more));
  }

  function wait() {
    clearTimeout(skeleton);
    at("app").ariaBusy = "true";
    skeleton = setTimeout(() => {
      if (at("app").firstChild) return;
      notify(make("div", { className: "skeleton", ariaHidden: "true" }));
      say("Looking for orders");
    }, SKELETON_MS);
  }

  /** Puts the service's panel in place of the last one; what the agent had opened, focused and scrolled to stays. */
  function show(html) {
    const panel = new DOMParser().parseFromString(String(html), "text/html").getElementById("panel");
    if (!panel) throw { kind: "stranger" };
    clearTimeout(skeleton);
    failed = 0;
    const main = at("app");
    const held = main.contains(document.activeElement) && document.activeElement.id;
    for (const { id, open } of main.querySelectorAll("details[id]")) {
      const same = panel.querySelector(`details#${CSS.escape(id)}`);
      if (same) same.open = open;
    }
    const top = root.scrollTop;
    notify();
    main.replaceChildren(panel);
    main.ariaBusy = "false";
    root.scrollTop = top;
    if (held !== false) (at(held) ?? main).focus({ preventScroll: true });
    const heard = [...panel.querySelectorAll(".who h1, .who .tag")].map((node) => node.textContent.trim()).join(", ");
    if (heard !== main.dataset.heard) say(heard, panel.lang);
    main.dataset.heard = heard;
    return panel;
  }

  function fail(error) {
    let [title, words] = window.Trouble.explain(error);
    const passing = window.Trouble.PASSING[error.status];
    if (passing && failed < RETRIES) {
      const seconds = Math.min(60, /"retry_after":(\d+)/.exec(error.responseText)?.[1] ?? passing);
      failed += 1;
      next = setTimeout(look, seconds * 1000);
      words = `It will be asked again in ${seconds} s.`;
    }
    const retry = make("button", { type: "button", id: "retry", textContent: "Try again" });
    retry.dataset.action = "retry";
    state("alert", title, words, retry);
  }

  // -- the agent --

  const ACTIONS = {
    refresh: () => look(true),
    retry: () => (client ? look() : window.location.reload()),
    choose: ({ candidate }) => {
      chosen = candidate;
      look();
    },
    aside: ({ record }) => {
      aside = aside.includes(record) ? aside.filter((one) => one !== record) : [...aside, record];
      look();
    },
    back: () => seek(null),
    reveal: async ({ fields }, button) => {
      const mine = generation;
      button.disabled = true;
      try {
        const html = await post({ ...asked, fields: fields.split(" ") }, "reveal");
        if (mine === generation) show(html);
      } catch (error) {
        if (mine === generation) fail(error);
      }
    },
    wrong: async ({ done }, button) => {
      button.disabled = true;
      try {
        await post({ ...asked, what: "wrong_customer" }, "report");
        button.replaceWith(make("span", { className: "dim", textContent: done }));
        say(done, at("panel").lang);
      } catch (error) {
        button.disabled = false;
        say(window.Trouble.explain(error)[0]);
      }
    },
    tell: ({ order }, button) => {
      const ask = () => post({ ...asked, order }, "order");
      window.Order.tell(button, ask, window.Trouble.explain, say);
    },
    open: ({ order }) => {
      const details = at(order);
      details.open = true;
      details.querySelector("summary").focus();
    },
  };

  /** Looks for a customer by hand, or goes back to the ticket's. */
  function seek(wanted) {
    [sought, chosen, aside] = [wanted, null, []];
    at("app").dataset.heard = "";
    at("app").focus({ preventScroll: true });
    look();
  }

  function searched(event) {
    if (event.target.id !== "search-form") return;
    event.preventDefault();
    const wanted = window.Search.wanted(event.target);
    if (wanted) seek(wanted);
  }

  function clicked(event) {
    const target = event.target.closest("[data-action], [data-copy]");
    if (!target) return;
    event.preventDefault();
    if ("copy" in target.dataset) window.Copy(target, say);
    else ACTIONS[target.dataset.action]?.(target.dataset, target);
  }

  // -- the page --

  const paint = (scheme) => { root.dataset.scheme = scheme; };

  function fit() {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    const wanted = Math.min(MOST_PX, Math.max(LEAST_PX, height));
    client.invoke("resize", { width: "100%", height: `${wanted}px` }).catch(() => {});
  }

  function start() {
    document.addEventListener("click", clicked);
    document.addEventListener("submit", searched);
    document.addEventListener("input", window.Search.typed);
    document.addEventListener("toggle", ({ target }) => window.Order.opened(target), true);
    client = window.ZAFClient?.init();
    if (!client) clearTimeout(silent);
    if (client === undefined) return fail({ kind: "host" });
    if (!client) return state("status", "Open this in Zendesk", "Orderside shows orders beside a ticket.");
    client.on("app.registered", ({ context }) => {
      clearTimeout(silent);
      subdomain = context.account.subdomain;
      look();
    });
    for (const name of CHANGES) {
      client.on(`ticket.${name}.changed`, () => {
        if (name.startsWith("requester")) generation += 1;
        clearTimeout(next);
        next = setTimeout(look, CHANGE_MS);
      });
    }
    client.on("colorScheme.changed", paint);
    new ResizeObserver(fit).observe(document.body);
  }

  // In the head: no wrong scheme is ever painted, and a framework that does not load is told of.
  const silent = setTimeout(fail, CALL_MS, { kind: "host" });
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  paint(new URLSearchParams(window.location.search).get("colorScheme") ?? (dark ? "dark" : "light"));
  document.addEventListener("DOMContentLoaded", start);
})();
