// Copy buttons: what they hold goes to the clipboard, and nowhere else.
(() => {
  "use strict";

  const TICK_MS = 1500;

  /** For frames that may not use the clipboard. */
  function byHand(text) {
    const held = document.activeElement;
    const field = Object.assign(document.createElement("textarea"), { className: "visually-hidden", value: text });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    held.focus({ preventScroll: true });
    return done;
  }

  window.Copy = async (button, say) => {
    const text = button.dataset.copy;
    const done = await navigator.clipboard?.writeText(text).then(() => true, () => false) || byHand(text);
    say(window.Words.of(done ? "copied" : "uncopied")[0]);
    const tick = Object.assign(document.createElement("span"), { textContent: done ? " ✓" : " ✗", ariaHidden: "true" });
    button.append(tick);
    setTimeout(() => tick.remove(), TICK_MS);
  };
})();
