import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Api } from '../../src/api';
import { Origins } from '../../src/origins';
import type { DraftBody, Identity } from '../../src/protocol';
import { Courier } from '../../src/session/courier';
import { MemoryStorage, SiteStorage } from '../../src/session/storage';
import { isUlid } from '../../src/session/ulid';
import { FakeServer, settle, type Call } from '../support/fake_server';

let server: FakeServer;
let storage: SiteStorage;
let newCourier: () => Courier;
let courier: Courier;
let told: string[];

const draft = (body: DraftBody, conversation: string | null = 'c1') => ({
  request_id: 'R1',
  body,
  conversation,
  since: 0,
});
const message = draft({ message: { text: 'hi' } });

beforeEach(() => {
  server = new FakeServer();
  storage = new SiteStorage(new MemoryStorage(), 'demo');
  told = [];
  const api = new Api(new Origins(['http://a']), server.fetch);
  const tell = (what: string) => (identity: Identity) =>
    void told.push(what + identity.conversation);
  const listener = { opened: tell('opened '), gone: tell('gone ') };
  newCourier = () => new Courier(api, storage, 'demo', () => ({ department: 'sales' }), listener);
  courier = newCourier();
});
afterEach(() => expect(server.pending).toEqual([]));

test('the first message opens the conversation', async () => {
  const delivery = courier.deliver(message);
  const open = await server.next();
  expect(open.path).toBe('/v1/sites/demo/conversations');
  expect(open.body).toEqual({ department: 'sales', request_id: storage.read('opening') });
  open.reply(201, { conversation: 'c1', token: 't1', cursor: '1.1' });
  const post = await server.next();
  expect([post.path, post.token]).toEqual(['/v1/conversations/c1/events', 't1']);
  post.reply(201, { request_id: 'R1', seq: 2, cursor: '1.2' });
  expect(await delivery).toEqual({ kind: 'recorded', seq: 2 });
  expect(told).toEqual(['opened c1']);
  expect(storage.identity()).toEqual({ conversation: 'c1', token: 't1' });
});

describe('an opening', () => {
  const requestOf = (call: Call) => (call.body as { request_id: string }).request_id;
  const opened = { conversation: 'c1', token: 't1', cursor: '1.1' };

  /** One attempt that asks to open, and is answered by `answer`; the request_id it asked with. */
  async function attempt(answer: (call: Call) => void, by = courier): Promise<string> {
    const delivery = by.deliver(message);
    const open = await server.next();
    answer(open);
    if (storage.identity() === null) await settle();
    if (storage.identity() !== null) (await server.next()).reply(201, { seq: 2 });
    await delivery;
    return requestOf(open);
  }

  test('whose answer is lost is asked for again, after a reload too', async () => {
    const first = await attempt((call) => call.fail());
    expect(isUlid(first)).toBe(true);
    expect(first).not.toBe(message.request_id); // agents see that one
    expect(await attempt((call) => call.refuse(503, 'unavailable'))).toBe(first);
    const reloaded = newCourier();
    expect(await attempt((call) => call.reply(201, opened), reloaded)).toBe(first);
    expect(storage.read('opening')).toBeNull();
  });

  test('after one that succeeded, or was refused, or is left behind, is another', async () => {
    const ids = [
      await attempt((call) => call.reply(201, opened)),
      (storage.setIdentity(null), await attempt((call) => call.refuse(400, 'malformed'))),
      await attempt((call) => call.fail()),
      (storage.setIdentity(null), await attempt((call) => call.reply(201, opened))),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test('is not taken up from what is no ULID', async () => {
    storage.write('opening', 'nonsense');
    expect(isUlid(await attempt((call) => call.fail()))).toBe(true);
  });
});

test('a conversation that cannot be opened now is tried later, one refused is not', async () => {
  const later = courier.deliver(message);
  (await server.next()).refuse(503, 'unavailable', { 'Retry-After': '2' });
  expect(await later).toEqual({ kind: 'later', retryAfterMs: 2000 });
  const lost = courier.deliver(message);
  (await server.next()).fail();
  expect(await lost).toEqual({ kind: 'later', retryAfterMs: 0 });
  const refused = courier.deliver(message);
  (await server.next()).refuse(404, 'not_found');
  expect(await refused).toEqual({ kind: 'refused', code: 'not_found' });
  expect(told).toEqual([]);
});

test.each([
  [401, 'unauthorized', { kind: 'gone' }],
  [404, 'not_found', { kind: 'gone' }],
  [409, 'closed', { kind: 'refused', code: 'closed' }],
  [413, 'too_large', { kind: 'refused', code: 'too_large' }],
  [429, 'rate_limited', { kind: 'later', retryAfterMs: 0 }],
  [500, 'internal', { kind: 'later', retryAfterMs: 0 }],
])('%i %s', async (status, code, expected) => {
  storage.setIdentity({ conversation: 'c1', token: 't1' });
  const delivery = courier.deliver(message);
  (await server.next()).refuse(status, code);
  expect(await delivery).toEqual(expected);
  expect(told).toEqual(expected.kind === 'gone' ? ['gone c1'] : []);
});

test('a 202 is followed until it is recorded', async () => {
  storage.setIdentity({ conversation: 'c1', token: 't1' });
  const delivery = courier.deliver(message);
  (await server.next()).reply(202, {}, { Location: '/v1/requests/R1' });
  const first = await server.next();
  expect([first.path, first.token]).toEqual(['/v1/requests/R1?wait=25', 't1']);
  first.reply(200, { request_id: 'R1', status: 'pending' });
  (await server.next()).reply(200, { request_id: 'R1', status: 'recorded', seq: 9 });
  expect(await delivery).toEqual({ kind: 'recorded', seq: 9 });
});

test.each([
  [
    { status: 'failed', problem: { code: 'closed' } },
    { kind: 'refused', code: 'closed' },
  ],
  [
    { status: 'failed', problem: { code: 'deadline' } },
    { kind: 'later', retryAfterMs: 0 },
  ],
  [
    { status: 'failed', problem: { code: 'unavailable', retry_after_ms: 2000 } },
    { kind: 'later', retryAfterMs: 2000 },
  ],
  [
    { status: 'failed', problem: { code: 'overloaded', retry_after_ms: 3_600_000 } },
    { kind: 'later', retryAfterMs: 60_000 },
  ],
  [{ status: 'failed' }, { kind: 'later', retryAfterMs: 0 }],
])('a 202 that fails: %o', async (outcome, expected) => {
  storage.setIdentity({ conversation: 'c1', token: 't1' });
  const delivery = courier.deliver(message);
  (await server.next()).reply(202, {}, { Location: '/v1/requests/R1' });
  (await server.next()).reply(200, { request_id: 'R1', ...outcome });
  expect(await delivery).toEqual(expected);
});

test('a 202 that the next replica knows nothing of is posted again', async () => {
  storage.setIdentity({ conversation: 'c1', token: 't1' });
  const delivery = courier.deliver(message);
  (await server.next()).reply(202, {}, { Location: '/v1/requests/R1' });
  (await server.next()).refuse(404, 'not_found');
  expect(await delivery).toEqual({ kind: 'later', retryAfterMs: 0 });
  expect(told).toEqual([]); // the request is unknown, not the conversation
});

test('a 202 that stays pending is posted again, in the end', async () => {
  storage.setIdentity({ conversation: 'c1', token: 't1' });
  const delivery = courier.deliver(message);
  (await server.next()).reply(202, {}, { Location: '/v1/requests/R1' });
  for (let i = 0; i < 2; i++) (await server.next()).reply(200, { status: 'pending' });
  expect(await delivery).toEqual({ kind: 'later', retryAfterMs: 0 });
});

test('a rating of another conversation is not sent to this one', async () => {
  storage.setIdentity({ conversation: 'c2', token: 't2' });
  const rating = draft({ rating: { score: 5 } }, 'c1');
  expect(await courier.deliver(rating)).toEqual({ kind: 'refused', code: 'closed' });
});
