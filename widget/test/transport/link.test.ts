import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../../src/api';
import { Origins } from '../../src/origins';
import { Link } from '../../src/transport/link';
import type { End, TransportHandlers, TransportKind } from '../../src/transport/transport';
import { event } from '../support/fake_server';

const lost: End = { kind: 'lost', retryAfterMs: 0 };
const who = { conversation: 'c', token: 't' };

interface Made {
  kind: TransportKind;
  handlers: TransportHandlers;
  closed: boolean;
}

let made: Made[];
let log: string[];
let link: Link;
const last = () => made.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  made = [];
  log = [];
  const factory =
    (kind: TransportKind) =>
    ({ handlers }: { handlers: TransportHandlers }) => {
      const transport: Made = { kind, handlers, closed: false };
      made.push(transport);
      return { kind, typing: () => log.push('typing'), close: () => (transport.closed = true) };
    };
  link = new Link(
    new Api(new Origins(['http://a'])),
    {
      websocket: factory('websocket'),
      sse: factory('sse'),
      long_polling: factory('long_polling'),
      short_polling: factory('short_polling'),
    } as ConstructorParameters<typeof Link>[1],
    {
      batch: () => log.push('batch'),
      live: () => log.push('live'),
      state: (state) => log.push(state),
      expired: ({ token }) => log.push(`expired ${token}`),
    },
  );
  link.start(who, () => '0');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('it says truly how it is', async () => {
  expect(log).toEqual(['connecting']);
  last().handlers.opened();
  last().handlers.batch({ events: [event(1)], cursor: '1.1' });
  last().handlers.ended(lost);
  expect(log).toEqual(['connecting', 'online', 'batch', 'lost']);
  await vi.advanceTimersByTimeAsync(400);
  expect(made.map(({ kind }) => kind)).toEqual(['websocket', 'websocket']);
  last().handlers.opened();
  expect(log.at(-1)).toBe('online');
});

test('it falls to what works, and rises again beside it', async () => {
  last().handlers.ended(lost);
  await vi.advanceTimersByTimeAsync(400);
  last().handlers.ended({ kind: 'unsupported' });
  await vi.advanceTimersByTimeAsync(0);
  const poll = last();
  expect(poll.kind).toBe('long_polling');
  poll.handlers.opened();
  expect(link.kind).toBe('long_polling');
  await vi.advanceTimersByTimeAsync(5000);
  const trial = last();
  expect([trial.kind, poll.closed]).toEqual(['websocket', false]);
  trial.handlers.ended(lost);
  expect([link.state, link.kind]).toEqual(['online', 'long_polling']);
  await vi.advanceTimersByTimeAsync(60_000);
  last().handlers.opened();
  expect([link.kind, poll.closed]).toEqual(['websocket', true]);
  last().handlers.ended(lost);
  expect(link.state).toBe('lost');
});

test('the end of what served ends its trial too', async () => {
  last().handlers.ended(lost);
  await vi.advanceTimersByTimeAsync(400);
  const stream = last();
  stream.handlers.opened();
  await vi.advanceTimersByTimeAsync(5000);
  const trial = last();
  expect(trial.kind).toBe('websocket');
  stream.handlers.ended(lost);
  expect(trial.closed).toBe(true);
});

test('a server that leaves is left within the time it gave', async () => {
  last().handlers.opened();
  await vi.advanceTimersByTimeAsync(20_000);
  last().handlers.ended({ kind: 'again', withinMs: 2000, elsewhere: true });
  await vi.advanceTimersByTimeAsync(999);
  expect(made).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(made).toHaveLength(2);
});

test('one that asks to come back at once, again and again, is not hammered', async () => {
  let answered = 0;
  for (let i = 0; i < 20; i++) {
    if (made.length > answered) {
      last().handlers.opened();
      last().handlers.ended({ kind: 'again', withinMs: 0, elsewhere: false });
      answered = made.length;
    }
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(made.length).toBeLessThan(5);
});

test('an expired token stops it and says whose', () => {
  last().handlers.opened();
  last().handlers.ended({ kind: 'expired' });
  expect(log).toEqual(['connecting', 'online', 'idle', 'expired t']);
  expect(link.state).toBe('idle');
});

test('a restart goes at once, whatever it was waiting for', async () => {
  for (let i = 0; i < 8; i++) {
    last().handlers.ended(lost);
    await vi.advanceTimersByTimeAsync(8000);
  }
  last().handlers.ended(lost);
  const before = made.length;
  link.restart();
  expect(made).toHaveLength(before + 1);
  expect(made.at(-2)!.closed).toBe(true);
});

test('stopped is silent', async () => {
  last().handlers.opened();
  link.stop();
  expect(last().closed).toBe(true);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(made).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
  link.restart();
  expect(made).toHaveLength(1);
});
