import { ApiError, toBatch } from '../api';
import type { Live } from '../protocol';
import { endOf } from './polling';
import { SseParser } from './sse_parser';
import type { End, Transport, TransportContext } from './transport';
import { parseFrame } from './websocket';

const kFirstBytesMs = 8000; // a proxy that buffers would never show any
const kSilenceMs = 45_000; // longer than the server's heartbeat

/**
 * Server-sent events. Read with fetch and not with EventSource, which can neither set a header (so
 * the token would stand in URLs) nor tell a refusal from a lost connection.
 */
export class SseTransport implements Transport {
  readonly kind = 'sse';
  private readonly stopped = new AbortController();
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private isOpen = false;

  constructor(private readonly context: TransportContext) {
    void this.run();
  }

  typing(): void {
    // One direction only.
  }

  close(): void {
    clearTimeout(this.watchdog);
    this.stopped.abort();
  }

  private async run(): Promise<void> {
    const { api, identity, after } = this.context;
    this.expect(kFirstBytesMs);
    try {
      await api.stream(identity, after(), this.stopped.signal, (response) => this.read(response));
      this.end({ kind: 'lost', retryAfterMs: 0 });
    } catch (error) {
      // Without the call itself, a 404 says nothing about the conversation; polling will ask.
      const absent = error instanceof ApiError && [404, 405, 406, 501].includes(error.status);
      this.end(absent ? { kind: 'unsupported' } : endOf(error));
    }
  }

  private async read(response: Response): Promise<void> {
    const type = response.headers.get('Content-Type') ?? '';
    if (!response.body || !type.startsWith('text/event-stream')) {
      return this.end({ kind: 'unsupported' });
    }
    const parser = new SseParser((data) => this.message(data));
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.stopped.signal.aborted) return;
      this.expect(kSilenceMs);
      if (!this.isOpen) {
        this.isOpen = true;
        this.context.handlers.opened();
      }
      parser.push(decoder.decode(value, { stream: true }));
    }
  }

  private message(data: string): void {
    if (this.stopped.signal.aborted) return;
    const value = parseFrame(data);
    const batch = toBatch(value);
    if (batch) this.context.handlers.batch(batch);
    else if (value?.type === 'live') this.context.handlers.live(value as unknown as Live);
  }

  private expect(withinMs: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.end({ kind: 'lost', retryAfterMs: 0 }), withinMs);
  }

  private end(end: End): void {
    if (this.stopped.signal.aborted) return;
    this.close();
    this.context.handlers.ended(end);
  }
}
