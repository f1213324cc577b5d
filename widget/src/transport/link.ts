import type { Api } from '../api';
import type { Batch, Identity, Live } from '../protocol';
import { Backoff } from '../session/backoff';
import { kSteadyMs, Picker } from './picker';
import type { End, Transport, TransportFactory, TransportKind } from './transport';

export type LinkState =
  /** Not wanted. */
  | 'idle'
  | 'connecting'
  /** The server answers: silence means no news. */
  | 'online'
  /** Was connected, or failed to; trying again. */
  | 'lost';

export interface LinkListener {
  batch(batch: Batch): void;
  live(live: Live): void;
  state(state: LinkState): void;
  /** The identity is void. The link has stopped. */
  expired(identity: Identity): void;
}

interface Attempt {
  transport: Transport;
  openedAt: number | null;
}

/**
 * Keeps one conversation connected over whichever transport works, until it is stopped. While a
 * humbler transport serves, the best one is tried beside it and takes over once it has opened: the
 * cursor makes the overlap harmless.
 */
export class Link {
  private readonly backoff = new Backoff({ baseMs: 400, capMs: 15_000 });
  private picker = new Picker();
  private subject: { identity: Identity; after: () => string } | null = null;
  private main: Attempt | null = null;
  private trial: Attempt | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private trialTimer: ReturnType<typeof setTimeout> | undefined;
  private current: LinkState = 'idle';

  constructor(
    private readonly api: Api,
    private readonly factories: Record<TransportKind, TransportFactory>,
    private readonly listener: LinkListener,
  ) {}

  get state(): LinkState {
    return this.current;
  }

  /** The transport in use, null while there is none. */
  get kind(): TransportKind | null {
    return this.main?.openedAt ? this.main.transport.kind : null;
  }

  /** Follows another conversation from now on. `after` gives the cursor whenever it is asked. */
  start(identity: Identity, after: () => string): void {
    this.stop();
    this.subject = { identity, after };
    this.become('connecting');
    this.connect();
  }

  stop(): void {
    this.subject = null;
    this.drop();
    this.become('idle');
  }

  /** Connects anew, at once: after sleep, or when there is reason to believe that it is dead. */
  restart(): void {
    if (!this.subject) return;
    const wasOnline = this.current === 'online';
    this.drop();
    this.backoff.reset();
    if (wasOnline) this.become('lost');
    this.connect();
  }

  typing(active: boolean): void {
    this.main?.transport.typing(active);
  }

  private drop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.trialTimer);
    this.main?.transport.close();
    this.trial?.transport.close();
    this.main = this.trial = null;
  }

  private connect(): void {
    this.main = this.attempt(this.picker.current, {
      opened: () => this.opened(),
      ended: (end) => this.ended(end),
    });
  }

  private attempt(
    kind: TransportKind,
    on: { opened: () => void; ended: (end: End) => void },
  ): Attempt {
    const { batch, live } = this.listener;
    const handlers = { batch: batch.bind(this.listener), live: live.bind(this.listener), ...on };
    const transport = this.factories[kind]({ api: this.api, ...this.subject!, handlers });
    return { transport, openedAt: null };
  }

  private opened(): void {
    this.main!.openedAt = Date.now();
    this.become('online');
    this.scheduleTrial();
  }

  private ended(end: End): void {
    const openedAt = this.main!.openedAt;
    const livedMs = openedAt === null ? null : Date.now() - openedAt;
    this.drop();
    if (end.kind === 'expired') return this.expire();
    this.become(
      this.current === 'connecting' && end.kind === 'unsupported' ? 'connecting' : 'lost',
    );
    if (livedMs !== null && livedMs >= kSteadyMs) this.backoff.reset();
    this.picker.ended(end, livedMs, this.api.origins.count);
    this.retryTimer = setTimeout(() => this.connect(), this.waitFor(end, livedMs));
  }

  private waitFor(end: End, livedMs: number | null): number {
    if (end.kind === 'unsupported') return 0;
    const isSteady = livedMs !== null && livedMs >= kSteadyMs;
    if (end.kind !== 'again') {
      return this.backoff.next(end.kind === 'lost' ? end.retryAfterMs : 0);
    }
    const asked = Math.random() * end.withinMs;
    return isSteady ? asked : Math.max(asked, this.backoff.next());
  }

  private expire(): void {
    const { identity } = this.subject!;
    this.stop();
    this.listener.expired(identity);
  }

  private scheduleTrial(): void {
    const wait = this.picker.nextTrialMs();
    if (wait === null) return;
    // Spread out: a proxy that comes back must not be met by everybody in the same second.
    this.trialTimer = setTimeout(() => this.tryBest(), wait * (0.75 + Math.random() / 2));
  }

  private tryBest(): void {
    const kind = this.picker.best;
    const attempt = this.attempt(kind, {
      opened: () => this.promote(attempt),
      ended: (end) => (this.main === attempt ? this.ended(end) : this.trialEnded(kind, end)),
    });
    this.trial = attempt;
  }

  private trialEnded(kind: TransportKind, end: End): void {
    this.trial = null;
    if (end.kind === 'unsupported') this.picker.ban(kind);
    this.scheduleTrial();
  }

  private promote(attempt: Attempt): void {
    this.main?.transport.close();
    this.main = attempt;
    this.trial = null;
    this.picker.promoted();
    attempt.openedAt = Date.now();
    this.become('online');
  }

  private become(state: LinkState): void {
    if (state === this.current) return;
    this.current = state;
    this.listener.state(state);
  }
}
