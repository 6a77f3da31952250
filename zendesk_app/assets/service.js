// The way to the service: through Zendesk's proxy, or straight there from the page that it served itself.
(() => {
  "use strict";

  const RENEW_MS = 300000; // a bearer lives three times as long

  const meta = (name) => document.querySelector(`meta[name=${name}]`);
  const service = meta("orderside").content;
  let bearer = meta("bearer")?.content; // in memory and nowhere else
  meta("bearer")?.remove();

  /** Zendesk signs for the account, and passes it on. */
  const proxied = (path, data, client, account) => client.request({
    url: `${service}/v1/${path}`,
    type: "POST",
    secure: true,
    autoRetry: false,
    timeout: 5000,
    headers: { Authorization: "Bearer {{jwt.token}}", Accept: "text/html", "Orderside-Tenant": account },
    jwt: {
      algorithm: "HS256",
      secret_key: "{{setting.shared_secret}}",
      expiry: 60,
      claims: { iss: account, aud: service },
    },
    contentType: "application/json",
    dataType: "text",
    data,
  });

  /** Asks as the agent for whom Zendesk opened the page; fails as `client.request` does. */
  async function straight(path, body, _client, account) {
    const headers = { Authorization: `Bearer ${bearer}`, Accept: "text/html", "Content-Type": "application/json" };
    if (account) headers["Orderside-Tenant"] = account;
    const lost = () => { throw { kind: "network" }; };
    const answer = await fetch(`/v1/${path}`, { method: "POST", headers, body, credentials: "omit" }).catch(lost);
    const responseText = await answer.text().catch(lost);
    if (!answer.ok) throw { status: answer.status, responseText };
    return responseText;
  }

  const renew = async () => { bearer = JSON.parse(await straight("session")).bearer; };
  if (bearer) setInterval(() => renew().catch(() => {}), RENEW_MS);

  const clean = (_, value) => (typeof value === "string" ? value.replace(/[\0\p{Surrogate}]/gu, "") : value);
  const way = bearer ? straight : proxied;
  const post = (path, body, client, account) => way(path, JSON.stringify(body, clean), client, account);

  window.Service = { served: Boolean(bearer), post };
})();
