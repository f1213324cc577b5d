import type { ChatEvent, PartyKind } from '../../src/protocol';

/** One request that a test answers, or lets hang. */
export class Call {
  readonly url: URL;
  readonly method: string;
  readonly body: unknown;
  readonly token: string | null;
  isAborted = false;

  constructor(
    input: string,
    init: RequestInit,
    private readonly resolve: (response: Response) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.url = new URL(input);
    this.method = init.method ?? 'GET';
    this.body = init.body === undefined ? null : JSON.parse(String(init.body));
    const headers = init.headers as Record<string, string>;
    this.token = headers.Authorization?.replace('Bearer ', '') ?? null;
    init.signal?.addEventListener('abort', () => {
      this.isAborted = true;
      reject(new Error('aborted'));
    });
  }

  get path(): string {
    return this.url.pathname + this.url.search;
  }

  reply(status: number, body: unknown = null, headers: Record<string, string> = {}): void {
    const text = body === null ? null : JSON.stringify(body);
    this.resolve(new Response(text, { status, headers }));
  }

  refuse(status: number, code: string, headers: Record<string, string> = {}): void {
    this.reply(status, { type: 'about:blank', title: code, status, code }, headers);
  }

  /** As when the connection breaks. */
  fail(): void {
    this.reject(new TypeError('Failed to fetch'));
  }

  raw(response: Response): void {
    this.resolve(response);
  }
}

/** A server that a test plays itself: it takes each request in turn and answers it. */
export class FakeServer {
  private readonly arrived: Call[] = [];
  private readonly waiting: ((call: Call) => void)[] = [];

  readonly fetch = ((input: string, init: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const call = new Call(input, init, resolve, reject);
      const waiting = this.waiting.shift();
      if (waiting) waiting(call);
      else this.arrived.push(call);
    })) as typeof fetch;

  /** The next request, if need be as soon as it comes. */
  next(): Promise<Call> {
    const call = this.arrived.shift();
    return call ? Promise.resolve(call) : new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Requests that nobody has taken. */
  get pending(): string[] {
    return this.arrived.map((call) => `${call.method} ${call.path}`);
  }
}

/** An event as the server gives it. */
export function event(
  seq: number,
  body: Partial<ChatEvent> = {},
  kind: PartyKind = 'agent',
): ChatEvent {
  const from = kind === 'agent' ? { kind, id: 'alice', name: 'Alice' } : { kind };
  const at = '2026-11-24T22:37:53.123Z';
  const said = body.type ? {} : { message: { text: `m${seq}` } };
  return { seq, at, from, type: 'message', ...said, ...body };
}

/** Lets everything that is ready happen, without any time passing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
