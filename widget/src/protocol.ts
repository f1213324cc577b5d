// The shapes of docs/protocol.md, as a visitor's browser sees them. What a newer server adds is
// ignored here, so every member that a client can live without is optional.

export type PartyKind = 'visitor' | 'agent' | 'system';

export interface Party {
  kind: PartyKind;
  id?: string;
  name?: string;
}

/** One recorded event. `type` names the member that holds its body. */
export interface ChatEvent {
  seq: number;
  at: string;
  from: Party;
  type: string;
  request_id?: string;
  message?: { text: string };
  read?: { seq: number };
  rating?: { score: number; comment?: string };
  closed?: { reason?: string };
  assigned?: { agent?: string; agent_name?: string };
}

/** What every transport delivers: some events in order, and the cursor after them. */
export interface Batch {
  events: ChatEvent[];
  cursor: string;
  /** The server's epoch is another one: what the client had is void, this starts from the first. */
  reset?: boolean;
  /** The server could not fill a hole: there may be more that it cannot show now. */
  gap?: boolean;
  poll_after_ms?: number;
}

/** Unrecorded signals. */
export interface Live {
  from: Party;
  typing?: { active: boolean };
}

/** RFC 9457, with Parlor's `code`. */
export interface Problem {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  retry_after_ms?: number;
}

/** Exactly one member: what a visitor asks to be recorded. */
export type DraftBody =
  | { message: { text: string } }
  | { read: { seq: number } }
  | { rating: { score: number; comment?: string } }
  | { close: { reason: string } };

export interface VisitorInfo {
  name?: string;
  email?: string;
  page_url?: string;
  page_title?: string;
  referrer?: string;
  locale?: string;
}

/** Who we are: kept in localStorage, shared by all tabs of a site. */
export interface Identity {
  conversation: string;
  token: string;
}

export const kMaxTextBytes = 8 * 1024;

/** The server's measure of a text: bytes of UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
