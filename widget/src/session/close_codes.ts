// The WebSocket close codes of docs/protocol.md, and what each asks of us. The only place that
// knows them.

export type CloseMeaning =
  /** Come back, after anything between nothing and `withinMs`. */
  | { kind: 'again'; withinMs: number; elsewhere: boolean }
  /** The token is void: this conversation cannot be read any more. */
  | { kind: 'expired' }
  /** Nobody said why: the usual backoff. */
  | { kind: 'lost' };

export function meaningOfClose(code: number): CloseMeaning {
  switch (code) {
    case 1001: // the gateway is going away
      return { kind: 'again', withinMs: 2000, elsewhere: true };
    case 4001: // token expired or wrong
      return { kind: 'expired' };
    case 4002: // we were too slow
    case 4003: // no pong from us in time
      return { kind: 'again', withinMs: 0, elsewhere: false };
    case 4004: // this replica has no broker
      return { kind: 'again', withinMs: 5000, elsewhere: true };
    default: // 1006 and what proxies make up; 1008 and 1009 follow a frame that is not sent again
      return { kind: 'lost' };
  }
}
