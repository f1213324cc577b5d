import { expect, test, vi } from 'vitest';
import { Backoff, sleep } from '../../src/session/backoff';
import { meaningOfClose } from '../../src/session/close_codes';
import { isUlid, ulid } from '../../src/session/ulid';
import { Origins, parseOrigins } from '../../src/origins';

test('a ULID is 26 digits that sort by time', () => {
  expect(ulid(0, (count) => new Uint8Array(count))).toBe('0'.repeat(26));
  expect(ulid(0, (count) => new Uint8Array(count).fill(255))).toBe('0'.repeat(10) + 'Z'.repeat(16));
  expect(ulid(1469918176385).slice(0, 10)).toBe('01ARYZ6S41');
  expect(ulid(1469922850259).slice(0, 10)).toBe('01ARZ3NDEK');
  expect(ulid(1000) < ulid(1001)).toBe(true);
  const many = new Set(Array.from({ length: 10_000 }, () => ulid(5)));
  expect(many.size).toBe(10_000);
  for (const id of many) expect(isUlid(id)).toBe(true);
  for (const bad of ['', 'I'.repeat(26), '0'.repeat(25), 'Z'.repeat(26), 7]) {
    expect(isUlid(bad)).toBe(false);
  }
});

test('the backoff stays between nothing and a ceiling that doubles up to the cap', () => {
  const ceilings = [100, 200, 400, 800, 1000, 1000, 1000];
  const most = new Backoff({ baseMs: 100, capMs: 1000, random: () => 1 });
  expect(ceilings.map(() => most.next())).toEqual(ceilings);
  const least = new Backoff({ baseMs: 100, capMs: 1000, random: () => 0 });
  expect(ceilings.map(() => least.next())).toEqual(ceilings.map(() => 0));
  const any = new Backoff({ baseMs: 100, capMs: 1000 });
  for (const ceiling of ceilings) {
    const wait = any.next();
    expect(wait).toBeGreaterThanOrEqual(0);
    expect(wait).toBeLessThanOrEqual(ceiling);
  }
});

test('the backoff adds its jitter to what the server asked for, and can begin again', () => {
  const backoff = new Backoff({ baseMs: 100, capMs: 1000, random: () => 0.5 });
  expect(backoff.next(3000)).toBe(3050);
  expect(backoff.next()).toBe(100);
  backoff.reset();
  expect(backoff.next()).toBe(50);
});

test('a sleep ends with its time or with its signal', async () => {
  vi.useFakeTimers();
  const controller = new AbortController();
  const ended: string[] = [];
  void sleep(1000).then(() => ended.push('time'));
  void sleep(5000, controller.signal).then(() => ended.push('signal'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(ended).toEqual(['time']);
  controller.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toEqual(['time', 'signal']);
  expect(vi.getTimerCount()).toBe(0);
  await sleep(5000, controller.signal);
  vi.useRealTimers();
});

test('each close code says when to come back', () => {
  expect(meaningOfClose(1001)).toEqual({ kind: 'again', withinMs: 2000, elsewhere: true });
  expect(meaningOfClose(4001)).toEqual({ kind: 'expired' });
  expect(meaningOfClose(4002)).toEqual({ kind: 'again', withinMs: 0, elsewhere: false });
  expect(meaningOfClose(4003)).toEqual({ kind: 'again', withinMs: 0, elsewhere: false });
  expect(meaningOfClose(4004)).toEqual({ kind: 'again', withinMs: 5000, elsewhere: true });
  for (const code of [1000, 1005, 1006, 1008, 1009, 1011, 4999]) {
    expect(meaningOfClose(code)).toEqual({ kind: 'lost' });
  }
});

test('origins are tried in turn, and one failure moves on once', () => {
  const origins = new Origins(['http://a', 'http://b', 'http://c']);
  origins.failed('http://a');
  origins.failed('http://a'); // a second request that was under way
  expect(origins.current).toBe('http://b');
  origins.failed('http://b');
  origins.failed('http://c');
  expect(origins.current).toBe('http://a');
});

test('a list of origins holds http and https addresses only', () => {
  expect(parseOrigins('https://a.example, http://b.example:81/chat/ ,')).toEqual([
    'https://a.example',
    'http://b.example:81/chat',
  ]);
  expect(parseOrigins('javascript:alert(1),ftp://x,nonsense,')).toEqual([]);
});
