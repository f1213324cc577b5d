import type { ChatEvent } from '../protocol';

/** What there is to read, at this moment. */
export interface Readable {
  events: readonly ChatEvent[];
  /** Up to where the visitor is recorded to have read. */
  readSeq: number;
}

const kDelayMs = 800;

/** What the visitor has had before their eyes, and when to tell the agent so. */
export class Reading {
  private attentive = false;
  private seenSeq = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell records a reading position; called a moment later, once for several messages. */
  constructor(
    private readonly readable: () => Readable,
    private readonly tell: (seq: number) => void,
  ) {}

  get isAttentive(): boolean {
    return this.attentive;
  }

  setAttentive(attentive: boolean): void {
    this.attentive = attentive;
    this.changed();
  }

  /** Another conversation, or the same from its beginning. */
  reset(): void {
    this.seenSeq = 0;
  }

  /** A message from the other side that the visitor has not seen, here or on an earlier page. */
  isNews(event: ChatEvent): boolean {
    return isForVisitor(event) && event.seq > Math.max(this.seenSeq, this.readable().readSeq);
  }

  get unread(): number {
    if (this.attentive) return 0;
    return this.readable().events.filter((event) => this.isNews(event)).length;
  }

  /** There are more events, or there is more attention. */
  changed(): void {
    if (!this.attentive) return;
    const { events, readSeq } = this.readable();
    this.seenSeq = Math.max(this.seenSeq, lastSeq(events));
    const isUntold = events.some((event) => isForVisitor(event) && event.seq > readSeq);
    if (isUntold) this.timer ??= setTimeout(() => this.report(), kDelayMs);
  }

  private report(): void {
    this.timer = undefined;
    const { events, readSeq } = this.readable();
    const seq = Math.min(this.seenSeq, lastSeq(events));
    if (seq > readSeq) this.tell(seq);
  }
}

function isForVisitor(event: ChatEvent): boolean {
  return event.type === 'message' && event.from.kind !== 'visitor';
}

function lastSeq(events: readonly ChatEvent[]): number {
  return events[events.length - 1]?.seq ?? 0;
}
