// What never ends: the head of each stream and its first bytes, held against gateway/openapi.json.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { test } from "node:test";
import { ajv, call, document, events, fill, opened, origin, ulid } from "./support.mjs";

const base = "/v1/conversations/{conversation}";
const kLimitMs = 10_000;

// Begins the call; `until` says of the bytes so far what they hold, or nothing yet.
function begin(template, { conversation, query = "", headers = {} }, until) {
  return new Promise((done, failed) => {
    const target = new URL(origin + fill(template, { conversation }) + query);
    const asked = request(target, { headers });
    asked.setTimeout(kLimitMs, () => asked.destroy(new Error(`${template}: nothing came`)));
    const read = (response, stream, head) => {
      let bytes = head;
      const look = () => {
        const found = until(bytes);
        if (found === undefined) return;
        asked.destroy();
        stream.destroy();
        done({ response, found });
      };
      stream.on("data", (more) => {
        bytes = Buffer.concat([bytes, more]);
        look();
      });
      stream.on("end", () => failed(new Error(`${template}: ended with ${bytes}`)));
      stream.on("error", failed);
      look();
    };
    asked.on("response", (response) => read(response, response, Buffer.alloc(0)));
    asked.on("upgrade", read);
    asked.on("error", failed);
    asked.end();
  });
}

function headHolds(template, response) {
  const described = document.paths[template].get.responses[String(response.statusCode)];
  assert.ok(described, `${template}: ${response.statusCode} is not described`);
  const types = Object.keys(described.content ?? {});
  const type = response.headers["content-type"]?.split(";")[0];
  if (types.length > 0) assert.ok(types.includes(type), `${template}: content type ${type}`);
  else assert.equal(type, undefined);
  assert.match(response.headers["x-request-id"], /^[0-9a-f]{16}$/);
}

// The frame is a page of events: the message that was posted is in it.
function pageHolds(json, text) {
  const { type, ...page } = JSON.parse(json);
  assert.equal(type, "events");
  const validate = ajv.getSchema("parlor#/components/schemas/Events");
  assert.ok(validate(page), `${JSON.stringify(validate.errors)}\n${json}`);
  assert.equal(page.events.at(-1).message.text, text);
  return page;
}

// A conversation in which `text` has been said.
async function spoken(text) {
  const { conversation, token } = await opened();
  const body = { request_id: ulid(), message: { text } };
  await call("POST", events, { path: { conversation }, token, body });
  return { conversation, token, query: `?after=0&access_token=${token}` };
}

// The payload of the first frame from a server that is text and whole (RFC 6455, 5.2).
function firstFrame(bytes) {
  if (bytes.length < 4) return undefined;
  assert.equal(bytes[0], 0x81);
  assert.ok(bytes[1] < 127, "a short frame, not masked");
  const start = bytes[1] < 126 ? 2 : 4;
  const end = start + (bytes[1] < 126 ? bytes[1] : bytes.readUInt16BE(2));
  return bytes.length < end ? undefined : bytes.subarray(start, end).toString();
}

test("server-sent events begin as described", async () => {
  const template = `${base}/stream`;
  const who = await spoken("你好 <b>");
  const { response, found } = await begin(
    template,
    { ...who, query: "?after=0", headers: { Authorization: `Bearer ${who.token}` } },
    (bytes) =>
      /^retry: \d+\n\nid: (.+)\nevent: events\ndata: (.+)\n\n/.exec(bytes.toString()) ?? undefined,
  );
  assert.equal(response.statusCode, 200);
  headHolds(template, response);
  assert.equal(response.headers["cache-control"], "no-store, no-transform");
  const page = pageHolds(found[2], "你好 <b>");
  assert.equal(found[1], page.cursor);
});

test("the forever iframe begins as described", async () => {
  const template = `${base}/frame`;
  const who = await spoken("</script>");
  const { response, found } = await begin(
    template,
    { ...who, query: `${who.query}&origin=https://shop.example` },
    (bytes) =>
      /^<!doctype html>[^]*parent\.postMessage\(m,"https:\/\/shop\.example"\)[^]*<script>p\((.+)\)<\/script>\n/.exec(
        bytes.toString(),
      ) ?? undefined,
  );
  assert.equal(response.statusCode, 200);
  headHolds(template, response);
  assert.match(response.headers["content-security-policy"], /frame-ancestors https:\/\/shop\.example$/);
  pageHolds(found[1], "</script>");
});

test("a WebSocket begins as described", async () => {
  const template = `${base}/socket`;
  const who = await spoken("hello");
  const key = Buffer.from("0123456789abcdef").toString("base64");
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key,
    "Sec-WebSocket-Protocol": "parlor.v1.json",
  };
  const { response, found } = await begin(template, { ...who, headers }, firstFrame);
  assert.equal(response.statusCode, 101);
  headHolds(template, response);
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  assert.equal(response.headers["sec-websocket-accept"], accept.digest("base64"));
  assert.equal(response.headers["sec-websocket-protocol"], "parlor.v1.json");
  pageHolds(found, "hello");
});

test("streams and sockets are refused as described", async () => {
  const { conversation, token } = await opened();
  const other = (await opened()).token;
  const expect = async (status, name, token, query = "?after=0") => {
    const answer = await call("GET", `${base}/${name}`, { path: { conversation }, token, query });
    assert.equal(answer.status, status, name);
  };
  const origin = "?after=0&origin=https://shop.example";
  await expect(401, "stream", undefined);
  await expect(403, "stream", other);
  await expect(400, "stream", token, "?after=x");
  await expect(401, "frame", undefined, origin);
  await expect(403, "frame", other, origin);
  await expect(400, "frame", token);
  await expect(400, "socket", token);
});
