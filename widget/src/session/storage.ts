import type { Identity } from '../protocol';
import { isUlid, ulid } from './ulid';

/** The part of the Web Storage API that is used; a test or a page without storage brings its own. */
export interface KeyValue {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Forgets everything at the end of the page: for browsers that deny storage. */
export class MemoryStorage implements KeyValue {
  private readonly values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
  removeItem(key: string): void {
    this.values.delete(key);
  }
}

/** The browser's storage of that kind if it may be used, else one that lasts as long as the page. */
export function browserStorage(kind: 'localStorage' | 'sessionStorage'): KeyValue {
  try {
    const storage = window[kind];
    const probe = 'parlor.probe';
    storage.setItem(probe, '1');
    storage.removeItem(probe);
    return storage;
  } catch {
    return new MemoryStorage();
  }
}

/**
 * The widget's corner of a storage, one per site: JSON values under `parlor.{site}.{name}`. What
 * does not parse (another version's, or a page's own doing) reads as absent; a full storage loses
 * the write, and with it only what a reload would have needed.
 */
export class SiteStorage {
  constructor(
    private readonly storage: KeyValue,
    private readonly site: string,
  ) {}

  key(name: string): string {
    return `parlor.${this.site}.${name}`;
  }

  read(name: string): unknown {
    try {
      return JSON.parse(this.storage.getItem(this.key(name)) ?? 'null');
    } catch {
      return null;
    }
  }

  /** False if it was not kept. */
  write(name: string, value: unknown): boolean {
    try {
      if (value === null) this.storage.removeItem(this.key(name));
      else this.storage.setItem(this.key(name), JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  identity(): Identity | null {
    const value = this.read('identity') as Partial<Identity> | null;
    if (typeof value?.conversation !== 'string' || typeof value.token !== 'string') return null;
    return { conversation: value.conversation, token: value.token };
  }

  /** Ends an opening under way: it has led to this identity, or its outcome is not wanted any more. */
  setIdentity(identity: Identity | null): void {
    this.write('identity', identity);
    this.endOpening();
  }

  /**
   * The request_id of the conversation that is being opened; made here if none is. It stays until
   * there is an identity, so an opening whose answer was lost is asked for again, not made twice.
   * As good as a token to whoever knows it, so it is no draft's, which agents see.
   */
  opening(): string {
    const kept = this.read('opening');
    if (isUlid(kept)) return kept;
    const made = ulid();
    this.write('opening', made);
    return made;
  }

  endOpening(): void {
    this.write('opening', null);
  }
}
