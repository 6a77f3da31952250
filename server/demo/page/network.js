// What `client.request` reaches: Zendesk's own API by a relative address, everything else through the proxy.

const ACCEPT = { json: "application/json, text/javascript, */*; q=0.01", html: "text/html, */*; q=0.01" };

/** Answers one request of the app as {status, statusText, contentType, body}; `refused` hears of every write. */
export async function ask(options, installation, refused) {
  const method = (options.type ?? options.method ?? "GET").toUpperCase();
  const ownApi = options.url.startsWith("/");
  if (ownApi && method !== "GET") {
    refused({ request: options });
    return { status: 403, statusText: "Forbidden", contentType: "text/plain", body: "An app may only read" };
  }
  const signal = options.timeout ? AbortSignal.timeout(options.timeout) : undefined;
  try {
    return await (ownApi ? fromZendesk(options.url, signal) : throughProxy({ ...options, type: method }, installation, signal));
  } catch (error) {
    const statusText = error.name === "TimeoutError" ? "timeout" : "error";
    return { status: 0, statusText, contentType: "", body: "" };
  }
}

async function fromZendesk(url, signal) {
  const answer = await fetch(`/demo/zendesk${url}`, { signal });
  return {
    status: answer.status,
    statusText: answer.statusText,
    contentType: answer.headers.get("content-type") ?? "",
    body: await answer.text(),
  };
}

async function throughProxy(options, installation, signal) {
  const { data, dataType } = options;
  const passed = {
    ...options,
    headers: { Accept: ACCEPT[dataType] ?? "*/*", ...options.headers },
    data: data === undefined || typeof data === "string" ? data : new URLSearchParams(data).toString(),
  };
  const answer = await fetch("/demo/proxy", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Zendesk-App-Installation-Id": String(installation) },
    body: JSON.stringify(passed),
    signal,
  });
  return answer.json();
}
