// Asks about the ticket and shows the answer: docs/adr/0018.

import { post } from "./service.js";
import { PATHS, gather, listed, told } from "./ticket.js";
import { copy, notify, open, say, show, wait } from "./view.js";
import { explain, learn, of } from "./words.js";

const CALL_MS = 5000; // the SDK has no limit
const PAUSE_MS = 250; // changes come in bunches
const STALE_MS = 300000;
const ROUNDS = 12;
const RETRIES = 2;
const MOST_PX = 3000;

let client, account;
let generation = 0; // older answers are dropped
let person; // whose panel this is
let wish = {}; // of the agent: a candidate, records set aside, a search
let asked;
let next; // look's timer
let failed = 0; // in a row
let shown = Infinity; // when the panel was

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const inTime = (promise) => Promise.race([promise, after(CALL_MS).then(() => { throw { kind: "late" }; })]);
const get = (url) => inTime(client.request({ url, type: "GET", autoRetry: false }));
const send = (path, body) => inTime(post(client, account, path, body));

async function read() {
  account = (await client.context()).account.subdomain;
  return client.get(PATHS);
}

async function look() {
  clearTimeout(next);
  generation += 1;
  const mine = generation;
  wait();
  try {
    const ticket = await inTime(read()).catch(() => { throw { kind: "host" }; });
    if (mine !== generation) return;
    learn(ticket["currentUser.locale"]);
    if (!meet(ticket)) return notify("state", "requester");
    const proof = {};
    const gathered = wish.search || gather(ticket, proof, get);
    asked = { ...wish };
    delete wish.refresh;
    for (let round = 0; round < ROUNDS; round += 1) {
      const used = Object.keys(proof).length;
      asked.zendesk = told(ticket, proof, wish.search);
      const html = await send(wish.search ? "search" : "summary", { ...wish.search, ...asked });
      if (mine !== generation) return;
      const { complete, lookup } = show(html);
      [failed, shown] = [0, Date.now()];
      Object.assign(asked, { lookup, refresh: false });
      const whole = complete === "true";
      await (whole ? gathered : after(PAUSE_MS));
      if (mine !== generation || (whole && Object.keys(proof).length === used)) return;
    }
  } catch (error) {
    if (mine === generation) fail(error);
  }
}

// Nothing of an earlier requester stays in sight.
function meet(ticket) {
  const now = [ticket["ticket.requester.id"], ticket["ticket.requester.email"]].join("");
  if (now !== person) {
    [person, wish] = [now, {}];
    show('<div id="panel"></div>');
    wait();
  }
  return now;
}

function fail(error) {
  const [name, detail, seconds] = explain(error);
  failed += 1;
  if (!seconds || failed > RETRIES) return notify("fault", name, detail);
  next = setTimeout(look, seconds * 1000);
  notify("fault", "again", seconds);
}

// Where that fails, the button says so.
async function more(button, { path, body, into }) {
  const mine = generation;
  button.ariaDisabled = "true";
  delete button.dataset.fault;
  try {
    const html = await send(path, { ...asked, ...JSON.parse(body) });
    if (mine === generation) show(html, into);
  } catch (error) {
    button.ariaDisabled = "false";
    button.dataset.fault = of(...explain(error)).join(". ");
    say(button.dataset.fault);
  }
}

function seek(_, { body }) {
  if (!client) return location.reload();
  say(...of("looking"));
  Object.assign(wish, JSON.parse(body));
  look();
}

function search({ form }) {
  const { by, text } = form.elements;
  const body = JSON.stringify({ search: { [by.value]: text.value }, chosen: null, aside: [] });
  if (form.reportValidity()) seek(form, { body });
}

const ACTS = { copy, more, open, search, seek };

function clicked(event) {
  const button = event.target.closest("[data-act], [data-copy]");
  if (!button || button.ariaDisabled === "true") return;
  if (button.localName !== "summary") event.preventDefault();
  ACTS[button.dataset.act ?? "copy"](button, button.dataset);
}

function changed() {
  generation += 1;
  clearTimeout(next);
  next = setTimeout(look, PAUSE_MS);
}

function fit() {
  const { height } = document.body.getBoundingClientRect();
  client.invoke("resize", { width: "100%", height: `${Math.min(MOST_PX, Math.ceil(height))}px` }).catch(() => {});
}

function start() {
  clearTimeout(silent);
  client = window.ZAFClient?.init();
  if (!client) return client === false ? notify("state", "outside") : fail({ kind: "host" });
  look();
  for (const event of listed("changes")) client.on(event, changed);
  client.on("app.activated", () => { if (Date.now() - shown > STALE_MS) look(); });
  client.on("colorScheme.changed", (scheme) => { document.documentElement.dataset.scheme = scheme; });
  new ResizeObserver(fit).observe(document.body);
}

learn(navigator.language);
const silent = setTimeout(fail, CALL_MS, { kind: "host" }); // the SDK may not load
addEventListener("click", clicked);
addEventListener("error", ({ target }) => { if (target.localName === "img") target.remove(); }, true);
addEventListener("DOMContentLoaded", start);
