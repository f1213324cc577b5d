import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../../src/api';
import { Origins } from '../../src/origins';
import type { Batch, ChatEvent } from '../../src/protocol';
import { Session } from '../../src/session/session';
import { MemoryStorage, SiteStorage } from '../../src/session/storage';
import type { Item } from '../../src/session/view';
import type { Transport, TransportContext, TransportKind } from '../../src/transport/transport';
import { event, FakeServer, type Call } from '../support/fake_server';

let server: FakeServer;
let storage: SiteStorage;
let session: Session;
let streams: (TransportContext & { closed: boolean; typed: boolean[] })[];
let news: string[];

const stream = () => streams.at(-1)!;
const push = (batch: Batch) => stream().handlers.batch(batch);
const mine = (seq: number, request_id: string, text: string): ChatEvent =>
  event(seq, { request_id, message: { text } }, 'visitor');

function line(item: Item): string {
  if (item.kind === 'notice') return item.notice;
  if (item.kind === 'event')
    return `${item.event.seq} ${item.event.message?.text ?? item.event.type}`;
  const text = 'message' in item.draft.body ? item.draft.body.message.text : 'other';
  return `${item.state} ${text}`;
}
const lines = () => session.view().items.map(line);

function newSession(): Session {
  const stub = (kind: TransportKind) => (context: TransportContext) => {
    const made = { ...context, closed: false, typed: [] as boolean[] };
    streams.push(made);
    const transport: Transport = {
      kind,
      typing: (active) => void made.typed.push(active),
      close: () => void (made.closed = true),
    };
    return transport;
  };
  return new Session(
    {
      site: 'demo',
      api: new Api(new Origins(['http://a']), server.fetch),
      storage,
      lock: (task) => task(),
      transports: {
        websocket: stub('websocket'),
        sse: stub('sse'),
        long_polling: stub('long_polling'),
        short_polling: stub('short_polling'),
      },
      introduction: () => ({}),
    },
    { changed: () => {}, message: ({ message }) => news.push(message!.text) },
  );
}

/** A session whose conversation `c1` is open and connected. */
function connected(events: ChatEvent[] = []): void {
  storage.setIdentity({ conversation: 'c1', token: 't1' });
  session.start();
  stream().handlers.opened();
  if (events.length > 0) push({ events, cursor: `1.${events.length}` });
}

async function nextCall(path: RegExp): Promise<Call> {
  await vi.advanceTimersByTimeAsync(0);
  const call = await server.next();
  expect(call.path).toMatch(path);
  return call;
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  storage = new SiteStorage(new MemoryStorage(), 'demo');
  streams = [];
  news = [];
  session = newSession();
});
afterEach(() => {
  vi.useRealTimers();
  expect(server.pending).toEqual([]);
});

test('nothing happens until the visitor writes; then it opens, posts and connects', async () => {
  session.start();
  expect([session.view().exists, session.view().link, streams.length]).toEqual([false, 'idle', 0]);
  session.send('hi');
  expect(lines()).toEqual(['waiting hi']);
  (await nextCall(/sites\/demo/)).reply(201, { conversation: 'c1', token: 't1', cursor: '1.1' });
  const post = await nextCall(/c1\/events$/);
  expect(streams).toHaveLength(1);
  expect(stream().after()).toBe('0');
  const { request_id } = post.body as { request_id: string };
  post.reply(201, { request_id, seq: 2, cursor: '1.2' });
  await vi.advanceTimersByTimeAsync(0);
  expect(lines()).toEqual(['recorded hi']);
  const before = session.view().items[0]!.key;
  stream().handlers.opened();
  push({ events: [event(1, { type: 'opened' }), mine(2, request_id, 'hi')], cursor: '1.2' });
  expect(lines()).toEqual(['1 opened', '2 hi']);
  expect(session.view().items[1]!.key).toBe(before); // the same line goes on
});

test('its own event may come before the receipt', async () => {
  connected();
  session.send('hi');
  const post = await nextCall(/events$/);
  const { request_id } = post.body as { request_id: string };
  push({ events: [mine(1, request_id, 'hi')], cursor: '1.1' });
  expect(lines()).toEqual(['1 hi']);
  post.reply(201, { request_id, seq: 1, cursor: '1.1' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(lines()).toEqual(['1 hi']);
});

test('a reload reads from the first event, and an unsent draft goes on', async () => {
  connected([event(1), event(2)]);
  session.send('unsent');
  (await nextCall(/events$/)).refuse(503, 'unavailable', { 'Retry-After': '60' });
  await vi.advanceTimersByTimeAsync(0);
  session = newSession();
  session.start();
  expect(stream().after()).toBe('0');
  const again = await nextCall(/c1\/events$/);
  push({ events: [event(1), event(2)], cursor: '1.2' });
  expect(lines()).toEqual(['1 m1', '2 m2', 'waiting unsent']);
  again.reply(201, { request_id: 'x', seq: 3, cursor: '1.3' });
  await vi.advanceTimersByTimeAsync(0);
  expect(lines()).toEqual(['1 m1', '2 m2', 'recorded unsent']);
});

test('a hole is filled over HTTP, and shown as one until then', async () => {
  connected([event(1)]);
  push({ events: [event(3)], cursor: '1.3' });
  expect(lines()).toEqual(['1 m1']);
  expect(session.view().gap).toBe(true);
  (await nextCall(/after=1\.1$/)).reply(200, { events: [], cursor: '1.1', gap: true });
  await vi.advanceTimersByTimeAsync(1300);
  (await nextCall(/after=1\.1$/)).reply(200, { events: [event(2), event(3)], cursor: '1.3' });
  await vi.advanceTimersByTimeAsync(0);
  expect(lines()).toEqual(['1 m1', '2 m2', '3 m3']);
  expect(session.view().gap).toBe(false);
});

test('a reset forgets what was shown, and says so', () => {
  connected([event(1), event(2)]);
  push({ events: [event(1, { message: { text: 'restored' } })], cursor: '2.1', reset: true });
  expect(lines()).toEqual(['reset', '1 restored']);
});

test('an expired conversation stays in sight, and the next message opens another', async () => {
  connected([event(1)]);
  stream().handlers.ended({ kind: 'expired' });
  expect(lines()).toEqual(['1 m1', 'expired']);
  expect([session.view().exists, storage.identity()]).toEqual([false, null]);
  session.send('again');
  (await nextCall(/sites/)).reply(201, { conversation: 'c2', token: 't2', cursor: '1.1' });
  (await nextCall(/c2\/events$/)).reply(201, { seq: 2 });
  await vi.advanceTimersByTimeAsync(0);
  expect(lines()).toEqual(['1 m1', 'expired', 'recorded again']);
  await vi.advanceTimersByTimeAsync(3000);
});

test('a post that finds the token expired goes to a new conversation', async () => {
  connected([event(1)]);
  session.send('hi');
  (await nextCall(/c1\/events$/)).refuse(401, 'unauthorized');
  (await nextCall(/sites/)).reply(201, { conversation: 'c2', token: 't2', cursor: '1.1' });
  (await nextCall(/c2\/events$/)).reply(201, { seq: 2 });
  await vi.advanceTimersByTimeAsync(0);
  expect(lines()).toEqual(['1 m1', 'expired', 'recorded hi']);
});

test('what is unread is counted, and read once it is before the visitor’s eyes', async () => {
  connected([event(1), event(2)]);
  expect([session.view().unread, news]).toEqual([2, ['m1', 'm2']]);
  session.setAttentive(true);
  expect(session.view().unread).toBe(0);
  push({ events: [event(3)], cursor: '1.3' });
  await vi.advanceTimersByTimeAsync(800);
  const post = await nextCall(/events$/);
  expect(post.body).toMatchObject({ read: { seq: 3 } });
  post.reply(201, { seq: 4 });
  push({ events: [event(4, { type: 'read', read: { seq: 3 } }, 'visitor')], cursor: '1.4' });
  session.setAttentive(false);
  expect(session.view().unread).toBe(0);
  await vi.advanceTimersByTimeAsync(10_000); // nothing is said twice
});

test('what was read before the reload is not news', () => {
  connected([event(1), event(2, { type: 'read', read: { seq: 1 } }, 'visitor'), event(3)]);
  expect([session.view().unread, news]).toEqual([1, ['m3']]);
});

test('agents’ typing shows for a while, or until they have spoken', async () => {
  connected();
  const typing = (active: boolean) =>
    stream().handlers.live({ from: { kind: 'agent' }, typing: { active } });
  typing(true);
  expect(session.view().typing).toBe(true);
  await vi.advanceTimersByTimeAsync(6000);
  expect(session.view().typing).toBe(false);
  typing(true);
  push({ events: [event(1)], cursor: '1.1' });
  expect(session.view().typing).toBe(false);
  stream().handlers.live({ from: { kind: 'visitor' }, typing: { active: true } });
  expect(session.view().typing).toBe(false);
});

test('the visitor’s typing is told at most every three seconds', async () => {
  connected();
  for (let i = 0; i < 10; i++) session.typing();
  expect(stream().typed).toEqual([true]);
  await vi.advanceTimersByTimeAsync(3000);
  session.typing();
  expect(stream().typed).toEqual([true, true]);
});

test('assigned, closed and rated follow from the events', async () => {
  connected([event(1, { type: 'assigned', assigned: { agent: 'al', agent_name: 'Alice' } })]);
  session.setAttentive(true);
  expect(session.view()).toMatchObject({ agent: 'Alice', closed: false, rated: null });
  push({ events: [event(2, { type: 'closed', closed: {} })], cursor: '1.2' });
  expect(session.view()).toMatchObject({ closed: true, rated: null });
  session.rate(4, 'fine');
  expect(session.view().rated).toBe(4);
  const post = await nextCall(/events$/);
  expect(post.body).toMatchObject({ rating: { score: 4, comment: 'fine' } });
  post.refuse(400, 'malformed');
  await vi.advanceTimersByTimeAsync(0);
  expect(session.view().rated).toBeNull();
  expect(lines().at(-1)).toBe('failed other');
});

test('a closed conversation that nobody looks at needs no connection', () => {
  connected([event(1)]);
  push({ events: [event(2, { type: 'closed', closed: {} })], cursor: '1.2' });
  expect([session.view().link, stream().closed]).toEqual(['idle', true]);
  session.setAttentive(true);
  expect(session.view().link).toBe('connecting');
  expect(stream().after()).toBe('1.2');
});

test('a message under way while the agent closes reopens the conversation', async () => {
  const assigned = event(1, { type: 'assigned', assigned: { agent: 'al', agent_name: 'Alice' } });
  connected([assigned]);
  session.send('wait');
  const post = await nextCall(/events$/);
  const { request_id } = post.body as { request_id: string };
  push({ events: [event(2, { type: 'closed', closed: {} })], cursor: '1.2' });
  expect([session.view().closed, session.view().link]).toEqual([true, 'idle']);
  post.reply(201, { request_id, seq: 5, cursor: '1.5' });
  await vi.advanceTimersByTimeAsync(0);
  // Nobody looks, but what became of it is wanted all the same.
  expect([streams.length, stream().after()]).toEqual([2, '1.2']);
  stream().handlers.opened();
  const reopened = event(3, { type: 'reopened' }, 'system');
  const queued = event(4, { type: 'queued' }, 'system');
  push({ events: [reopened, queued, mine(5, request_id, 'wait')], cursor: '1.5' });
  expect(session.view()).toMatchObject({ closed: false, agent: null, link: 'online' });
  expect(stream().closed).toBe(false);
});

test('a new conversation leaves the old one behind, but not what was not sent', async () => {
  connected([event(1)]);
  session.send('too late');
  (await nextCall(/events$/)).refuse(409, 'closed');
  await vi.advanceTimersByTimeAsync(0);
  session.startNew();
  expect(lines()).toEqual(['failed too late']);
  expect(stream().closed).toBe(true);
});

test('another tab’s conversation becomes ours', () => {
  session.start();
  storage.setIdentity({ conversation: 'c9', token: 't9' });
  session.storageChanged('identity');
  expect(stream().identity).toEqual({ conversation: 'c9', token: 't9' });
  session.storageChanged('identity');
  expect(streams).toHaveLength(1);
});

test('a recorded message that does not come back unmasks a dead stream', async () => {
  connected([event(1)]);
  session.send('hi');
  const post = await nextCall(/events$/);
  const { request_id } = post.body as { request_id: string };
  post.reply(201, { request_id, seq: 2, cursor: '1.2' });
  await vi.advanceTimersByTimeAsync(3000);
  const probe = await nextCall(/after=1\.1$/);
  probe.reply(200, { events: [mine(2, request_id, 'hi')], cursor: '1.2' });
  await vi.advanceTimersByTimeAsync(0);
  expect(lines()).toEqual(['1 m1', '2 hi']);
  expect([streams.length, streams[0]!.closed, streams[1]!.after()]).toEqual([2, true, '1.2']);
});

test('a probe that finds nothing leaves the stream alone', async () => {
  connected([event(1)]);
  await session.probe(60_000); // heard a moment ago
  expect(server.pending).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  const probed = session.probe(60_000);
  (await nextCall(/after=1\.1$/)).reply(200, { events: [], cursor: '1.1' });
  await probed;
  expect(streams).toHaveLength(1);
});

test('a probe that fails makes the link connect anew', async () => {
  connected([event(1)]);
  const probed = session.probe();
  (await nextCall(/after=1\.1$/)).fail();
  await probed;
  expect(streams).toHaveLength(2);
  expect(session.view().link).toBe('lost');
});
