// Orderside beside a Zendesk ticket: asks the service about it and shows the answer. It changes nothing in Zendesk.
(() => {
  "use strict";

  const CALL_MS = 5000; // the SDK itself would wait for minutes, or for ever
  const CHANGE_MS = 250; // one change of requester comes as several events
  const STALE_MS = 300000; // what an agent comes back to after this is asked for anew
  const FOLLOW_UPS = 10; // for stores still out: each answer brings news, or waits for some
  const RETRIES = 2; // of what passes by itself
  const MOST_PX = 3000;
  const CHANGES = [
    "requester.id", "requester.email", "requester.name", "requester.externalId", "subject", "comments", "brand",
  ];

  const at = (id) => document.getElementById(id);

  let client, subdomain;
  let generation = 0; // raised by every new question: answers to older ones are dropped
  let person = null; // whose panel this is
  let asked; // the last question, and with the panel's lookup those about its orders
  let chosen = null; // the candidate whom the agent picked
  let aside = []; // the records that he set aside
  let sought = null; // what he searches for by hand, instead of the ticket
  let next; // the timer of the next look
  let failed = 0; // answers in a row
  let shown = 0; // when the panel came

  /** The promise's value; rejects with {kind} where that takes longer than a call may. */
  function inTime(promise, kind) {
    let timer;
    const late = new Promise((_, reject) => { timer = setTimeout(reject, CALL_MS, { kind }); });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  const get = (url) => inTime(client.request({ url, type: "GET", dataType: "json", autoRetry: false }), "host");

  // -- asking --

  const post = (body, path) => inTime(Service.post(path, body, client, subdomain), "late");

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
      await new Promise((resolve) => { setTimeout(resolve, CHANGE_MS); });
      if (!current()) return;
    }
  }

  function show(html) {
    const panel = View.show(html);
    [failed, shown] = [0, Date.now()];
    return panel;
  }

  async function look(refresh = false) {
    clearTimeout(next);
    generation += 1;
    const mine = generation;
    const current = () => mine === generation;
    View.wait();
    try {
      const ticket = await inTime(client.get(Ticket.paths), "host").catch(() => { throw { kind: "host" }; });
      if (!current()) return;
      Words.learn(ticket["currentUser.locale"]);
      if (!meet(ticket)) return View.state("requester");
      const proof = {};
      const question = () => ({ ...Ticket.question(ticket, proof), chosen, aside });
      if (sought) {
        const { ticket: { id }, agent } = question();
        return await follow({ ticket: { id }, agent, chosen, aside, refresh }, current);
      }
      const amount = () => Object.keys(proof).length;
      const gathered = Ticket.gather(ticket, proof, get);
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
      View.clear();
    }
    return now !== null;
  }

  function fail(error) {
    const seconds = failed < RETRIES && Words.passes(error);
    if (seconds) next = setTimeout(look, seconds * 1000);
    failed += 1;
    return View.fault(...(seconds ? ["again", seconds] : Words.explain(error)));
  }

  // -- the agent --

  const ACTIONS = {
    refresh: () => look(true),
    retry: () => (client ? look() : location.reload()),
    choose: ({ candidate }) => { chosen = candidate; look(); },
    aside: ({ record }) => {
      aside = aside.includes(record) ? aside.filter((one) => one !== record) : [...aside, record];
      look();
    },
    back: () => seek(null),
    reveal: ({ fields }, button) => ask(button, "reveal", { fields: fields.split(" ") }, show),
    wrong: ({ done }, button) => ask(button, "report", { what: "wrong_customer" }, () => {
      button.replaceWith(View.make("span", { className: "dim", textContent: done }));
      View.say(done, at("panel").lang);
    }),
    tell: ({ order }, button) => ask(button, "order", { order }, (html) => {
      const card = button.closest(".order");
      const told = View.read(html, card.id);
      const held = card.contains(document.activeElement);
      told.open = card.open;
      card.replaceWith(told);
      if (held) told.querySelector("summary").focus({ preventScroll: true });
      View.say(Words.of("complete")[0]);
    }),
    open: ({ order }) => {
      for (let node = at(order); node; node = node.parentElement.closest("details")) node.open = true;
      at(order).querySelector("summary").focus();
    },
  };

  /** Asks for more of what is shown. Where that fails it is said beside the button, and the panel stays. */
  async function ask(button, path, what, done) {
    const mine = generation;
    const row = button.parentElement;
    button.disabled = true;
    row.querySelector("[role=alert]")?.remove();
    try {
      const html = await post({ ...asked, ...what }, path);
      if (mine === generation && button.isConnected) done(html);
    } catch (error) {
      button.disabled = false;
      const text = Words.of(...Words.explain(error)).join(". ");
      row.append(View.make("span", { role: "alert", className: "small", textContent: text }));
    }
  }

  /** Looks for a customer by hand, or goes back to the ticket's. */
  function seek(wanted) {
    [sought, chosen, aside] = [wanted, null, []];
    View.leave();
    look();
  }

  function submitted(event) {
    event.preventDefault();
    const { by, text } = event.target.elements;
    if (text.value.trim()) seek({ [by.value]: text.value.trim() });
  }

  function clicked(event) {
    const target = event.target.closest("[data-action], [data-copy]");
    if (!target) return;
    event.preventDefault();
    if ("copy" in target.dataset) Copy(target, View.say);
    else ACTIONS[target.dataset.action]?.(target.dataset, target);
  }

  /** What a store tells of one order only is asked for as soon as the agent unfolds it. */
  function unfolded({ target }) {
    if (target.open && target.contains(document.activeElement)) target.querySelector("[data-action=tell]")?.click();
  }

  const broken = ({ target }) => { if (target.matches?.("img")) target.remove(); };

  // -- the page --

  const paint = (scheme) => { document.documentElement.dataset.scheme = scheme; };

  function fit() {
    const height = Math.min(MOST_PX, Math.ceil(document.body.getBoundingClientRect().height));
    client.invoke("resize", { width: "100%", height: `${height}px` }).catch(() => {});
  }

  function start() {
    Words.learn(navigator.language);
    const heard = { click: clicked, submit: submitted, toggle: unfolded, error: broken };
    for (const [name, answer] of Object.entries(heard)) document.addEventListener(name, answer, true);
    client = window.ZAFClient?.init();
    if (!client) clearTimeout(silent);
    if (client === undefined) return fail({ kind: "host" });
    if (!client) return View.state("outside");
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
    client.on("app.activated", () => { if (shown && Date.now() - shown > STALE_MS) look(); });
    client.on("colorScheme.changed", paint);
    new ResizeObserver(fit).observe(document.body);
  }

  // In the head: no wrong scheme is ever painted, and a framework that does not load is told of.
  const silent = setTimeout(fail, CALL_MS, { kind: "host" });
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  paint(new URLSearchParams(location.search).get("colorScheme") ?? (dark ? "dark" : "light"));
  document.addEventListener("DOMContentLoaded", start);
})();
