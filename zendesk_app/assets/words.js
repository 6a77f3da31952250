// What the app itself has to say, in the agent's language; in the page's own English where that cannot be read.
(() => {
  "use strict";

  const LANGUAGES = ["ar", "de", "es", "fr", "it", "ja", "nl", "pt-BR"];
  const READ_MS = 2000;
  const folder = document.currentScript.src;
  const english = JSON.parse(document.getElementById("words").content.textContent);
  const root = document.documentElement;
  let words = english;
  let reading; // the file of the language that is wanted

  /** Takes on the nearest language to a locale. */
  function learn(locale) {
    const lang = LANGUAGES.find((one) => one.slice(0, 2) === locale?.slice(0, 2).toLowerCase()) ?? "en";
    if (lang === root.lang) return;
    [words, root.lang, root.dir] = [english, lang, lang === "ar" ? "rtl" : "ltr"];
    reading = lang === "en" ? null : fetch(new URL(`words.${lang}.json`, folder), { signal: AbortSignal.timeout(READ_MS) })
      .then((answer) => answer.json()).then((spoken) => { if (root.lang === lang) words = spoken; })
      .catch(() => { if (root.lang === lang) [root.lang, root.dir] = ["en", "ltr"]; });
  }

  /** A title and a sentence, which hold the detail at {}. */
  const of = (name, detail) => words[name].map((text) => text.replace("{}", detail));

  const PASSING = { 429: 5, 502: 1, 503: 5, 504: 1 }; // busy, or a replica that died under a question

  /** After how many seconds to ask again, where what failed passes by itself. */
  function passes({ status, responseText }) {
    const seconds = PASSING[status];
    return seconds && Math.min(60, /"retry_after":(\d+)/.exec(responseText)?.[1] ?? seconds);
  }

  /** By how our service's code for an error begins. */
  const CODES = { token_: window.Service.served ? "reload" : "locked", store_: "store", search_: "later", reveal_: "later" };

  /** Name and detail of a failure: ours, that of Zendesk's proxy, of something in between, or of the network. */
  function explain(error) {
    const { kind, status, statusText, responseText = "" } = error;
    if (!navigator.onLine) return ["offline"];
    if (kind || error instanceof Error) return [kind ?? "defect"];
    let answer = null;
    try { answer = JSON.parse(responseText); } catch { /* not ours: we speak JSON */ }
    const { code, message } = answer?.error ?? {};
    const known = CODES[code?.match(/^[a-z]+_/)?.[0]];
    if (known) return [known, ["store", "later"].includes(known) ? message : code];
    if (status === 429 || status === 503) return ["busy"];
    if (code) return ["refused", message];
    if (/proxy error/i.test(responseText) || answer?.errors) return ["proxy", answer?.errors?.[0]?.code ?? status];
    if (status > 0) return ["gate", status];
    return [statusText === "timeout" ? "late" : "network"];
  }

  window.Words = { learn, learned: () => reading, of, passes, explain };
})();
