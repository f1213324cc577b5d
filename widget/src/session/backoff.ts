// Full jitter: after the n-th failure wait anything between nothing and min(cap, base * 2^n). A crowd
// of browsers that lost the same server comes back spread out, not in step.

export interface BackoffOptions {
  baseMs: number;
  capMs: number;
  random?: () => number;
}

export class Backoff {
  private failures = 0;
  private readonly random: () => number;

  constructor(private readonly options: BackoffOptions) {
    this.random = options.random ?? Math.random;
  }

  /** The wait after one more failure. `atLeastMs`: what the server asked for (Retry-After). */
  next(atLeastMs = 0): number {
    const ceiling = Math.min(this.options.capMs, this.options.baseMs * 2 ** this.failures);
    if (ceiling < this.options.capMs) this.failures++;
    return atLeastMs + this.random() * ceiling;
  }

  reset(): void {
    this.failures = 0;
  }
}

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
