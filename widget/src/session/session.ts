import { ApiError, NetworkError, type Api, type Lang, type OpenRequest } from '../api';
import type { Batch, ChatEvent, Identity, Live } from '../protocol';
import { Link, type LinkState } from '../transport/link';
import type { TransportFactory, TransportKind } from '../transport/transport';
import { Backoff, sleep } from './backoff';
import { Conversation } from './conversation';
import { Courier } from './courier';
import type { Lock } from './lock';
import { Outbox, type Draft } from './outbox';
import { Reading } from './reading';
import type { SiteStorage } from './storage';
import { fetchTranscript } from './transcript';
import { eventKey, summarise, type Item, type Notice, type Summary, type View } from './view';

export interface SessionOptions {
  site: string;
  api: Api;
  storage: SiteStorage;
  lock: Lock;
  transports: Record<TransportKind, TransportFactory>;
  /** What to tell of the visitor when a conversation is opened. */
  introduction: () => OpenRequest;
}

export interface SessionListener {
  /** Something of view() may have changed. */
  changed(): void;
  /** A message from the other side that is news to this visitor. */
  message(event: ChatEvent): void;
}

const kTypingShownMs = 6000;
const kTypingEveryMs = 3000;
const kEchoMs = 3000; // a recorded draft's event should have come over the link by then

/** The visitor's side of one site's chat: its conversation, what is unsent, and the connection. */
export class Session {
  private readonly link: Link;
  private readonly outbox: Outbox;
  private readonly reading: Reading;
  private identity: Identity | null = null;
  private conversation = new Conversation();
  private summary: Summary = summarise([]);
  /** What stands above the conversation: an earlier one that expired, and notices. */
  private past: Item[] = [];
  /** Recorded, but not yet come back as an event. */
  private recorded: { draft: Draft; seq: number }[] = [];
  private gap = false;
  private isCatchingUp = false;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private agentTypes = false;
  private typedAt = 0;
  private heardAt = 0;

  constructor(
    private readonly options: SessionOptions,
    private readonly listener: SessionListener,
  ) {
    const { api, storage, site, lock, transports } = options;
    this.link = new Link(api, transports, {
      batch: (batch) => this.batch(batch),
      live: (live) => this.live(live),
      state: (state) => this.linkChanged(state),
      expired: (identity) => this.expired(identity),
    });
    const courier = new Courier(api, storage, site, options.introduction, {
      opened: (identity) => this.adopt(identity),
      gone: (identity) => this.expired(identity),
    });
    this.outbox = new Outbox(storage, lock, {
      deliver: (draft) => courier.deliver(draft),
      recorded: (draft, seq) => this.draftRecorded(draft, seq),
      changed: () => listener.changed(),
    });
    this.reading = new Reading(
      () => ({ events: this.conversation.events, readSeq: this.summary.readByVisitor }),
      (seq) => {
        if (this.identity) this.outbox.add({ read: { seq } }, this.identity.conversation);
      },
    );
  }

  /** Takes up what storage holds of an earlier page. */
  start(): void {
    this.adopt(this.options.storage.identity());
    this.outbox.kick();
  }

  send(text: string): void {
    this.typedAt = 0;
    this.link.typing(false);
    this.outbox.add({ message: { text } }, this.identity?.conversation ?? null);
  }

  rate(score: number, comment: string): void {
    if (!this.identity) return;
    const rating = comment ? { score, comment } : { score };
    this.outbox.add({ rating }, this.identity.conversation);
  }

  /** The visitor ends the conversation. */
  end(): void {
    if (this.identity) this.outbox.add({ close: { reason: '' } }, this.identity.conversation);
  }

  retry(requestId: string): void {
    this.outbox.retry(requestId);
  }

  discard(requestId: string): void {
    this.outbox.remove(requestId);
  }

  /** The conversation as a page to keep; see fetchTranscript(). */
  transcript(lang: Lang): Promise<Blob> {
    if (!this.identity) return Promise.reject(new NetworkError('there is no conversation'));
    return fetchTranscript(this.options.api, this.identity, lang);
  }

  /** Leaves the conversation behind; the next message opens another. Unsent messages stay. */
  startNew(): void {
    this.past = [];
    this.options.storage.setIdentity(null);
    this.adopt(null);
  }

  /** Whether the visitor has the chat before their eyes. */
  setAttentive(attentive: boolean): void {
    this.reading.setAttentive(attentive);
    this.connectIfWanted();
    this.listener.changed();
  }

  /** The visitor has touched the text. Told to the agent at most every few seconds. */
  typing(): void {
    const now = Date.now();
    if (now - this.typedAt < kTypingEveryMs || this.summary.closed) return;
    this.typedAt = now;
    this.link.typing(true);
  }

  /** The network is back, or the machine was asleep: whatever is open may be dead. */
  networkChanged(): void {
    this.link.restart();
    this.outbox.kick();
  }

  /** After that much silence on a stream, asks once over HTTP whether it is true. */
  async probe(silentMs = 0): Promise<void> {
    const identity = this.identity;
    if (!identity || this.link.state !== 'online' || !this.isStreaming()) return;
    if (Date.now() - this.heardAt < silentMs) return;
    this.heardAt = Date.now();
    try {
      const batch = await this.options.api.events(identity, this.conversation.cursor, 0);
      if (identity !== this.identity || !batch) return;
      // The stream has kept something from us: it is dead and does not know it.
      if (this.apply(batch).added.length > 0) this.link.restart();
    } catch (error) {
      if (identity !== this.identity) return;
      if (error instanceof ApiError && error.isGone) this.expired(identity);
      else this.link.restart();
    }
  }

  /** Another tab has written `name` in the site's storage. */
  storageChanged(name: string): void {
    if (name === 'outbox') {
      this.outbox.reload();
      this.outbox.kick();
      this.listener.changed();
    } else if (name === 'identity') {
      const identity = this.options.storage.identity();
      if (identity?.conversation === this.identity?.conversation) return;
      this.past = [];
      this.adopt(identity);
    }
  }

  view(): View {
    const { agent, closed, rated } = this.summary;
    return {
      link: this.link.state,
      transport: this.link.kind,
      exists: this.identity !== null,
      items: [...this.past, ...this.eventItems(), ...this.draftItems()],
      agent,
      typing: this.agentTypes && !closed,
      closed,
      rated: rated ?? this.ratingUnderWay(),
      gap: this.gap,
      unread: this.reading.unread,
    };
  }

  private adopt(identity: Identity | null): void {
    this.identity = identity;
    this.conversation = new Conversation();
    this.summary = summarise([]);
    this.recorded = [];
    this.reading.reset();
    this.gap = false;
    this.agentTypes = false;
    this.outbox.dropOthers(identity?.conversation ?? null);
    this.link.stop();
    this.connectIfWanted();
    this.listener.changed();
  }

  /**
   * A closed conversation that nobody looks at needs no connection, unless something was recorded
   * in it that has not come back yet: a message reopens it.
   */
  private connectIfWanted(): void {
    const isOver = this.summary.closed && this.recorded.length === 0;
    const wanted = this.identity !== null && (this.reading.isAttentive || !isOver);
    if (!wanted) this.link.stop();
    else if (this.link.state === 'idle') {
      this.link.start(this.identity!, () => this.conversation.cursor);
    }
  }

  private linkChanged(state: LinkState): void {
    if (state !== 'online') this.agentTypes = false;
    else this.outbox.kick();
    this.listener.changed();
  }

  private batch(batch: Batch): void {
    this.heardAt = Date.now();
    const applied = this.apply(batch);
    if (applied.incomplete && this.isStreaming()) void this.catchUp();
  }

  private apply(batch: Batch): { added: ChatEvent[]; incomplete: boolean } {
    const applied = this.conversation.apply(batch);
    if (applied.reset) this.startOver('reset');
    this.gap = applied.incomplete;
    if (applied.added.length > 0) this.grew(applied.added);
    this.listener.changed();
    return applied;
  }

  private startOver(notice: Notice): void {
    this.past = [{ kind: 'notice', key: `notice-${Date.now()}`, notice }];
    this.recorded = [];
    this.reading.reset();
  }

  private grew(added: ChatEvent[]): void {
    this.summary = summarise(this.conversation.events);
    for (const event of added) {
      if (event.request_id) this.outbox.remove(event.request_id);
      if (event.type === 'message' && event.from.kind !== 'visitor') this.agentTypes = false;
    }
    this.recorded = this.recorded.filter(({ seq }) => seq > this.conversation.seq);
    for (const event of added) if (this.reading.isNews(event)) this.listener.message(event);
    this.reading.changed();
    if (this.summary.closed) this.connectIfWanted();
  }

  private live(live: Live): void {
    if (live.from?.kind !== 'agent' || !live.typing) return;
    clearTimeout(this.typingTimer);
    this.agentTypes = live.typing.active;
    this.typingTimer = setTimeout(() => {
      this.agentTypes = false;
      this.listener.changed();
    }, kTypingShownMs);
    this.listener.changed();
  }

  /** Fills a hole that a stream has left, over HTTP, until it is filled. */
  private async catchUp(): Promise<void> {
    if (this.isCatchingUp) return;
    this.isCatchingUp = true;
    const { identity } = this;
    const backoff = new Backoff({ baseMs: 1000, capMs: 15_000 });
    while (this.gap && identity && identity === this.identity && this.link.state !== 'idle') {
      try {
        const batch = await this.options.api.events(identity, this.conversation.cursor, 0);
        if (identity === this.identity && batch) this.apply(batch);
      } catch {
        // The link finds out for itself what has become of the server.
      }
      if (this.gap) await sleep(backoff.next(200));
    }
    this.isCatchingUp = false;
  }

  private draftRecorded(draft: Draft, seq: number): void {
    if (seq <= this.conversation.seq) return;
    this.recorded.push({ draft, seq });
    this.connectIfWanted();
    const { identity } = this;
    setTimeout(() => {
      if (identity === this.identity && this.conversation.seq < seq) void this.probe();
    }, kEchoMs);
  }

  private expired(identity: Identity): void {
    const { storage } = this.options;
    if (storage.identity()?.token === identity.token) storage.setIdentity(null);
    if (this.identity?.token !== identity.token) return;
    const earlier = this.eventItems().map((item) => ({
      ...item,
      key: `${identity.conversation}-${item.key}`,
    }));
    const notice: Item = { kind: 'notice', key: `notice-${Date.now()}`, notice: 'expired' };
    this.past = [...this.past, ...earlier, notice];
    this.adopt(storage.identity());
  }

  private isStreaming(): boolean {
    return this.link.kind === 'websocket' || this.link.kind === 'sse';
  }

  private ratingUnderWay(): number | null {
    const drafts = [...this.outbox.drafts, ...this.recorded.map(({ draft }) => draft)];
    for (const { body, failed, conversation } of drafts) {
      if (conversation !== this.identity?.conversation || failed) continue;
      if ('rating' in body) return body.rating.score;
    }
    return null;
  }

  private eventItems(): Extract<Item, { kind: 'event' }>[] {
    return this.conversation.events.map((event) => ({
      kind: 'event',
      key: eventKey(event),
      event,
      seen: event.seq <= this.summary.readByAgent,
    }));
  }

  private draftItems(): Item[] {
    const item = (draft: Draft, state: 'waiting' | 'recorded' | 'failed'): Item => ({
      kind: 'draft',
      key: draft.request_id,
      draft,
      state,
    });
    return [
      ...this.recorded.map(({ draft }) => item(draft, 'recorded')),
      ...this.outbox.drafts.map((draft) => item(draft, draft.failed ? 'failed' : 'waiting')),
    ].filter((line) => line.kind !== 'draft' || isShown(line.draft));
  }
}

/** Messages always; of the rest only what could not be done. */
function isShown(draft: Draft): boolean {
  return 'message' in draft.body || (draft.failed !== undefined && !('read' in draft.body));
}
