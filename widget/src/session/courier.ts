import { ApiError, kMaxRetryAfterMs, type Api, type OpenRequest } from '../api';
import type { Identity, Problem } from '../protocol';
import type { Delivery, Draft } from './outbox';
import type { SiteStorage } from './storage';

const kOutcomeWaitS = 25;
const kOutcomeCalls = 2; // the gateway itself gives up after 30 s
const kTemporary = [
  'unavailable',
  'overloaded',
  'rate_limited',
  'deadline',
  'epoch_changed',
  'internal',
];

export interface CourierListener {
  opened(identity: Identity): void;
  gone(identity: Identity): void;
}

/**
 * One attempt to get a draft recorded: opens the conversation if there is none, posts, and follows a
 * 202 to its outcome. Runs under the outbox's lock, so two tabs never open two conversations.
 */
export class Courier {
  constructor(
    private readonly api: Api,
    private readonly storage: SiteStorage,
    private readonly site: string,
    private readonly introduction: () => OpenRequest,
    private readonly listener: CourierListener,
  ) {}

  async deliver(draft: Draft): Promise<Delivery> {
    let identity = this.storage.identity();
    const isMessage = 'message' in draft.body;
    if (!isMessage && draft.conversation !== identity?.conversation) {
      return { kind: 'refused', code: 'closed' }; // about a conversation that is not ours any more
    }
    try {
      identity ??= await this.open();
      return await this.post(identity, draft);
    } catch (error) {
      return this.afterError(error, identity);
    }
  }

  private async open(): Promise<Identity> {
    const requestId = this.storage.opening();
    const identity = await this.api.open(this.site, requestId, this.introduction());
    this.storage.setIdentity(identity);
    this.listener.opened(identity);
    return identity;
  }

  private async post(identity: Identity, draft: Draft): Promise<Delivery> {
    const posted = await this.api.post(identity, draft.request_id, draft.body);
    if (posted.kind === 'recorded') return posted;
    for (let call = 0; call < kOutcomeCalls; call++) {
      const outcome = await this.outcome(identity, posted.location);
      if (outcome) return outcome;
    }
    return { kind: 'later', retryAfterMs: 0 };
  }

  /** Null while it is pending. */
  private async outcome(identity: Identity, location: string): Promise<Delivery | null> {
    try {
      const outcome = await this.api.outcome(identity, location, kOutcomeWaitS);
      if (outcome.kind === 'recorded') return outcome;
      return outcome.kind === 'failed' ? afterProblem(outcome.problem) : null;
    } catch (error) {
      // Another replica may have answered, which knows nothing of it: posting again is harmless.
      if (error instanceof ApiError && error.status === 404)
        return { kind: 'later', retryAfterMs: 0 };
      throw error;
    }
  }

  private afterError(error: unknown, identity: Identity | null): Delivery {
    if (!(error instanceof ApiError)) return { kind: 'later', retryAfterMs: 0 };
    if (error.isTemporary) return { kind: 'later', retryAfterMs: error.retryAfterMs };
    if (identity && error.isGone) {
      this.listener.gone(identity);
      return { kind: 'gone' };
    }
    if (!identity) this.storage.endOpening();
    return { kind: 'refused', code: error.code };
  }
}

function afterProblem(problem: Problem): Delivery {
  const code = problem.code ?? 'internal';
  if (!kTemporary.includes(code)) return { kind: 'refused', code };
  return { kind: 'later', retryAfterMs: Math.min(problem.retry_after_ms ?? 0, kMaxRetryAfterMs) };
}
