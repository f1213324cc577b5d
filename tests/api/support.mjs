// The calls of gateway/openapi.json, made at a running Parlor whose addresses stand in
// PARLOR_DEMO_URL (a comma list).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import Ajv from "ajv/dist/2020.js";

export const origins = process.env.PARLOR_DEMO_URL?.split(",");
export const origin = origins?.[0];
// A gateway itself, with nothing before it that would refuse a request first.
export const direct = origins?.at(-1);
assert.ok(origin, "PARLOR_DEMO_URL must name a running Parlor");
export const document = JSON.parse(
  await readFile(new URL("../../gateway/openapi.json", import.meta.url), "utf8"),
);
export const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(document, "parlor");

export const ulid = (() => {
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

export function resolve(node) {
  if (!node?.$ref) return node;
  return node.$ref
    .slice(2)
    .split("/")
    .reduce((at, key) => at[key], document);
}

export function fill(template, path) {
  return template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name]));
}

export function problemHolds(text, where) {
  const validate = ajv.getSchema("parlor#/components/schemas/Problem");
  const json = JSON.parse(text);
  assert.ok(validate(json), `${where}: ${JSON.stringify(validate.errors)}\n${text}`);
  return json;
}

// Makes the call and holds status, headers, content type and body against the document.
export async function call(
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

export const open = "/v1/sites/{site}/conversations";
export const events = "/v1/conversations/{conversation}/events";
export const live = "/v1/conversations/{conversation}/live";
export const requests = "/v1/requests/{request_id}";
export const opened = async () =>
  (await call("POST", open, { path: { site: "demo" }, body: {} })).json;
