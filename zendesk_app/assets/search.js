// A customer whom the agent looks for by hand.
(() => {
  "use strict";

  /** What a text most likely is, so that the agent rarely has to say it. */
  function guess(text) {
    if (text.includes("@")) return "email";
    if (/^\+|^00|^\(?0\d[\d ()/-]{6,}$/.test(text) && text.replace(/\D/g, "").length > 7) return "phone";
    return /\d/.test(text) || !/\s/.test(text.trim()) ? "number" : "name";
  }

  /** While the agent types, the kind follows, till he chooses one himself. */
  function typed({ target }) {
    const by = document.getElementById("search-by");
    if (target === by) by.dataset.chosen = "true";
    if (target.id === "search-text" && !by.dataset.chosen) by.value = guess(target.value);
  }

  /** The search as the service takes it, `{email: "…"}`; null where there is nothing to search for. */
  function wanted(form) {
    const text = form.elements.text.value.trim();
    return text ? { [form.elements.by.value]: text } : null;
  }

  window.Search = { typed, wanted };
})();
