const RENEW_MS = 300000; // a third of a bearer's life
const TEXTS_BYTES = 48000; // of 64 KiB

const { service, ...signed } = JSON.parse(document.getElementById("request").content.textContent);
const start = document.querySelector("meta[name=bearer]");
let bearer = start?.content; // in memory alone
start?.remove();

// Past the size, texts are lost.
function written(body) {
  let left = TEXTS_BYTES;
  return JSON.stringify(body, (key, value) => {
    left -= key.length + 20;
    if (typeof value !== "string") return value;
    const text = value.slice(0, 8000).replace(/[\0\p{Surrogate}]/gu, "");
    const size = new Blob([JSON.stringify(text)]).size;
    if (size > left) return undefined;
    left -= size;
    return text;
  });
}

// Fails as `client.request` does.
async function straight(path, body, headers) {
  const lost = () => { throw { kind: "network" }; };
  const all = { ...headers, Authorization: `Bearer ${bearer}`, "Content-Type": signed.contentType };
  const answer = await fetch(`/v1/${path}`, { method: "POST", headers: all, body, credentials: "omit" }).catch(lost);
  const responseText = await answer.text().catch(lost);
  if (!answer.ok) throw { status: answer.status, responseText };
  return responseText;
}

export function post(client, account, path, body) {
  const headers = { ...signed.headers, "Orderside-Tenant": account };
  if (start) return straight(path, written(body), headers);
  const jwt = { ...signed.jwt, claims: { iss: account, aud: service } };
  return client.request({ ...signed, url: `${service}/v1/${path}`, headers, jwt, data: written(body) });
}

const renew = () => straight("session").then((text) => { ({ bearer } = JSON.parse(text)); }, () => {});
if (start) setInterval(renew, RENEW_MS);
