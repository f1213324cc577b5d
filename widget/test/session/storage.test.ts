import { expect, test, vi } from 'vitest';
import { leaseLock } from '../../src/session/lock';
import { browserStorage, MemoryStorage, SiteStorage } from '../../src/session/storage';

test('sites keep apart, and what is written is read', () => {
  const shared = new MemoryStorage();
  const demo = new SiteStorage(shared, 'demo');
  const other = new SiteStorage(shared, 'other');
  demo.setIdentity({ conversation: 'c', token: 't' });
  expect(demo.identity()).toEqual({ conversation: 'c', token: 't' });
  expect(other.identity()).toBeNull();
  demo.setIdentity(null);
  expect(demo.identity()).toBeNull();
});

test('what does not parse, or has another shape, reads as absent', () => {
  const shared = new MemoryStorage();
  const storage = new SiteStorage(shared, 'demo');
  for (const text of ['{', '7', '"x"', '[]', '{"conversation":1,"token":"t"}', 'null']) {
    shared.setItem(storage.key('identity'), text);
    expect(storage.identity()).toBeNull();
  }
});

test('a full storage loses the write and says so', () => {
  const full = new MemoryStorage();
  vi.spyOn(full, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  expect(new SiteStorage(full, 'demo').write('outbox', [1])).toBe(false);
});

test('without the browser’s storage there is one as long as the page', () => {
  expect(browserStorage('localStorage')).toBeInstanceOf(MemoryStorage); // no window here
});

test('the lease lets one tab at a time work, and outlives a tab that died', async () => {
  vi.useFakeTimers();
  const storage = new SiteStorage(new MemoryStorage(), 'demo');
  const first = leaseLock(storage, 'first');
  const second = leaseLock(storage, 'second');
  const log: string[] = [];
  let release = () => {};
  const hold = new Promise<void>((resolve) => (release = resolve));
  const one = first(async () => {
    log.push('first in');
    await hold;
    log.push('first out');
  });
  const two = second(async () => void log.push('second in'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(log).toEqual(['first in']);
  release();
  await vi.advanceTimersByTimeAsync(1000);
  await Promise.all([one, two]);
  expect(log).toEqual(['first in', 'first out', 'second in']);

  storage.write('lock', { owner: 'a dead tab', until: Date.now() + 40_000 });
  const three = first(async () => void log.push('third'));
  await vi.advanceTimersByTimeAsync(39_000);
  expect(log).not.toContain('third');
  await vi.advanceTimersByTimeAsync(2000);
  await three;
  expect(log).toContain('third');
  vi.useRealTimers();
});

test('a lease that fails is given back', async () => {
  const storage = new SiteStorage(new MemoryStorage(), 'demo');
  const lock = leaseLock(storage, 'me');
  await expect(lock(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(storage.read('lock')).toBeNull();
  expect(await lock(() => Promise.resolve(7))).toBe(7);
});
