const PASSING = { 429: 5, 502: 1, 503: 5, 504: 1 }; // seconds
let words;

export function learn(locale) {
  const { lang, dir, content } = document.querySelector(`template[lang|="${locale?.slice(0, 2)}"], #en`);
  Object.assign(document.documentElement, { lang, dir });
  words = JSON.parse(content.textContent);
}

export const of = (name, detail) => words[name].map((text) => text.replace("{}", detail));

// Name, detail, seconds to wait.
export function explain({ kind, stack, status, responseText = "" }) {
  let answer;
  try { answer = JSON.parse(responseText); } catch { /* not ours */ }
  const { code, message, retry_after: seconds = PASSING[status] } = answer?.error ?? {};
  const begins = `${code?.split("_")[0]}_`;
  const names = [
    !navigator.onLine && "offline",
    kind,
    stack && "stumbled",
    words[begins] && begins,
    [429, 503].includes(status) && "busy",
    code && "refused",
    (answer?.errors || /proxy error/i.test(responseText)) && "proxy",
    status && "gate",
    "network",
  ];
  return [names.find(Boolean), message ?? answer?.errors?.[0]?.code ?? status, PASSING[status] && seconds];
}
