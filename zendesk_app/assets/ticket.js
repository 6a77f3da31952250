// What a Zendesk ticket says, as the body of the service's POST /v1/summary.
(() => {
  "use strict";

  const BODY_BYTES = 60000; // the service takes 64 KiB
  const TEXT_CHARS = 8000;
  const TICKET = ["id", "subject", "description", "tags", "via.channel", "via.source.from", "brand.name", "comments"];
  const REQUESTER = ["id", "name", "email", "externalId", "locale", "timeZone", "identities"];

  /** What `client.get` is asked for. */
  const paths = [
    ...TICKET.map((name) => `ticket.${name}`),
    ...REQUESTER.map((name) => `ticket.requester.${name}`),
    "currentUser.id", "currentUser.locale", "currentUser.timeZone",
  ];

  /**
   * What only Zendesk's API tells, put into `proof` as it comes; `get` asks for an address with the agent's session.
   * Light agents may not read all of it: then it is left out, and the sender counts as unproven.
   */
  function gather(ticket, proof, get) {
    const keep = (name, url) => get(url).then((answer) => { proof[name] = answer; }, () => {});
    const [id, requester] = [ticket["ticket.id"], ticket["ticket.requester.id"]];
    return Promise.all([
      requester && keep("identities", `/api/v2/users/${requester}/identities.json`),
      id && keep("comments", `/api/v2/tickets/${id}/comments.json?include=users&sort_order=desc&per_page=100`),
      id && keep("ticket", `/api/v2/tickets/${id}.json`),
    ]);
  }

  /** A comment's HTML as text. A parsed document runs and loads nothing. */
  function plain(html) {
    const lines = String(html ?? "").replace(/<(br|\/p|\/div|\/li|\/tr|\/blockquote)\b/gi, "\n$&");
    return new DOMParser().parseFromString(lines, "text/html").body.textContent;
  }

  /** The ticket's comments, newest first: from the API where it answered, else from the page. */
  function texts(ticket, { comments: api }) {
    const page = ticket["ticket.comments"] ?? [];
    const people = [...page.map((comment) => comment.author), ...(api?.users ?? [])];
    const roles = new Map(people.map((user) => [user?.id, user?.role]));
    const by = (id) => {
      if (id && id === ticket["ticket.requester.id"]) return "requester";
      return ["agent", "admin"].includes(roles.get(id)) ? "agent" : "other";
    };
    const comments = [...(api?.comments ?? page)].sort((one, other) => other.id - one.id);
    return comments.map(({ author_id: id, author, plain_body: body, value, created_at: time, metadata }) => ({
      by: by(id ?? author?.id),
      text: (body ?? plain(value)).slice(0, TEXT_CHARS),
      at: time,
      flags: (metadata?.flags ?? []).filter(Number.isInteger),
      trusted: metadata?.trusted,
    }));
  }

  /** The address that the ticket was mailed from, if it is one of the requester's: proof belongs to that one. */
  function address(ticket, identities) {
    const from = ticket["ticket.via.source.from"]?.address?.toLowerCase();
    const own = identities.find(({ type, value }) => type === "email" && from && value?.toLowerCase() === from);
    return own?.value ?? ticket["ticket.requester.email"];
  }

  /** The custom fields that hold something short: shops keep order numbers in them. */
  function fields({ ticket: api }) {
    const short = ({ value }) => value !== "" && ["number", "string"].includes(typeof value) && `${value}`.length <= 100;
    const rows = (api?.ticket?.custom_fields ?? []).filter(short).slice(0, 50);
    return Object.fromEntries(rows.map(({ id, value }) => [id, value]));
  }

  /** An identity's parts that the service reads. */
  const identity = (one) => ({
    type: one.type,
    value: one.value,
    primary: one.primary === true,
    verified: one.verified === true,
    verification_method: one.verification_method,
    ownership: one.ownership,
    deliverable_state: one.deliverable_state ?? one.deliverableState,
  });

  /** The body without its question. Past its size older comments lose their text, not what Zendesk doubts in them. */
  function question(ticket, proof) {
    const about = (prefix) => (name) => ticket[`${prefix}.${name}`];
    const [of, who, agent] = ["ticket", "ticket.requester", "currentUser"].map(about);
    const zone = (value) => value?.ianaName ?? (typeof value === "string" ? value : null);
    const identities = proof.identities?.identities ?? who("identities") ?? [];
    const body = {
      ticket: {
        id: of("id"),
        subject: (of("subject") ?? "").slice(0, TEXT_CHARS),
        channel: of("via.channel"),
        brand: of("brand.name"),
        tags: (of("tags") ?? []).slice(0, 50),
        fields: fields(proof),
        texts: [],
      },
      requester: {
        id: who("id"),
        name: who("name"),
        email: address(ticket, identities),
        external_id: who("externalId"),
        locale: who("locale"),
        time_zone: zone(who("timeZone")),
        suspended: proof.comments?.users?.find(({ id }) => id === who("id"))?.suspended,
        identities: identities.filter(({ value }) => typeof value === "string").slice(0, 30).map(identity),
      },
      agent: { id: agent("id"), locale: agent("locale"), time_zone: zone(agent("timeZone")) },
    };
    const size = (value) => new TextEncoder().encode(JSON.stringify(value)).length;
    const said = texts(ticket, proof);
    const description = of("description");
    if (!said.length && description) said.push({ by: "other", text: plain(description).slice(0, TEXT_CHARS) });
    let left = BODY_BYTES - size(body);
    for (const one of said) {
      const kept = size(one) < left ? one : { ...one, text: "" };
      if (size(kept) >= left) break;
      body.ticket.texts.push(kept);
      left -= size(kept) + 1;
    }
    return body;
  }

  window.Ticket = { paths, gather, question };
})();
