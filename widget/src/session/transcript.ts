import { ApiError, kMaxRetryAfterMs, NetworkError, type Api, type Lang } from '../api';
import type { Identity } from '../protocol';
import { Backoff, sleep } from './backoff';
import { ulid } from './ulid';

const kTries = 3;
const kOutcomeCalls = 3;
const kOutcomeWaitS = 20;

/**
 * The conversation as a page in that language. Tries again, with the same request, where that may
 * help. Rejects with ApiError or NetworkError.
 */
export async function fetchTranscript(api: Api, who: Identity, lang: Lang): Promise<Blob> {
  const requestId = ulid();
  const backoff = new Backoff({ baseMs: 500, capMs: 5000 });
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(api, who, requestId, lang);
    } catch (error) {
      const isFinal = error instanceof ApiError && !error.isTemporary;
      if (isFinal || tries === kTries) throw error;
      await sleep(backoff.next(error instanceof ApiError ? error.retryAfterMs : 0));
    }
  }
}

async function attempt(api: Api, who: Identity, requestId: string, lang: Lang): Promise<Blob> {
  const location = await api.requestTranscript(who, requestId, lang);
  for (let call = 0; call < kOutcomeCalls; call++) {
    const outcome = await api.outcome(who, location, kOutcomeWaitS);
    if (outcome.kind === 'done') return api.result(who, outcome.result);
    if (outcome.kind === 'failed') {
      const { status, code, detail, retry_after_ms } = outcome.problem;
      const waitMs = Math.min(retry_after_ms ?? 0, kMaxRetryAfterMs);
      throw new ApiError(status ?? 500, code ?? 'internal', detail ?? '', waitMs);
    }
  }
  throw new NetworkError('the transcript did not become ready in time');
}
