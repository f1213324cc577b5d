// Real answers of a real gateway, held against gateway/openapi.json. Needs a running Parlor, whose
// addresses stand in PARLOR_DEMO_URL (a comma list).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";

const origins = process.env.PARLOR_DEMO_URL?.split(",");
const origin = origins?.[0];
// A gateway itself, with nothing before it that would refuse a request first.
const direct = origins?.at(-1);
assert.ok(origin, "PARLOR_DEMO_URL must name a running Parlor");
const document = JSON.parse(
  await readFile(new URL("../../gateway/openapi.json", import.meta.url), "utf8"),
);
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(document, "parlor");

const ulid = (() => {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let count = 0;
  return () => {
    let text = "";
    for (let time = Date.now() * 1024 + (count++ % 1024), i = 0; i < 12; ++i) {
      text = alphabet[time % 32] + text;
      time = Math.floor(time / 32);
    }
    for (let i = 0; i < 14; ++i) text += alphabet[Math.floor(Math.random() * 32)];
    return text;
  };
})();

function resolve(node) {
  if (!node?.$ref) return node;
  return node.$ref
    .slice(2)
    .split("/")
    .reduce((at, key) => at[key], document);
}

function fill(template, path) {
  return template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name]));
}

function problemHolds(text, where) {
  const validate = ajv.getSchema("parlor#/components/schemas/Problem");
  const json = JSON.parse(text);
  assert.ok(validate(json), `${where}: ${JSON.stringify(validate.errors)}\n${text}`);
  return json;
}

// Makes the call and holds status, headers, content type and body against the document.
async function call(
  method,
  template,
  { path = {}, query = "", body, token, headers = {}, at = origin } = {},
) {
  const operation = document.paths[template][method.toLowerCase()];
  const response = await fetch(at + fill(template, path) + query, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body !== undefined ? { "Content-Type": "application/json" } : {}),
      ...headers,
    },
    body: typeof body === "object" ? JSON.stringify(body) : body,
  });
  const text = await response.text();
  const described = resolve(operation.responses[String(response.status)]);
  assert.ok(described, `${method} ${template}: ${response.status} is not described: ${text}`);
  for (const [name, header] of Object.entries(described.headers ?? {})) {
    if (header.required) assert.ok(response.headers.get(name), `${template}: no ${name}`);
  }
  if (!described.content) {
    return { response, text };
  }
  const type = response.headers.get("content-type")?.split(";")[0];
  const media = described.content[type];
  assert.ok(media, `${method} ${template} ${response.status}: content type ${type}`);
  if (!type.endsWith("json")) return { response, text };
  const json = JSON.parse(text);
  const name = media.schema.$ref.split("/").pop();
  const validate = ajv.getSchema(`parlor#/components/schemas/${name}`);
  assert.ok(validate(json), `${template}: ${JSON.stringify(validate.errors)}\n${text}`);
  return { response, json, status: response.status };
}

const open = "/v1/sites/{site}/conversations";
const events = "/v1/conversations/{conversation}/events";
const live = "/v1/conversations/{conversation}/live";
const requests = "/v1/requests/{request_id}";
const opened = async () =>
  (await call("POST", open, { path: { site: "demo" }, body: {} })).json;

test("the document is valid OpenAPI", async () => {
  const result = await new Validator().validate(document);
  assert.ok(result.valid, JSON.stringify(result.errors));
});

test("the gateway serves the same document", async () => {
  const served = await (await fetch(`${origin}/openapi.json`)).json();
  assert.deepEqual(served, document);
});

test("opening, posting, polling and asking answer as described", async () => {
  const { conversation, token } = await opened();
  const path = { conversation };
  const request_id = ulid();
  const posted = await call("POST", events, {
    path,
    token,
    body: { request_id, message: { text: "你好" } },
  });
  assert.equal(posted.status, 201);
  const rated = { request_id: ulid(), rating: { score: 5, comment: "good" } };
  assert.equal((await call("POST", events, { path, token, body: rated })).status, 201);
  const short = await call("GET", events, { path, token, query: "?after=0" });
  assert.deepEqual(
    short.json.events.map((event) => event.type),
    ["opened", "message", "rating"],
  );
  const long = await call("GET", events, {
    path,
    token,
    query: `?after=${short.json.cursor}&wait=1`,
  });
  assert.equal(long.response.status, 204);
  const state = await call("GET", requests, { path: { request_id }, token });
  assert.equal(state.json.status, "recorded");
  const later = { request_id: ulid(), message: { text: "later" } };
  const async = await call("POST", events, {
    path,
    token,
    body: later,
    headers: { Prefer: "respond-async" },
  });
  assert.equal(async.status, 202);
  const ended = await call("GET", requests, {
    path: { request_id: later.request_id },
    token,
    query: "?wait=5",
  });
  assert.equal(ended.json.status, "recorded");
});

test("opening again and live signals answer as described", async () => {
  const body = { request_id: ulid() };
  const path = { site: "demo" };
  const first = (await call("POST", open, { path, body })).json;
  const again = (await call("POST", open, { path, body })).json;
  assert.equal(again.conversation, first.conversation);
  const { conversation, token } = again;
  const say = async (signal) =>
    (await call("POST", live, { path: { conversation }, token, body: signal })).response.status;
  assert.equal(await say({ typing: { active: true, preview: "hel" } }), 204);
  assert.equal(await say({ read: { seq: 1 } }), 204);
  assert.equal(await say({ presence: { state: "away", page_url: "https://shop.example/" } }), 204);
  assert.equal(await say({ message: { text: "x" } }), 400);
  const poll = await call("GET", events, {
    path: { conversation },
    token,
    query: "?after=0&live=0&presence=here",
  });
  assert.equal(poll.status, 200);
});

test("errors answer as described", async () => {
  const { conversation, token } = await opened();
  const other = await opened();
  const path = { conversation };
  const expect = async (status, method, template, options) =>
    assert.equal((await call(method, template, options)).status, status);
  await expect(400, "POST", events, { path, token, body: "{" });
  await expect(401, "GET", events, { path, query: "?after=0" });
  await expect(403, "GET", events, { path, token: other.token, query: "?after=0" });
  await expect(404, "POST", open, { path: { site: "nobody" }, body: {} });
  await expect(413, "POST", events, {
    path,
    token,
    body: { request_id: ulid(), message: { text: "x".repeat(9000) } },
  });
  await expect(400, "GET", events, { path, token, query: "?after=x" });
  const close = { request_id: ulid(), close: { reason: "done" } };
  await expect(201, "POST", events, { path, token, body: close });
  const again = { request_id: ulid(), close: { reason: "done" } };
  await expect(409, "POST", events, { path, token, body: again });
});

test("a method that a path does not have is answered as described", async () => {
  const path = { site: "demo", conversation: ulid(), request_id: ulid() };
  const described = document.components.responses.MethodNotAllowed;
  for (const [template, operations] of Object.entries(document.paths)) {
    const response = await fetch(direct + fill(template, path), { method: "DELETE" });
    assert.equal(response.status, 405, template);
    const [type] = Object.keys(described.content);
    assert.equal(response.headers.get("content-type"), type);
    assert.equal(problemHolds(await response.text(), template).code, "method_not_allowed");
    const allowed = response.headers.get("allow").toLowerCase().split(", ");
    const listed = Object.keys(operations).filter((name) => name !== "parameters");
    assert.deepEqual(
      allowed.filter((name) => name !== "options" && name !== "head").sort(),
      listed.sort(),
      template,
    );
  }
});

test("a request too long or too late is answered as described, whatever it asks for", async () => {
  const path = { site: "demo", conversation: ulid(), request_id: ulid() };
  const late = [];
  for (const [template, operations] of Object.entries(document.paths)) {
    for (const method of Object.keys(operations).filter((name) => name !== "parameters")) {
      const headers = { "X-Long": "x".repeat(17 * 1024) };
      const long = await call(method.toUpperCase(), template, { path, headers, at: direct });
      assert.equal(long.response.status, 431, template);
      late.push({ method, template, answer: half(direct, method, fill(template, path)) });
    }
  }
  for (const { method, template, answer } of late) {
    const [head, body] = (await answer).split("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 408 /, template);
    assert.ok(resolve(document.paths[template][method].responses["408"]), template);
    assert.equal(problemHolds(body, template).code, "deadline");
  }
});

// What comes back to a request that never ends.
function half(at, method, target) {
  const { hostname, port } = new URL(at);
  return new Promise((done, failed) => {
    let text = "";
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${method.toUpperCase()} ${target} HTTP/1.1\r\nHost: x\r\nX-Half: `),
    );
    socket.setEncoding("utf8");
    socket.on("data", (more) => (text += more));
    socket.on("end", () => done(text));
    socket.on("error", failed);
  });
}

test("operations answer as described", async () => {
  for (const template of ["/healthz", "/readyz", "/metrics"]) {
    await call("GET", template, { at: direct });
  }
});
