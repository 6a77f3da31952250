import { of } from "./words.js";

const SKELETON_MS = 300;
const quietly = { preventScroll: true };
const at = (id) => document.getElementById(id);
let skeleton;

// The same text again is news too.
export function say(textContent, { lang } = document.documentElement) {
  const again = at("said").textContent === textContent ? "\u00a0" : "";
  Object.assign(at("said"), { lang, textContent: textContent + again });
}

// A template of the page with these words, or nothing.
export function notify(template, name, detail) {
  clearTimeout(skeleton);
  at("main").ariaBusy = String(template === "waiting");
  const notice = at("notice");
  const held = notice.contains(document.activeElement);
  notice.replaceChildren(at(template)?.content.cloneNode(true) ?? "");
  const texts = name ? [...of(name, detail), ...of("retry")] : [];
  notice.querySelectorAll("h1, p, button").forEach((node, index) => { node.textContent = texts[index]; });
  if (held) at("main").focus(quietly);
}

export function wait() {
  clearTimeout(skeleton);
  at("main").ariaBusy = "true";
  skeleton = setTimeout(() => {
    if (at("panel").firstChild) return;
    notify("waiting", "looking");
    say(...of("looking"));
  }, SKELETON_MS);
}

// What was open or focused stays so.
export function show(html, id = "panel") {
  const page = new DOMParser().parseFromString(html, "text/html");
  const [made, old, held] = [page.getElementById(id), at(id), document.activeElement];
  if (!made) throw { kind: "stranger" };
  for (const { id: name, open } of document.querySelectorAll("details[id]")) {
    Object.assign(page.getElementById(name) ?? {}, { open });
  }
  notify();
  const had = old.contains(held);
  old.replaceWith(made);
  if (had) (at(held.id) ?? at(held.closest("details")?.id)?.firstElementChild ?? at("main")).focus(quietly);
  const { heard = "" } = made.dataset;
  if (heard !== at("said").textContent) say(heard, at("panel"));
  return made.dataset;
}

export function open({ hash }) {
  for (const folded of document.querySelectorAll(`${hash}, details:has(${hash})`)) folded.open = true;
  document.querySelector(`${hash} > summary`).focus();
}

// Every frame may go this old way.
export function copy(button) {
  const field = Object.assign(document.createElement("textarea"), { value: button.dataset.copy });
  button.after(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  button.focus(quietly);
  button.dataset.done = done;
  say(...of(done ? "copied" : "uncopied"));
  setTimeout(() => { delete button.dataset.done; }, 1500);
}
