import { Origins } from './origins';
import type { Batch, DraftBody, Identity, Problem, VisitorInfo } from './protocol';

/** The server refused, and said why. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfterMs: number,
  ) {
    super(`${status} ${code}: ${detail}`);
  }

  /** The conversation cannot be used any more: by its token, or because nobody knows it. */
  get isGone(): boolean {
    return this.status === 401 || this.code === 'forbidden' || this.code === 'not_found';
  }

  /** The same request may succeed later. */
  get isTemporary(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** No answer, or none that a Parlor gateway would give. */
export class NetworkError extends Error {}

export type Posted =
  | { kind: 'recorded'; seq: number }
  /** No receipt yet: ask at `location`, a path. */
  | { kind: 'pending'; location: string };

export type Outcome =
  | { kind: 'recorded'; seq: number }
  | { kind: 'pending' }
  /** There is something to be fetched at `result`, a path. */
  | { kind: 'done'; result: string }
  | { kind: 'failed'; problem: Problem };

/** The languages of a transcript. */
export type Lang = 'en' | 'zh';

export interface OpenRequest {
  department?: string;
  visitor?: VisitorInfo;
}

interface Call {
  method?: string;
  token?: string;
  body?: unknown;
  accept?: string;
  /** How long the answer may take; null: for ever. */
  timeoutMs?: number | null;
  signal?: AbortSignal | undefined;
}

const kTimeoutMs = 12_000;
/** Longer than this no server makes us wait. */
export const kMaxRetryAfterMs = 60_000;
const kFileTimeoutMs = 60_000;

/**
 * The gateway's HTTP calls. Each rejects with ApiError or NetworkError; after a failure of the
 * server itself the next origin is used from then on. Aborting `signal` counts as a NetworkError.
 */
export class Api {
  constructor(
    readonly origins: Origins,
    private readonly fetchFn: typeof fetch = (...args) => fetch(...args),
  ) {}

  /** The same `requestId` gives the same conversation, however often and wherever it is asked. */
  async open(site: string, requestId: string, request: OpenRequest): Promise<Identity> {
    const path = `/v1/sites/${encodeURIComponent(site)}/conversations`;
    const body = { request_id: requestId, ...request };
    const answer = await this.call(path, { method: 'POST', body }, readJson);
    const { conversation, token } = answer as Partial<Identity>;
    if (typeof conversation !== 'string' || typeof token !== 'string') {
      throw new NetworkError('open: no conversation in the answer');
    }
    return { conversation, token };
  }

  post(who: Identity, requestId: string, body: DraftBody): Promise<Posted> {
    const call = { method: 'POST', token: who.token, body: { request_id: requestId, ...body } };
    return this.call(`${pathOf(who)}/events`, call, async (response) => {
      if (response.status === 202) {
        const location = requestPath(response.headers.get('Location'));
        return { kind: 'pending', location: location ?? `/v1/requests/${requestId}` };
      }
      const answer = (await readJson(response)) as { seq?: number };
      return { kind: 'recorded', seq: Number(answer.seq) };
    });
  }

  /** What became of a request; waits up to `waitS` for an outcome. */
  async outcome(who: Identity, location: string, waitS: number): Promise<Outcome> {
    const call = { token: who.token, timeoutMs: waitS * 1000 + kTimeoutMs };
    const answer = (await this.call(`${location}?wait=${waitS}`, call, readJson)) as {
      status?: string;
      seq?: number;
      result?: string;
      problem?: Problem;
    };
    if (answer.status === 'recorded') return { kind: 'recorded', seq: Number(answer.seq) };
    if (answer.status === 'failed') return { kind: 'failed', problem: answer.problem ?? {} };
    const result = requestPath(answer.result ?? null);
    if (answer.status === 'done' && result) return { kind: 'done', result };
    return { kind: 'pending' };
  }

  /** Asks for the conversation as a page. Gives the path at which to ask for the outcome. */
  requestTranscript(who: Identity, requestId: string, lang: Lang): Promise<string> {
    const body = { request_id: requestId, format: 'html', lang };
    const call = { method: 'POST', token: who.token, body };
    return this.call(`${pathOf(who)}/transcript`, call, async (response) => {
      return requestPath(response.headers.get('Location')) ?? `/v1/requests/${requestId}`;
    });
  }

  /** What a request has made. */
  result(who: Identity, path: string): Promise<Blob> {
    const call = { token: who.token, accept: '*/*', timeoutMs: kFileTimeoutMs };
    return this.call(path, call, (response) => response.blob());
  }

  /** Events after a cursor; null for 204. `waitS` 0 answers at once. */
  events(who: Identity, after: string, waitS: number, signal?: AbortSignal): Promise<Batch | null> {
    const query = `after=${encodeURIComponent(after)}` + (waitS ? `&wait=${waitS}` : '');
    const call = { token: who.token, timeoutMs: waitS * 1000 + kTimeoutMs, signal };
    return this.call(`${pathOf(who)}/events?${query}`, call, async (response) => {
      if (response.status === 204) return null;
      const batch = toBatch(await readJson(response));
      if (!batch) throw new NetworkError('the answer holds no events');
      return batch;
    });
  }

  /**
   * A server-sent stream; `read` gets it as soon as its head is there, and it lasts until `read` is
   * done or `signal` aborts.
   */
  stream<T>(
    who: Identity,
    after: string,
    signal: AbortSignal,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const path = `${pathOf(who)}/stream?after=${encodeURIComponent(after)}`;
    const call = { token: who.token, accept: 'text/event-stream', timeoutMs: null, signal };
    return this.call(path, call, read);
  }

  /** Where the conversation's WebSocket is, on the current origin. */
  socketUrl(who: Identity, after: string): string {
    const base = this.origins.current.replace(/^http/, 'ws');
    const query = `after=${encodeURIComponent(after)}&access_token=${encodeURIComponent(who.token)}`;
    return `${base}${pathOf(who)}/socket?${query}`;
  }

  /** What `read` makes of a successful (2xx) answer; the deadline covers the reading too. */
  private async call<T>(
    path: string,
    call: Call,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const base = this.origins.current;
    const controller = new AbortController();
    const abort = () => controller.abort();
    const deadline = call.timeoutMs === null ? 0 : (call.timeoutMs ?? kTimeoutMs);
    const timer = deadline ? setTimeout(abort, deadline) : undefined;
    if (call.signal?.aborted) abort();
    call.signal?.addEventListener('abort', abort);
    try {
      const response = await this.fetchFn(base + path, init(call, controller.signal));
      if (!response.ok) throw await refusal(response);
      return await read(response);
    } catch (error) {
      const ours = call.signal?.aborted === true;
      if (!ours && !(error instanceof ApiError && error.status < 500)) this.origins.failed(base);
      if (error instanceof ApiError || error instanceof NetworkError) throw error;
      throw new NetworkError(String(error));
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
    }
  }
}

function pathOf(who: Identity): string {
  return `/v1/conversations/${encodeURIComponent(who.conversation)}`;
}

function init(call: Call, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { Accept: call.accept ?? 'application/json' };
  if (call.token) headers.Authorization = `Bearer ${call.token}`;
  const options: RequestInit = {
    method: call.method ?? 'GET',
    headers,
    signal,
    cache: 'no-store',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
  };
  if (call.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(call.body);
  }
  return options;
}

async function refusal(response: Response): Promise<ApiError> {
  let problem: Problem = {};
  try {
    problem = ((await response.json()) as Problem | null) ?? {};
  } catch {
    // A proxy's own page: the status says enough.
  }
  const seconds = Number(response.headers.get('Retry-After') ?? 0);
  const retryAfterMs = seconds > 0 ? Math.min(seconds * 1000, kMaxRetryAfterMs) : 0;
  const detail = problem.detail ?? problem.title ?? '';
  return new ApiError(response.status, problem.code ?? 'internal', detail, retryAfterMs);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    const value: unknown = await response.json();
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Cut off in the middle, or not ours.
  }
  throw new NetworkError('the answer is not a JSON object');
}

/** Null unless `value` has a batch's shape. */
export function toBatch(value: unknown): Batch | null {
  const batch = value as Partial<Batch> | null;
  return batch && Array.isArray(batch.events) && typeof batch.cursor === 'string'
    ? (batch as Batch)
    : null;
}

/** A Location is asked at whichever origin is current, so only its path counts. */
function requestPath(location: string | null): string | null {
  if (!location) return null;
  const match = /^(?:https?:\/\/[^/]+)?(\/v1\/requests\/[^?#]+)/.exec(location);
  return match?.[1] ?? null;
}
