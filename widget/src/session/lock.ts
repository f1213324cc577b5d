import { sleep } from './backoff';
import type { SiteStorage } from './storage';
import { ulid } from './ulid';

/** Runs one task at a time over all tabs of a site. */
export type Lock = <T>(task: () => Promise<T>) => Promise<T>;

/** navigator.locks where it is (secure contexts), else a lease in storage. */
export function siteLock(site: string, storage: SiteStorage): Lock {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  if (!locks) return leaseLock(storage);
  // The types give the task's awaited value back, whatever it is.
  return <T>(task: () => Promise<T>) =>
    locks.request(`parlor.${site}.outbox`, task) as unknown as Promise<T>;
}

const kLeaseMs = 45_000; // longer than any one request may take
const kAskAgainMs = 150;

/**
 * A lease under the key `lock`. Storage has no compare-and-set, so two tabs can, rarely, hold it
 * together; repeating a request is harmless by its request_id, so nothing is recorded twice.
 */
export function leaseLock(storage: SiteStorage, me: string = ulid()): Lock {
  let tail: Promise<unknown> = Promise.resolve();

  const held = async <T>(task: () => Promise<T>): Promise<T> => {
    for (;;) {
      const lease = storage.read('lock') as { owner?: string; until?: number } | null;
      const now = Date.now();
      if (!lease || lease.owner === me || !(lease.until! > now && lease.until! <= now + kLeaseMs)) {
        storage.write('lock', { owner: me, until: now + kLeaseMs });
        break;
      }
      await sleep(kAskAgainMs * (0.5 + Math.random()));
    }
    try {
      return await task();
    } finally {
      storage.write('lock', null);
    }
  };

  return <T>(task: () => Promise<T>) => {
    const turn = tail.then(() => held(task));
    tail = turn.catch(() => undefined);
    return turn;
  };
}
