import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../../src/api';
import { Origins } from '../../src/origins';
import type { Batch } from '../../src/protocol';
import { Conversation } from '../../src/session/conversation';
import { LongPollingTransport } from '../../src/transport/long_polling';
import { ShortPollingTransport } from '../../src/transport/short_polling';
import { SseTransport } from '../../src/transport/sse';
import { SseParser } from '../../src/transport/sse_parser';
import type { Transport, TransportContext } from '../../src/transport/transport';
import { WebSocketTransport } from '../../src/transport/websocket';
import { event, FakeServer, settle } from '../support/fake_server';

let server: FakeServer;
let log: string[];
let context: TransportContext;
let transport: Transport | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  log = [];
  const conversation = new Conversation();
  context = {
    api: new Api(new Origins(['http://a', 'http://b']), server.fetch),
    identity: { conversation: 'c', token: 't' },
    after: () => conversation.cursor,
    handlers: {
      opened: () => log.push('opened'),
      batch: (batch) => {
        const { added } = conversation.apply(batch);
        log.push(`events ${added.map(({ seq }) => seq).join(',')}`);
      },
      live: (live) => log.push(`typing ${live.typing?.active}`),
      ended: (end) => log.push(`ended ${end.kind}`),
    },
  };
});
afterEach(() => {
  transport?.close();
  transport = undefined;
  vi.useRealTimers();
});

const page = (from: number, to: number): Batch => ({
  events: Array.from({ length: to - from + 1 }, (_, index) => event(from + index)),
  cursor: `1.${to}`,
});
const kEvents = '/v1/conversations/c/events?after=';

test('long polling asks once without waiting, then waits from where it stands', async () => {
  transport = new LongPollingTransport(context);
  const first = await server.next();
  expect(first.path).toBe(`${kEvents}0`);
  first.reply(200, page(1, 2));
  const second = await server.next();
  expect(log).toEqual(['events 1,2', 'opened']);
  expect(second.path).toBe(`${kEvents}1.2&wait=25`);
  second.reply(200, page(3, 3));
  const third = await server.next();
  expect(third.path).toBe(`${kEvents}1.3&wait=25`);
  await vi.advanceTimersByTimeAsync(25_000);
  third.reply(204);
  expect((await server.next()).path).toBe(`${kEvents}1.3&wait=25`);
  expect(log).toEqual(['events 1,2', 'opened', 'events 3']);
});

test('a poll that is cut off is checked before the server counts as lost', async () => {
  transport = new LongPollingTransport(context);
  (await server.next()).reply(200, page(1, 1));
  (await server.next()).fail();
  const check = await server.next();
  expect(check.path).toBe(`${kEvents}1.1`);
  check.reply(200, { events: [], cursor: '1.1' });
  (await server.next()).fail();
  (await server.next()).fail();
  await settle();
  expect(log).toEqual(['events 1', 'opened', 'events ', 'ended lost']);
});

test('a draining server that answers at once is not hammered', async () => {
  transport = new LongPollingTransport(context);
  (await server.next()).reply(200, page(1, 1));
  let polls = 0;
  const answering = (async () => {
    for (;;) {
      (await server.next()).reply(204);
      polls++;
    }
  })();
  void answering;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(polls).toBeGreaterThan(1);
  expect(polls).toBeLessThan(60);
});

test('a refused token is the end', async () => {
  transport = new LongPollingTransport(context);
  (await server.next()).refuse(401, 'unauthorized');
  await settle();
  expect(log).toEqual(['ended expired']);
  expect(server.pending).toEqual([]);
});

test('closed, it says nothing more', async () => {
  transport = new LongPollingTransport(context);
  const call = await server.next();
  transport.close();
  expect(call.isAborted).toBe(true);
  await settle();
  expect(log).toEqual([]);
});

test('short polling comes back when the server advises', async () => {
  transport = new ShortPollingTransport(context);
  (await server.next()).reply(200, { ...page(1, 1), poll_after_ms: 2000 });
  await vi.advanceTimersByTimeAsync(1500);
  expect(server.pending).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  const second = await server.next();
  expect(second.path).toBe(`${kEvents}1.1`);
  second.reply(200, { events: [], cursor: '1.1', poll_after_ms: 1 });
  await vi.advanceTimersByTimeAsync(800);
  expect(server.pending).toEqual([]); // nobody can make it hammer
  expect(log.slice(0, 2)).toEqual(['events 1', 'opened']);
});

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  closedWith: number | undefined;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number): void {
    this.closedWith = code;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
}

function openSocket(): FakeSocket {
  transport = new WebSocketTransport(context, FakeSocket as unknown as typeof WebSocket);
  return FakeSocket.made.at(-1)!;
}

test('a WebSocket carries events and typing', () => {
  const socket = openSocket();
  expect(socket.url).toBe('ws://a/v1/conversations/c/socket?after=0&access_token=t');
  expect(socket.protocol).toBe('parlor.v1.json');
  transport!.typing(true);
  expect(socket.sent).toEqual([]); // not open yet
  socket.opens();
  socket.onmessage!({ data: JSON.stringify({ type: 'events', ...page(1, 2) }) });
  const live = { type: 'live', from: { kind: 'agent' }, typing: { active: true } };
  socket.onmessage!({ data: JSON.stringify(live) });
  for (const data of [
    '{',
    '7',
    'null',
    '{"type":"news"}',
    new ArrayBuffer(2),
    '{"type":"events"}',
  ]) {
    socket.onmessage!({ data });
  }
  expect(log).toEqual(['opened', 'events 1,2', 'typing true']);
  transport!.typing(true);
  expect(socket.sent).toEqual(['{"typing":{"active":true}}']);
});

test.each([
  [1006, 'ended lost', 'http://b'],
  [1001, 'ended again', 'http://b'],
  [4004, 'ended again', 'http://b'],
  [4002, 'ended again', 'http://a'],
  [4001, 'ended expired', 'http://a'],
])('a WebSocket closed with %i: %s, next at %s', (code, expected, origin) => {
  const socket = openSocket();
  socket.opens();
  socket.onclose!({ code });
  expect(log).toEqual(['opened', expected]);
  expect(context.api.origins.current).toBe(origin);
});

test('a WebSocket that does not open in time is lost', async () => {
  const socket = openSocket();
  await vi.advanceTimersByTimeAsync(6000);
  expect(log).toEqual(['ended lost']);
  expect(socket.closedWith).toBe(1000);
  expect(socket.onclose).toBeNull();
});

test('a page that forbids WebSockets does without', async () => {
  class Forbidden {
    constructor() {
      throw new Error('SecurityError');
    }
  }
  transport = new WebSocketTransport(context, Forbidden as unknown as typeof WebSocket);
  expect(log).toEqual([]); // nobody is told before the constructor is done
  await vi.advanceTimersByTimeAsync(0);
  expect(log).toEqual(['ended unsupported']);
});

/** A response whose body the test writes piece by piece. */
function stream(type = 'text/event-stream'): { response: Response; write: (text: string) => void } {
  const pipe = new TransformStream<Uint8Array, Uint8Array>();
  const writer = pipe.writable.getWriter();
  const response = new Response(pipe.readable, { headers: { 'Content-Type': type } });
  return { response, write: (text) => void writer.write(new TextEncoder().encode(text)) };
}

test('server-sent events open with their first bytes', async () => {
  transport = new SseTransport(context);
  const call = await server.next();
  expect([call.path, call.token]).toEqual(['/v1/conversations/c/stream?after=0', 't']);
  const { response, write } = stream();
  call.raw(response);
  await vi.advanceTimersByTimeAsync(0);
  expect(log).toEqual([]);
  write(': hello\n\n');
  await vi.waitFor(() => expect(log).toEqual(['opened']));
  const data = JSON.stringify(page(1, 2));
  write(`id: 1.2\ndata: ${data.slice(0, 10)}`);
  write(`${data.slice(10)}\n\n`);
  await vi.waitFor(() => expect(log).toEqual(['opened', 'events 1,2']));
});

test('a stream that a proxy holds back, or that falls silent, is lost', async () => {
  transport = new SseTransport(context);
  const held = stream();
  (await server.next()).raw(held.response);
  await vi.advanceTimersByTimeAsync(8000);
  expect(log).toEqual(['ended lost']);
  transport = new SseTransport(context);
  const silent = stream();
  (await server.next()).raw(silent.response);
  silent.write(':\n');
  await vi.waitFor(() => expect(log).toEqual(['ended lost', 'opened']));
  await vi.advanceTimersByTimeAsync(44_000); // heartbeats may be rare
  expect(log).toEqual(['ended lost', 'opened']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(log).toEqual(['ended lost', 'opened', 'ended lost']);
});

test.each([
  [404, 'not_found', 'ended unsupported'],
  [401, 'unauthorized', 'ended expired'],
  [503, 'unavailable', 'ended lost'],
])('a stream refused with %i: %s', async (status, code, expected) => {
  transport = new SseTransport(context);
  (await server.next()).refuse(status, code);
  await settle();
  expect(log).toEqual([expected]);
});

test('an answer that is no stream is none', async () => {
  transport = new SseTransport(context);
  (await server.next()).raw(stream('text/html').response);
  await settle();
  expect(log).toEqual(['ended unsupported']);
});

test('the parser knows every way of ending a line, cut anywhere', () => {
  const text = 'data: a\r\ndata:b\n\n: comment\nevent: x\ndata\rdata: c\r\rid: 7\n\ndata: last';
  for (let size = 1; size <= text.length; size++) {
    const got: string[] = [];
    const parser = new SseParser((data) => got.push(data));
    for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
    expect(got).toEqual(['a\nb', '\nc']);
  }
});
