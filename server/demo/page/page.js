// The ticket page: which ticket is open, what the agent does to it, and the app beside it.

import { Host } from "./host.js";
import { ask } from "./network.js";

const NARROWEST = 280;
const WIDEST = 600;

/** Everything that an app tried to change. It must stay empty: Orderside only reads. */
window.writes = [];

const element = (id) => document.getElementById(id);
const { scenarios } = await (await fetch("/demo/scenarios.json")).json();
const wanted = new URLSearchParams(window.location.search);

let host = null;
let opened = null;
let instances = 0;

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// -- the app ----------------------------------------------------------------------------------------------

/** The app's own origin: the other name of this machine, so that the browser keeps page and app apart as Zendesk does. */
function appOrigin() {
  const { protocol, hostname, port } = window.location;
  return `${protocol}//${hostname === "localhost" ? "127.0.0.1" : "localhost"}:${port}`;
}

/** As Zendesk opens an app with signed URLs: the token is posted into the frame, where no address shows it. */
async function start(frame, address, installation, location) {
  const token = await (await fetch(`/demo/start/${installation}?location=${location}`, { method: "POST" })).text();
  const form = make("form", { method: "post", action: address, target: frame.name, hidden: true });
  form.append(make("input", { type: "hidden", name: "token", value: token }));
  document.body.append(form);
  form.submit();
  form.remove();
}

function openApp({ installation, location, data, subdomain, signed }) {
  host?.close();
  const guid = `demo-${++instances}`;
  const origin = appOrigin();
  const frame = make("iframe", { title: "Orderside", name: guid });
  const refused = (write) => window.writes.push(write);
  host = new Host({
    frame,
    origin,
    guid,
    registration: {
      metadata: { appId: 1, name: "Orderside", installationId: installation.id, plan: { name: null }, settings: installation.settings },
      context: { instanceGuid: guid, product: "support", account: { subdomain }, location, ticketId: data.ticket.id },
    },
    data,
    request: (options) => ask(options, installation.id, refused),
    resize: (height) => { frame.style.height = height; },
    refused,
  });
  const query = new URLSearchParams({ origin: window.location.origin, app_guid: guid, colorScheme: data.colorScheme });
  if (!signed) frame.src = `${origin}/app/assets/iframe.html?${query}`;
  element("app").replaceChildren(frame);
  if (signed) start(frame, `${origin}/sidebar?${query}`, installation.id, location);
}

// -- the ticket -------------------------------------------------------------------------------------------

function open() {
  const slug = window.location.hash.slice(1);
  const scenario = scenarios.find((one) => one.slug === slug) ?? scenarios[0];
  for (const link of element("tickets").querySelectorAll("a")) {
    if (link.hash === `#${scenario.slug}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const data = structuredClone(scenario.data);
  data.colorScheme = document.documentElement.dataset.scheme;
  data.currentUser.locale = element("locale").value;
  data.currentUser.timeZone.ianaName = element("zone").value;
  element("ticket").replaceChildren(...conversation(scenario, data.ticket));
  document.title = `${scenario.title} – Orderside demo`;
  opened = data;
  openApp({ ...scenario, data });
}

function conversation(scenario, ticket) {
  const title = make("h2", { textContent: ticket.subject || "New ticket" });
  const look = make("p", { className: "look" }, make("strong", { textContent: "Look for: " }), scenario.look);
  if (ticket.isNew) return [title, look, requesterField(scenario.people, ticket)];
  const { requester, via, brand } = ticket;
  const facts = make("p", {
    className: "facts",
    textContent: [`${requester.name} · ${scenario.standing}`, `${brand.name}, by ${via.channel}`, `#${ticket.id}`].join(" · "),
  });
  return [title, facts, look, ...scenario.comments.map(comment)];
}

function comment({ author, text, at, warning }) {
  const time = make("time", { dateTime: at, textContent: new Date(at).toLocaleString("en-GB", { timeZone: element("zone").value }) });
  const node = make("article", { className: "comment" });
  node.append(make("header", {}, make("strong", { textContent: author }), time));
  if (warning) node.append(make("p", { className: "warning", textContent: warning }));
  node.append(make("p", { textContent: text }));
  return node;
}

function requesterField(people, ticket) {
  const input = make("input", { type: "email", autocomplete: "off", placeholder: "name@example.com" });
  input.setAttribute("aria-label", "Requester’s e-mail");
  const choose = (person) => {
    input.value = person.email;
    ticket.requester = person;
    for (const name of ["id", "email", "name", "externalId"]) host.fire(`ticket.requester.${name}.changed`, person[name]);
  };
  input.addEventListener("change", () => {
    const known = people.find((person) => person.email === input.value);
    choose(known ?? { id: null, name: input.value, email: input.value, externalId: null, locale: null, timeZone: null, identities: [] });
  });
  const picks = people.map((person) => {
    const button = make("button", { type: "button", textContent: person.name, title: person.email });
    button.addEventListener("click", () => choose(person));
    return button;
  });
  const field = make("fieldset", { className: "requester" });
  field.append(make("legend", { textContent: "Requester" }), input, make("div", {}, ...picks));
  return field;
}

// -- what surrounds it ------------------------------------------------------------------------------------

function list() {
  element("tickets").replaceChildren(...scenarios.map(({ slug, title, data }) => {
    const subject = make("small", { textContent: data.ticket.subject || "no subject yet" });
    return make("li", {}, make("a", { href: `#${slug}`, textContent: title }, subject));
  }));
}

function paint(scheme) {
  document.documentElement.dataset.scheme = scheme;
  element("scheme").setAttribute("aria-pressed", String(scheme === "dark"));
  if (!host) return;
  opened.colorScheme = scheme;
  host.fire("colorScheme.changed", scheme);
}

function widen(width) {
  const kept = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
  document.documentElement.style.setProperty("--tray", `${kept}px`);
  element("divider").setAttribute("aria-valuenow", String(kept));
}

function divide() {
  const divider = element("divider");
  const width = () => Number(divider.getAttribute("aria-valuenow"));
  divider.addEventListener("keydown", ({ key }) => {
    const step = { ArrowLeft: 20, ArrowRight: -20 }[key];
    if (step) widen(width() + step);
  });
  divider.addEventListener("pointerdown", (down) => {
    // A captured pointer keeps reporting here even above the iframe, which would swallow it otherwise.
    divider.setPointerCapture(down.pointerId);
    divider.onpointermove = (move) => widen(document.documentElement.clientWidth - move.clientX);
    divider.onlostpointercapture = () => { divider.onpointermove = null; };
  });
}

function choose(id) {
  const asked = wanted.get(id);
  if (asked) element(id).value = asked;
  element(id).addEventListener("change", open);
}

list();
divide();
choose("locale");
choose("zone");
widen(Number(wanted.get("width") ?? 320));
paint(wanted.get("scheme") === "dark" ? "dark" : "light");
element("scheme").addEventListener("click", () => paint(document.documentElement.dataset.scheme === "dark" ? "light" : "dark"));
window.addEventListener("hashchange", open);
open();
