// Real answers of a real gateway, held against gateway/openapi.json.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import {
  call,
  direct,
  document,
  events,
  fill,
  live,
  open,
  opened,
  origin,
  origins,
  problemHolds,
  requests,
  resolve,
  ulid,
} from "./support.mjs";

const transcript = "/v1/conversations/{conversation}/transcript";
const result = "/v1/requests/{request_id}/result";

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

test("a transcript in each format answers as described", async () => {
  const { conversation, token } = await opened();
  const path = { conversation };
  const message = { request_id: ulid(), message: { text: "你好" } };
  await call("POST", events, { path, token, body: message });
  for (const [format, lang] of [["text", "en"], ["html", "zh"], ["json"]]) {
    const request_id = ulid();
    const body = { request_id, format, lang };
    const asked = await call("POST", transcript, { path, token, body });
    assert.equal(asked.status, 202);
    assert.equal(asked.response.headers.get("location"), `/v1/requests/${request_id}`);
    const done = await call("GET", requests, { path: { request_id }, token, query: "?wait=20" });
    assert.equal(done.json.status, "done");
    const file = await call("GET", result, { path: { request_id }, token });
    assert.equal(file.response.status, 200);
    assert.equal(file.response.headers.get("content-type"), done.json.content_type);
    if (format === "json") assert.equal(file.json.at(-1).message.text, "你好");
    else assert.match(file.text, lang === "zh" ? /发起了对话[^]*你好/ : /opened the con[^]*你好/);
  }
  const nothing = { path: { request_id: ulid() }, token };
  assert.equal((await call("GET", result, nothing)).status, 404);
  for (const body of [{ format: "record" }, { lang: "fr" }]) {
    assert.equal((await call("POST", transcript, { path, token, body })).status, 400);
  }
});

test("a refused draft is told as described, whichever replica is asked", async () => {
  const { conversation, token } = await opened();
  const path = { conversation };
  const close = () => ({ request_id: ulid(), close: { reason: "done" } });
  await call("POST", events, { path, token, body: close() });
  const refused = close();
  assert.equal((await call("POST", events, { path, token, body: refused })).status, 409);
  for (const at of origins) {
    const { json } = await call("GET", requests, {
      path: { request_id: refused.request_id },
      token,
      query: "?wait=5",
      at,
    });
    assert.equal(json.status, "failed");
    assert.equal(json.problem.code, "closed");
  }
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
