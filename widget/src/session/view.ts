import type { ChatEvent } from '../protocol';
import type { LinkState } from '../transport/link';
import type { TransportKind } from '../transport/transport';
import type { Draft } from './outbox';

/** Lines that the widget itself adds to a transcript. */
export type Notice = 'expired' | 'reset';

/** One line of the transcript. `key` stays the same when a draft becomes an event. */
export type Item =
  | { kind: 'event'; key: string; event: ChatEvent; seen: boolean }
  | { kind: 'draft'; key: string; draft: Draft; state: 'waiting' | 'recorded' | 'failed' }
  | { kind: 'notice'; key: string; notice: Notice };

/** All that the user interface shows. A snapshot. */
export interface View {
  link: LinkState;
  transport: TransportKind | null;
  /** There is a conversation, open or closed. */
  exists: boolean;
  items: Item[];
  /** The agent who has the conversation, null while it waits. */
  agent: string | null;
  typing: boolean;
  closed: boolean;
  rated: number | null;
  /** Events are missing that the server cannot give at the moment. */
  gap: boolean;
  unread: number;
}

export function eventKey(event: ChatEvent, prefix = ''): string {
  return prefix + (event.request_id || `seq-${event.seq}`);
}

export interface Summary {
  agent: string | null;
  closed: boolean;
  rated: number | null;
  /** Up to where the visitor, and the agent, said to have read. */
  readByVisitor: number;
  readByAgent: number;
}

/** What the events of a conversation come to. */
export function summarise(events: readonly ChatEvent[]): Summary {
  const summary: Summary = {
    agent: null,
    closed: false,
    rated: null,
    readByVisitor: 0,
    readByAgent: 0,
  };
  for (const event of events) take(summary, event);
  return summary;
}

function take(summary: Summary, event: ChatEvent): void {
  if (event.type === 'assigned') {
    summary.agent = event.assigned?.agent_name || event.assigned?.agent || null;
    summary.closed = false;
  } else if (event.type === 'queued') {
    summary.agent = null;
  } else if (event.type === 'closed') {
    summary.closed = true;
  } else if (event.type === 'reopened') {
    summary.closed = false;
  } else if (event.type === 'rating') {
    summary.rated = event.rating?.score ?? null;
  } else if (event.type === 'read' && event.read) {
    if (event.from.kind === 'visitor') summary.readByVisitor = event.read.seq;
    else summary.readByAgent = event.read.seq;
  }
}
