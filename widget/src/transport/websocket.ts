import { toBatch } from '../api';
import type { Live } from '../protocol';
import { meaningOfClose } from '../session/close_codes';
import type { End, Transport, TransportContext } from './transport';

const kOpenTimeoutMs = 6000;
const kSubprotocol = 'parlor.v1.json';

/** Events as they happen, typing in both directions. Recorded drafts go by POST on every transport. */
export class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  private readonly base: string;
  private readonly timer: ReturnType<typeof setTimeout>;
  private socket: WebSocket | null = null;

  constructor(
    private readonly context: TransportContext,
    Socket: typeof WebSocket = WebSocket,
  ) {
    const { api, identity, after } = context;
    this.base = api.origins.current;
    this.timer = setTimeout(() => this.fail(), kOpenTimeoutMs);
    try {
      this.listen(new Socket(api.socketUrl(identity, after()), kSubprotocol));
    } catch {
      // The page's own policy forbids it; told after the constructor, as every other end is.
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.context.handlers.ended({ kind: 'unsupported' }), 0);
    }
  }

  typing(active: boolean): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify({ typing: { active } }));
  }

  close(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  private listen(socket: WebSocket): void {
    this.socket = socket;
    socket.onopen = () => {
      clearTimeout(this.timer);
      this.context.handlers.opened();
    };
    socket.onmessage = (message) => this.frame(message.data);
    socket.onclose = (close) => {
      const meaning = meaningOfClose(close.code);
      if (meaning.kind === 'lost') this.fail();
      else this.end(meaning, meaning.kind === 'again' && meaning.elsewhere);
    };
  }

  private fail(): void {
    this.end({ kind: 'lost', retryAfterMs: 0 }, true);
  }

  private end(end: End, elsewhere: boolean): void {
    this.close();
    if (elsewhere) this.context.api.origins.failed(this.base);
    this.context.handlers.ended(end);
  }

  private frame(data: unknown): void {
    const { handlers } = this.context;
    const value = parseFrame(data);
    if (value?.type === 'events') {
      const batch = toBatch(value);
      if (batch) handlers.batch(batch);
    } else if (value?.type === 'live') {
      handlers.live(value as unknown as Live);
    }
  }
}

/** Null for what is no JSON object: a newer server's, and not for us. */
export function parseFrame(data: unknown): { type?: unknown } | null {
  try {
    const value: unknown = typeof data === 'string' ? JSON.parse(data) : null;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
