import type { Api } from '../api';
import type { Batch, Identity, Live } from '../protocol';

/** From the best to the humblest. */
export const kTransportKinds = ['websocket', 'sse', 'long_polling', 'short_polling'] as const;
export type TransportKind = (typeof kTransportKinds)[number];

/** Why a transport ended by itself. */
export type End =
  /** The connection failed; not before `retryAfterMs`. */
  | { kind: 'lost'; retryAfterMs: number }
  /** The server asked to come back, at a random moment within that time. */
  | { kind: 'again'; withinMs: number; elsewhere: boolean }
  /** The token is void, or the conversation gone. */
  | { kind: 'expired' }
  /** This server does not offer this transport. */
  | { kind: 'unsupported' };

export interface TransportHandlers {
  /** The server answers: from here on silence means that there is no news. Called once at most. */
  opened(): void;
  batch(batch: Batch): void;
  live(live: Live): void;
  /** Called once at most, and nothing after it. */
  ended(end: End): void;
}

export interface TransportContext {
  api: Api;
  identity: Identity;
  /** The cursor at this moment. */
  after: () => string;
  handlers: TransportHandlers;
}

/** One way to hear of a conversation's events. Running since it was made. */
export interface Transport {
  readonly kind: TransportKind;
  /** Tells the other side whether the visitor is typing, where the transport can. */
  typing(active: boolean): void;
  /** Ends it silently: no handler is called any more. Harmless to repeat. */
  close(): void;
}

export type TransportFactory = (context: TransportContext) => Transport;
