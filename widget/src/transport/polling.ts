import { ApiError } from '../api';
import { Backoff, sleep } from '../session/backoff';
import type { End, Transport, TransportContext, TransportKind } from './transport';

export interface PollingOptions {
  kind: TransportKind;
  /** Seconds that the server may hold a poll; 0: it answers at once. */
  waitS: number;
}

const kFewestMs = 1000; // between two polls that brought nothing
const kDefaultMs = 3000;
const kMostMs = 30_000;

/** The loop behind long and short polling. */
export class Polling implements Transport {
  readonly kind: TransportKind;
  private readonly stopped = new AbortController();
  private readonly idle = new Backoff({ baseMs: kFewestMs, capMs: 10_000 });

  constructor(
    private readonly context: TransportContext,
    private readonly options: PollingOptions,
  ) {
    this.kind = options.kind;
    void this.run();
  }

  typing(): void {
    // Not recorded, so there is no call for it.
  }

  close(): void {
    this.stopped.abort();
  }

  private async run(): Promise<void> {
    const { handlers } = this.context;
    const { signal } = this.stopped;
    try {
      await this.poll(0);
      if (signal.aborted) return;
      handlers.opened();
      while (!signal.aborted) await this.pollOrCheck(this.options.waitS);
    } catch (error) {
      if (signal.aborted) return;
      this.close();
      handlers.ended(endOf(error));
    }
  }

  /** Proxies cut long polls off. Only when the server does not answer at once either, it is lost. */
  private async pollOrCheck(waitS: number): Promise<void> {
    try {
      await this.poll(waitS);
    } catch (error) {
      if (waitS === 0 || this.stopped.signal.aborted) throw error;
      if (error instanceof ApiError && !error.isTemporary) throw error;
      await this.poll(0);
    }
  }

  private async poll(waitS: number): Promise<void> {
    const { api, identity, after, handlers } = this.context;
    const { signal } = this.stopped;
    const began = Date.now();
    const before = after();
    const batch = await api.events(identity, before, waitS, signal);
    if (signal.aborted) return;
    if (batch) handlers.batch(batch);
    if (after() !== before) {
      this.idle.reset();
      if (waitS > 0 || this.options.waitS > 0) return;
    }
    await this.pause(waitS, Date.now() - began, batch?.poll_after_ms);
  }

  /** A server that holds polls paces us by itself; one that answers at once must not be hammered. */
  private async pause(waitS: number, tookMs: number, advisedMs?: number): Promise<void> {
    const { signal } = this.stopped;
    if (this.options.waitS === 0) {
      const ms = Math.min(Math.max(advisedMs ?? kDefaultMs, kFewestMs), kMostMs);
      await sleep(ms * (0.9 + 0.2 * Math.random()), signal);
    } else if (waitS > 0 && tookMs < kFewestMs) {
      await sleep(this.idle.next(100), signal);
    }
  }
}

export function endOf(error: unknown): End {
  if (!(error instanceof ApiError)) return { kind: 'lost', retryAfterMs: 0 };
  if (error.isGone) return { kind: 'expired' };
  return { kind: 'lost', retryAfterMs: error.retryAfterMs };
}
