import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Lock } from '../../src/session/lock';
import { Outbox, type Delivery, type Draft } from '../../src/session/outbox';
import { MemoryStorage, SiteStorage } from '../../src/session/storage';

let storage: SiteStorage;
let lock: Lock;

/** An outbox whose deliveries the test decides, one by one. */
class Tab {
  readonly attempts: { draft: Draft; end: (delivery: Delivery) => void }[] = [];
  readonly recorded: [string, number][] = [];
  readonly outbox: Outbox;

  constructor(from: SiteStorage = storage) {
    this.outbox = new Outbox(from, lock, {
      deliver: (draft) => new Promise((end) => this.attempts.push({ draft, end })),
      recorded: (draft, seq) => this.recorded.push([draft.request_id, seq]),
      changed: () => {},
    });
  }

  say(text: string): Draft {
    return this.outbox.add({ message: { text } }, 'c');
  }

  /** Ends the attempt that is under way. */
  async ends(delivery: Delivery): Promise<Draft> {
    await vi.advanceTimersByTimeAsync(0);
    expect(this.attempts).toHaveLength(1); // never two in flight
    const { draft, end } = this.attempts.shift()!;
    end(delivery);
    await vi.advanceTimersByTimeAsync(0);
    return draft;
  }

  get texts(): string[] {
    return this.outbox.drafts.map(({ body }) => ('message' in body ? body.message.text : 'other'));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  storage = new SiteStorage(new MemoryStorage(), 'demo');
  let tail: Promise<unknown> = Promise.resolve();
  lock = <T>(task: () => Promise<T>) => {
    const turn = tail.then(task);
    tail = turn.catch(() => undefined);
    return turn;
  };
});
afterEach(() => vi.useRealTimers());

test('drafts are delivered in order, one at a time, and leave once recorded', async () => {
  const tab = new Tab();
  const one = tab.say('one');
  const two = tab.say('two');
  expect((await tab.ends({ kind: 'recorded', seq: 2 })).request_id).toBe(one.request_id);
  expect(tab.texts).toEqual(['two']);
  await tab.ends({ kind: 'recorded', seq: 3 });
  expect(tab.recorded).toEqual([
    [one.request_id, 2],
    [two.request_id, 3],
  ]);
  expect(tab.outbox.drafts).toEqual([]);
  expect(storage.read('outbox')).toBeNull();
});

test('what fails for now is retried with the same request_id, not before it is asked to', async () => {
  const tab = new Tab();
  const draft = tab.say('one');
  await tab.ends({ kind: 'later', retryAfterMs: 3000 });
  await vi.advanceTimersByTimeAsync(2999);
  expect(tab.attempts).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect((await tab.ends({ kind: 'recorded', seq: 2 })).request_id).toBe(draft.request_id);
});

test('it gives up visibly after two minutes, and goes on with the next', async () => {
  const tab = new Tab();
  tab.say('one');
  tab.say('two');
  const began = Date.now();
  for (let tries = 0; tries < 60 && !tab.outbox.drafts[0]!.failed; tries++) {
    await tab.ends({ kind: 'later', retryAfterMs: 0 });
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(tab.outbox.drafts[0]!.failed).toBe('unavailable');
  expect(Date.now() - began).toBeLessThan(160_000);
  await tab.ends({ kind: 'recorded', seq: 5 });
  expect(tab.texts).toEqual(['one']);
});

test('what is refused fails at once, and can be retried as the newest, or discarded', async () => {
  const tab = new Tab();
  const one = tab.say('one');
  await tab.ends({ kind: 'refused', code: 'too_large' });
  expect(tab.outbox.drafts[0]!.failed).toBe('too_large');
  tab.say('two');
  tab.outbox.retry(one.request_id);
  expect(tab.texts).toEqual(['two', 'one']);
  await tab.ends({ kind: 'refused', code: 'closed' });
  const again = await tab.ends({ kind: 'recorded', seq: 4 });
  expect(again.request_id).toBe(one.request_id);
  tab.outbox.remove(tab.outbox.drafts[0]!.request_id);
  expect(tab.outbox.drafts).toEqual([]);
});

test('it survives a reload, and the next page goes on with the same request_id', async () => {
  const before = new Tab();
  const draft = before.say('one');
  await vi.advanceTimersByTimeAsync(0);
  expect(before.attempts).toHaveLength(1); // and then the page is gone
  lock = (task) => task();
  const after = new Tab();
  expect(after.texts).toEqual(['one']);
  after.outbox.kick();
  expect((await after.ends({ kind: 'recorded', seq: 2 })).request_id).toBe(draft.request_id);
});

test('two tabs share one outbox and never deliver the same draft twice', async () => {
  const first = new Tab();
  const second = new Tab();
  first.say('one');
  second.say('two');
  first.outbox.reload();
  await vi.advanceTimersByTimeAsync(0);
  expect(first.attempts.length + second.attempts.length).toBe(1);
  await first.ends({ kind: 'recorded', seq: 2 });
  await vi.advanceTimersByTimeAsync(0);
  const third = second.attempts.length === 1 ? second : first;
  const draft = await third.ends({ kind: 'recorded', seq: 3 });
  expect(draft.body).toEqual({ message: { text: 'two' } });
  await vi.advanceTimersByTimeAsync(20_000);
  expect([...first.attempts, ...second.attempts]).toEqual([]);
});

test('an event that came back first takes its draft along', async () => {
  const tab = new Tab();
  const draft = tab.say('one');
  await vi.advanceTimersByTimeAsync(0);
  tab.outbox.remove(draft.request_id);
  await tab.ends({ kind: 'later', retryAfterMs: 0 });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(tab.attempts).toEqual([]);
});

test('only the newest reading position counts, and its failure is no news', async () => {
  const tab = new Tab();
  tab.say('one');
  tab.outbox.add({ read: { seq: 3 } }, 'c');
  tab.outbox.add({ read: { seq: 5 } }, 'c');
  await tab.ends({ kind: 'recorded', seq: 6 });
  const { body } = await tab.ends({ kind: 'refused', code: 'closed' });
  expect(body).toEqual({ read: { seq: 5 } });
  expect(tab.outbox.drafts).toEqual([]);
});

test('a conversation that is gone once gives a second chance, twice does not', async () => {
  const tab = new Tab();
  tab.say('one');
  await tab.ends({ kind: 'gone' });
  expect(tab.outbox.drafts[0]!.failed).toBeUndefined();
  await tab.ends({ kind: 'gone' });
  expect(tab.outbox.drafts[0]!.failed).toBe('not_found');
});

test('what was about another conversation is forgotten, messages are not', () => {
  const tab = new Tab();
  tab.say('one');
  tab.outbox.add({ rating: { score: 5 } }, 'c');
  tab.outbox.dropOthers('d');
  expect(tab.texts).toEqual(['one']);
});

test('with a full storage the drafts of this page still go out', async () => {
  const full = new MemoryStorage();
  vi.spyOn(full, 'setItem').mockImplementation(() => {
    throw new Error('full');
  });
  const tab = new Tab(new SiteStorage(full, 'demo'));
  tab.say('one');
  tab.say('two');
  await tab.ends({ kind: 'recorded', seq: 2 });
  await tab.ends({ kind: 'recorded', seq: 3 });
  expect(tab.outbox.drafts).toEqual([]);
});

test('garbage in storage is passed over', () => {
  storage.write('outbox', [null, 7, { request_id: 'x' }, { request_id: 1, body: {}, since: 0 }]);
  expect(new Tab().outbox.drafts).toEqual([]);
  storage.write('outbox', 'text');
  expect(new Tab().outbox.drafts).toEqual([]);
});
