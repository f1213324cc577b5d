import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api, ApiError, NetworkError } from '../../src/api';
import { Origins } from '../../src/origins';
import { fetchTranscript } from '../../src/session/transcript';
import { FakeServer } from '../support/fake_server';

const who = { conversation: '01J00000000000000000000001', token: 'secret' };
let server: FakeServer;

function begin(): Promise<Blob> {
  return fetchTranscript(new Api(new Origins(['http://a', 'http://b']), server.fetch), who, 'zh');
}

beforeEach(() => {
  server = new FakeServer();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('asks, waits until it is done, and fetches it', async () => {
  const file = begin();
  const asked = await server.next();
  expect(asked.path).toBe(`/v1/conversations/${who.conversation}/transcript`);
  expect([asked.method, asked.token]).toEqual(['POST', 'secret']);
  const { request_id, ...rest } = asked.body as { request_id: string };
  expect(rest).toEqual({ format: 'html', lang: 'zh' });
  const location = `/v1/requests/${request_id}`;
  asked.reply(202, { request_id, status: 'pending' }, { Location: location });
  const first = await server.next();
  expect(first.path).toBe(`${location}?wait=20`);
  first.reply(200, { request_id, status: 'pending' });
  const result = `${location}/result`;
  (await server.next()).reply(200, { request_id, status: 'done', result });
  const fetched = await server.next();
  expect([fetched.path, fetched.token]).toEqual([result, 'secret']);
  fetched.raw(new Response('<p>hello</p>', { status: 200 }));
  expect(await (await file).text()).toBe('<p>hello</p>');
});

test('asks another server with the same request where one does not answer', async () => {
  const file = begin();
  const lost = await server.next();
  lost.fail();
  await vi.advanceTimersByTimeAsync(1000);
  const again = await server.next();
  expect(again.url.origin).toBe('http://b');
  expect(again.body).toEqual(lost.body);
  again.refuse(500, 'internal');
  await vi.advanceTimersByTimeAsync(2000);
  (await server.next()).fail();
  await expect(file).rejects.toThrow(NetworkError);
  expect(server.pending).toEqual([]);
});

test('says why there is none, without trying again', async () => {
  const refused = begin();
  (await server.next()).refuse(403, 'forbidden');
  await expect(refused).rejects.toMatchObject({ code: 'forbidden' });

  const failed = begin();
  (await server.next()).reply(202, {});
  const problem = { status: 413, code: 'too_large' };
  (await server.next()).reply(200, { status: 'failed', problem });
  await expect(failed).rejects.toThrow(ApiError);
  await expect(failed).rejects.toMatchObject({ code: 'too_large' });
  expect(server.pending).toEqual([]);
});

test('comes back when it was told to', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const file = begin();
  (await server.next()).refuse(429, 'rate_limited', { 'Retry-After': '5' });
  await vi.advanceTimersByTimeAsync(4900);
  expect(server.pending).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(server.pending).toHaveLength(1);
  (await server.next()).refuse(403, 'forbidden');
  await expect(file).rejects.toThrow(ApiError);
  vi.restoreAllMocks();
});
