// Copy buttons: what they hold goes to the clipboard, and nowhere else.
(() => {
  "use strict";

  const TICK_MS = 1500;

  /** For frames that may not use the clipboard. */
  function byHand(words) {
    const held = document.activeElement;
    const field = Object.assign(document.createElement("textarea"), { className: "visually-hidden", value: words });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    held.focus({ preventScroll: true });
    return done;
  }

  window.Copy = async (button, say) => {
    const words = button.dataset.copy;
    let done = true;
    try { await navigator.clipboard.writeText(words); } catch { done = byHand(words); }
    say(done ? "Copied" : "Could not copy");
    const textContent = done ? " ✓" : " ✗";
    const tick = Object.assign(document.createElement("span"), { textContent, ariaHidden: "true" });
    button.append(tick);
    setTimeout(() => tick.remove(), TICK_MS);
  };
})();
