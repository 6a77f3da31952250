// One order that the agent opens: what its store tells only when it is asked for that order.
(() => {
  "use strict";

  /** Asks with `post` and puts the order that comes in the place of the one around `button`. */
  async function tell(button, post, explain, say) {
    const card = button.closest("details");
    const current = () => card.isConnected;
    button.disabled = true;
    button.parentElement.querySelector("[role=alert]")?.remove();
    try {
      const html = await post();
      const told = new DOMParser().parseFromString(String(html), "text/html").getElementById(card.id);
      if (!told) throw { kind: "stranger" };
      if (!current()) return;
      const held = card.contains(document.activeElement);
      told.open = card.open;
      card.replaceWith(told);
      if (held) told.querySelector("summary").focus({ preventScroll: true });
      say("Order is complete now");
    } catch (error) {
      if (!current()) return;
      const [title, words] = explain(error);
      button.disabled = false;
      button.after(Object.assign(document.createElement("span"), {
        role: "alert", className: "small", textContent: ` ${title}. ${words}`,
      }));
    }
  }

  /** An order that the agent has unfolded himself is asked for at once. */
  function opened(card) {
    if (card.open && card.contains(document.activeElement)) card.querySelector("[data-action=tell]")?.click();
  }

  window.Order = { tell, opened };
})();
