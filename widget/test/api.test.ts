import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api, ApiError, NetworkError } from '../src/api';
import { Origins } from '../src/origins';
import { event, FakeServer } from './support/fake_server';

const who = { conversation: '01J', token: 'secret' };
let server: FakeServer;
let api: Api;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  api = new Api(new Origins(['http://a', 'http://b']), server.fetch);
});
afterEach(() => {
  expect(server.pending).toEqual([]);
  vi.useRealTimers();
});

test('opening gives who we are', async () => {
  const opened = api.open('demo', 'R0', { department: 'sales' });
  const call = await server.next();
  expect([call.method, call.path]).toEqual(['POST', '/v1/sites/demo/conversations']);
  expect(call.body).toEqual({ request_id: 'R0', department: 'sales' });
  expect(call.token).toBeNull();
  call.reply(201, { ...who, cursor: '1.1' });
  expect(await opened).toEqual(who);
});

test('posting carries the token and exactly one body', async () => {
  const posted = api.post(who, 'R1', { message: { text: 'hi' } });
  const call = await server.next();
  expect([call.method, call.path]).toEqual(['POST', '/v1/conversations/01J/events']);
  expect(call.token).toBe('secret');
  expect(call.body).toEqual({ request_id: 'R1', message: { text: 'hi' } });
  call.reply(201, { request_id: 'R1', seq: 2, cursor: '1.2' });
  expect(await posted).toEqual({ kind: 'recorded', seq: 2 });
});

test.each([
  ['/v1/requests/R1', '/v1/requests/R1'],
  ['http://elsewhere/v1/requests/R1', '/v1/requests/R1'],
  ['http://evil/steal', '/v1/requests/R1'],
  ['//evil/v1/requests/R1', '/v1/requests/R1'],
])('a 202 is followed on our own origin: %s', async (location, path) => {
  const posted = api.post(who, 'R1', { message: { text: 'hi' } });
  (await server.next()).reply(202, {}, { Location: location });
  expect(await posted).toEqual({ kind: 'pending', location: path });
  const outcome = api.outcome(who, path, 25);
  const call = await server.next();
  expect(call.url.href).toBe('http://a/v1/requests/R1?wait=25');
  call.reply(200, { request_id: 'R1', status: 'recorded', seq: 4, cursor: '1.4' });
  expect(await outcome).toEqual({ kind: 'recorded', seq: 4 });
});

test('events come as a batch, or as nothing', async () => {
  const first = api.events(who, '1.3', 0);
  const call = await server.next();
  expect(call.path).toBe('/v1/conversations/01J/events?after=1.3');
  call.reply(200, { events: [event(4)], cursor: '1.4' });
  expect(await first).toEqual({ events: [event(4)], cursor: '1.4' });
  const second = api.events(who, '1.4', 25);
  const poll = await server.next();
  expect(poll.path).toBe('/v1/conversations/01J/events?after=1.4&wait=25');
  poll.reply(204);
  expect(await second).toBeNull();
});

test('a problem document becomes an error that says what it is', async () => {
  const refused = api.post(who, 'R1', { message: { text: 'hi' } }).catch((error) => error);
  (await server.next()).refuse(503, 'unavailable', { 'Retry-After': '7' });
  const error = (await refused) as ApiError;
  expect(error).toBeInstanceOf(ApiError);
  expect([error.status, error.code, error.retryAfterMs]).toEqual([503, 'unavailable', 7000]);
  expect([error.isTemporary, error.isGone]).toEqual([true, false]);
});

test('a proxy’s own error page is an error too', async () => {
  const refused = api.events(who, '0', 0).catch((error) => error);
  (await server.next()).raw(new Response('<h1>Bad Gateway</h1>', { status: 502 }));
  const error = (await refused) as ApiError;
  expect([error.status, error.code, error.isTemporary]).toEqual([502, 'internal', true]);
});

test.each([
  [401, 'unauthorized', true],
  [403, 'forbidden', true],
  [404, 'not_found', true],
  [404, 'internal', false],
  [409, 'closed', false],
])('%i %s: gone is %s', (status, code, gone) => {
  expect(new ApiError(status, code, '', 0).isGone).toBe(gone);
});

test('a server that fails makes place for the next, one that refuses does not', async () => {
  const calls: [(call: Awaited<ReturnType<FakeServer['next']>>) => void, string][] = [
    [(call) => call.refuse(400, 'malformed'), 'http://a'],
    [(call) => call.fail(), 'http://b'],
    [(call) => call.refuse(503, 'unavailable'), 'http://a'],
  ];
  for (const [answer, next] of calls) {
    const refused = api.events(who, '0', 0).catch(() => undefined);
    answer(await server.next());
    await refused;
    expect(api.origins.current).toBe(next);
  }
});

test('an answer that never comes is given up', async () => {
  const lost = api.events(who, '0', 0).catch((error) => error);
  const call = await server.next();
  await vi.advanceTimersByTimeAsync(13_000);
  expect(await lost).toBeInstanceOf(NetworkError);
  expect(call.isAborted).toBe(true);
  expect(api.origins.current).toBe('http://b');
});

test('what we abort ourselves is no fault of the server', async () => {
  const controller = new AbortController();
  const poll = api.events(who, '0', 25, controller.signal).catch((error) => error);
  await server.next();
  controller.abort();
  expect(await poll).toBeInstanceOf(NetworkError);
  expect(api.origins.current).toBe('http://a');
});

test.each([['not json'], ['[]'], ['null'], ['{"events":{}}'], ['{"events":[]}']])(
  'an answer of another shape is a network error: %s',
  async (text) => {
    const refused = api.events(who, '0', 0).catch((error) => error);
    (await server.next()).raw(new Response(text, { status: 200 }));
    expect(await refused).toBeInstanceOf(NetworkError);
  },
);
