// What is on the screen: the service's panel, a state of the app's own in its place, or the wait for either.
(() => {
  "use strict";

  const SKELETON_MS = 300;

  const root = document.documentElement;
  const at = (id) => document.getElementById(id);
  const quietly = { preventScroll: true };

  let turn = 0; // raised by everything that is shown
  let skeleton; // its timer

  function make(tag, properties, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  /** To those who hear the screen. The same text again is news too. */
  function say(text, lang = root.lang) {
    Object.assign(at("said"), { lang, textContent: at("said").textContent === text ? `${text}\u00a0` : text });
  }

  function begin(busy) {
    clearTimeout(skeleton);
    at("main").ariaBusy = String(busy);
    turn += 1;
    return turn;
  }

  function notify(...nodes) {
    const held = at("notice").contains(document.activeElement);
    at("notice").replaceChildren(...nodes);
    if (held) at("main").focus(quietly);
  }

  function wait() {
    begin(true);
    skeleton = setTimeout(() => {
      if (at("app").firstChild) return;
      const [textContent] = Words.of("looking");
      notify(
        make("h1", { className: "visually-hidden", textContent }),
        make("div", { className: "skeleton", ariaHidden: "true" }),
      );
      say(textContent);
    }, SKELETON_MS);
  }

  /** Says what is the matter in the words of this name, with what `also` makes below them. */
  async function state(name, detail, role = "status", also = () => []) {
    const mine = begin(false);
    await Words.learned();
    if (mine !== turn) return;
    const [title, text] = Words.of(name, detail).map((textContent) => ({ textContent }));
    notify(make("div", { className: "state", role }, make("h1", title), make("p", text), ...also()));
  }

  /** The same for what went wrong, and may go well another time. */
  const fault = (name, detail) => state(name, detail, "alert", () => {
    const retry = make("button", { type: "button", id: "retry", textContent: Words.of("retry")[0] });
    retry.dataset.action = "retry";
    return [retry];
  });

  /** What the service answered as an element of this id. */
  function read(html, id) {
    const found = new DOMParser().parseFromString(String(html), "text/html").getElementById(id);
    if (!found) throw { kind: "stranger" };
    return found;
  }

  /** Puts the service's panel in place of the last one; what the agent had opened, focused and scrolled to stays. */
  function show(html) {
    const panel = read(html, "panel");
    const [app, main, top] = [at("app"), at("main"), root.scrollTop];
    const held = main.contains(document.activeElement) && document.activeElement.id;
    for (const { id, open } of app.querySelectorAll("details[id]")) {
      const same = panel.querySelector(`details#${CSS.escape(id)}`);
      if (same) same.open = open;
    }
    begin(false);
    notify();
    app.replaceChildren(panel);
    root.scrollTop = top;
    if (held !== false) (at(held) ?? main).focus(quietly);
    const { heard } = panel.dataset;
    if (heard !== app.dataset.heard) say(heard, panel.lang);
    app.dataset.heard = heard;
    return panel;
  }

  /** Another customer is looked for: what comes is told even if it sounds the same. */
  function leave() {
    at("app").dataset.heard = "";
    at("main").focus(quietly);
  }

  /** Takes out of sight whatever is there. */
  function clear() {
    at("app").replaceChildren();
    at("app").dataset.heard = "";
    say("");
    wait();
  }

  window.View = { make, say, wait, state, fault, read, show, leave, clear };
})();
