import type { DraftBody } from '../protocol';
import { Backoff, sleep } from './backoff';
import type { Lock } from './lock';
import type { SiteStorage } from './storage';
import { isUlid, ulid } from './ulid';

/** Something to be recorded. In storage from the moment it is made until it is confirmed. */
export interface Draft {
  request_id: string;
  body: DraftBody;
  /** The conversation it is about; null: the one that is to be opened for it. */
  conversation: string | null;
  /** Since when it is being tried, in ms of Unix time. */
  since: number;
  /** The problem's code, once we have given up. */
  failed?: string;
  /** Its conversation turned out to be gone once already. */
  moved?: boolean;
}

export type Delivery =
  | { kind: 'recorded'; seq: number }
  /** Not now; not before `retryAfterMs`. */
  | { kind: 'later'; retryAfterMs: number }
  /** Never, for the problem's code. */
  | { kind: 'refused'; code: string }
  /** The conversation is gone. */
  | { kind: 'gone' };

export interface OutboxListener {
  /** One attempt. Never rejects. Called by one tab at a time. */
  deliver(draft: Draft): Promise<Delivery>;
  recorded(draft: Draft, seq: number): void;
  changed(): void;
}

const kGiveUpMs = 120_000;
const kKey = 'outbox';

/**
 * What the visitor wants recorded, in order, one at a time over all tabs of the site. Each draft is
 * tried, always with the same request_id, until it is confirmed or has visibly failed; then the
 * visitor can retry or discard it. It survives a reload.
 */
export class Outbox {
  private list: Draft[] = [];
  private isSaved = true;
  private isRunning = false;
  private wake = new AbortController();
  private readonly backoff = new Backoff({ baseMs: 500, capMs: 15_000 });

  constructor(
    private readonly storage: SiteStorage,
    private readonly lock: Lock,
    private readonly listener: OutboxListener,
  ) {
    this.reload();
  }

  get drafts(): readonly Draft[] {
    return this.list;
  }

  add(body: DraftBody, conversation: string | null): Draft {
    this.reload();
    // Of all but messages only the newest counts: it says all that an older one did.
    const kept = this.list.filter(
      (other) => 'message' in body || kindOf(other.body) !== kindOf(body),
    );
    const draft = { request_id: ulid(), body, conversation, since: Date.now() };
    this.list = [...kept, draft];
    this.save();
    this.kick();
    return draft;
  }

  /** Tries a failed draft again, as the newest. */
  retry(requestId: string): void {
    this.reload();
    const draft = this.find(requestId);
    if (!draft) return;
    const { request_id, body, conversation } = draft;
    const again = { request_id, body, conversation, since: Date.now() };
    this.list = [...this.list.filter((other) => other !== draft), again];
    this.save();
    this.backoff.reset();
    this.kick();
  }

  remove(requestId: string): void {
    this.reload();
    if (!this.find(requestId)) return;
    this.list = this.list.filter((draft) => draft.request_id !== requestId);
    this.save();
  }

  /** Forgets what was about another conversation, except messages: those are to be said anyway. */
  dropOthers(conversation: string | null): void {
    this.reload();
    const kept = this.list.filter(
      (draft) => 'message' in draft.body || draft.conversation === conversation,
    );
    if (kept.length === this.list.length) return;
    this.list = kept;
    this.save();
  }

  /** Tries at once what is waiting for its next attempt: the network is back, another tab wrote. */
  kick(): void {
    this.wake.abort();
    this.wake = new AbortController();
    this.pump();
  }

  /** Another tab has changed the storage. */
  reload(): void {
    if (!this.isSaved) return; // storage is full: what we hold is all there is
    const value = this.storage.read(kKey);
    this.list = Array.isArray(value) ? value.filter(isDraft) : [];
  }

  private pump(): void {
    if (this.isRunning || !this.head()) return;
    this.isRunning = true;
    void this.run().finally(() => {
      this.isRunning = false;
      this.pump();
    });
  }

  private async run(): Promise<void> {
    while (this.head()) {
      // Never asleep while holding the lock: a hidden tab's timers are slow, and others would wait.
      const waitMs = await this.lock(() => this.deliverHead());
      if (waitMs > 0) await sleep(waitMs, this.wake.signal);
    }
  }

  /** How long to wait before the next attempt. */
  private async deliverHead(): Promise<number> {
    this.reload();
    const draft = this.head();
    if (!draft) return 0;
    const delivery = await this.listener.deliver(draft);
    this.reload();
    switch (delivery.kind) {
      case 'recorded':
        this.backoff.reset();
        this.listener.recorded(draft, delivery.seq);
        this.remove(draft.request_id);
        return 0;
      case 'refused':
        this.giveUp(draft, delivery.code);
        return 0;
      case 'gone':
        if (draft.moved) this.giveUp(draft, 'not_found');
        else this.replace(draft, { ...draft, moved: true });
        return 0;
      case 'later':
        if (Date.now() - draft.since > kGiveUpMs) this.giveUp(draft, 'unavailable');
        return this.backoff.next(delivery.retryAfterMs);
    }
  }

  /** A reading position is worth no words: the next one will do. */
  private giveUp(draft: Draft, code: string): void {
    if ('read' in draft.body) this.remove(draft.request_id);
    else this.replace(draft, { ...draft, failed: code });
  }

  private replace(draft: Draft, by: Draft): void {
    this.list = this.list.map((other) => (other.request_id === draft.request_id ? by : other));
    this.save();
  }

  private head(): Draft | undefined {
    return this.list.find((draft) => draft.failed === undefined);
  }

  private find(requestId: string): Draft | undefined {
    return this.list.find((draft) => draft.request_id === requestId);
  }

  private save(): void {
    this.isSaved = this.storage.write(kKey, this.list.length > 0 ? this.list : null);
    this.listener.changed();
  }
}

function kindOf(body: DraftBody): string | undefined {
  return Object.keys(body)[0];
}

function isDraft(value: unknown): value is Draft {
  const draft = value as Partial<Draft> | null;
  return (
    isUlid(draft?.request_id) &&
    typeof draft?.body === 'object' &&
    draft.body !== null &&
    typeof draft.since === 'number'
  );
}
