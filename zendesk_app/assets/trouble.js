// What went wrong, in words for the agent.
(() => {
  "use strict";

  const BUSY = [429, 503];

  /** What passes by itself, with the seconds after which to ask again: busy, or a replica that died under a question. */
  const PASSING = { 429: 5, 502: 1, 503: 5, 504: 1 };

  const TROUBLES = {
    host: ["Zendesk did not answer", "The ticket could not be read."],
    late: ["No answer in time", "The order service took too long."],
    network: ["No connection", "The order service could not be reached."],
    stranger: ["Not the order service", "Something else answered. Ask your admin to check its address."],
    defect: ["Orderside stumbled", "This is a fault of the app itself."],
  };

  /** Title and sentence for a failure: ours, that of Zendesk's proxy, of something in between, or of the network. */
  function explain(error) {
    const { status, statusText, responseText = "" } = error;
    if (!navigator.onLine) return ["You are offline", "Orders come back with the network."];
    if (error.kind || error instanceof Error) return TROUBLES[error.kind ?? "defect"];
    let answer = null;
    try { answer = JSON.parse(responseText); } catch { /* not ours: we speak JSON */ }
    const { code, message } = answer?.error ?? {};
    if (code?.startsWith("token_")) {
      if (window.Service.served) return ["Please reload", `Reload the ticket: this panel is too old. (${code})`];
      const words = "The shared secret in this app’s settings does not fit the service. Ask your admin.";
      return ["Not connected", `${words} (${code})`];
    }
    if (code?.startsWith("store_")) return ["The store does not tell", message];
    if (code?.startsWith("search_") || code?.startsWith("reveal_")) return ["Not now", message];
    if (BUSY.includes(status)) return ["The order service is busy", "Give it a moment."];
    if (code) return ["The order service cannot answer this", message];
    if (/proxy error/i.test(responseText) || answer?.errors) {
      const said = answer?.errors?.[0]?.code ?? status;
      return ["Zendesk’s proxy failed", `It did not reach the order service. (${said})`];
    }
    if (status > 0) return ["Out of order", `Something in front of the service answered. (${status})`];
    return statusText === "timeout" ? TROUBLES.late : TROUBLES.network;
  }

  window.Trouble = { PASSING, explain };
})();
