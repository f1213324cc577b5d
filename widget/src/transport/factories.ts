import { LongPollingTransport } from './long_polling';
import { ShortPollingTransport } from './short_polling';
import { SseTransport } from './sse';
import type { TransportFactory, TransportKind } from './transport';
import { WebSocketTransport } from './websocket';

export const kBrowserTransports: Record<TransportKind, TransportFactory> = {
  websocket: (context) => new WebSocketTransport(context),
  sse: (context) => new SseTransport(context),
  long_polling: (context) => new LongPollingTransport(context),
  short_polling: (context) => new ShortPollingTransport(context),
};
