import { kTransportKinds, type End, type TransportKind } from './transport';

export const kSteadyMs = 10_000; // one that lived so long works here
const kStrikes = 2;
const kFirstTrialMs = 5000;
const kTrialMs = 60_000;
const kMostMs = 600_000;

/**
 * Decides which transport to use. It begins with the best; one that cannot be opened, or dies twice
 * quickly, makes place for the next. When none is left the server itself is away, which says nothing
 * about any of them: it begins with the best again. Once a humbler one works, the best is tried
 * again from time to time, beside it.
 */
export class Picker {
  private readonly banned = new Set<TransportKind>();
  private kind: TransportKind;
  private strikes = 0;
  private trialMs = kFirstTrialMs;

  constructor(private readonly kinds: readonly TransportKind[] = kTransportKinds) {
    this.kind = this.best;
  }

  get current(): TransportKind {
    return this.kind;
  }

  get best(): TransportKind {
    return this.offered[0] ?? this.kinds[this.kinds.length - 1]!;
  }

  /**
   * The current one ended. `livedMs`: since it opened, null if it never did; `origins`: how many
   * addresses there are, each worth a try.
   */
  ended(end: End, livedMs: number | null, origins: number): void {
    if (end.kind === 'unsupported') {
      this.banned.add(this.kind);
      return this.descend();
    }
    if (livedMs !== null && livedMs >= kSteadyMs) {
      this.strikes = 0;
      if (this.kind === this.best) this.trialMs = kFirstTrialMs;
    } else if (livedMs !== null) {
      this.strikes += end.kind === 'again' && end.elsewhere ? 0 : 1;
    } else {
      this.strikes += kStrikes / Math.max(1, origins);
    }
    if (this.strikes >= kStrikes) this.descend();
  }

  /** How long after a humbler one opened the best is to be tried beside it; null: it is the best. */
  nextTrialMs(): number | null {
    if (this.kind === this.best) return null;
    const wait = this.trialMs;
    this.trialMs = Math.min(Math.max(kTrialMs, wait * 2), kMostMs);
    return wait;
  }

  /** The trial has opened: it is the current one from now on. */
  promoted(): void {
    this.kind = this.best;
    this.strikes = 0;
  }

  /** The server does not offer it: not tried again. */
  ban(kind: TransportKind): void {
    this.banned.add(kind);
  }

  private get offered(): TransportKind[] {
    return this.kinds.filter((kind) => !this.banned.has(kind));
  }

  private descend(): void {
    this.strikes = 0;
    const below = this.kinds.indexOf(this.kind) + 1;
    this.kind = this.offered.find((kind) => this.kinds.indexOf(kind) >= below) ?? this.best;
  }
}
