import type { Batch, ChatEvent } from '../protocol';
import { formatCursor, kStart, parseCursor, type Cursor } from './cursor';

/** What a batch did. `incomplete`: something is missing after our cursor, ask again from there. */
export interface Applied {
  added: ChatEvent[];
  reset: boolean;
  incomplete: boolean;
}

/**
 * What one tab has seen of a conversation. Whichever transport a batch comes from, and however many
 * of them run at once, events are kept exactly once, in order and without a hole: drop
 * `seq <= cursor`, keep `cursor + 1`, and ask again when there is something beyond.
 */
export class Conversation {
  private seen: ChatEvent[] = [];
  private at: Cursor = kStart;

  get events(): readonly ChatEvent[] {
    return this.seen;
  }

  /** Where to go on: for `after=`. */
  get cursor(): string {
    return formatCursor(this.at);
  }

  get seq(): number {
    return this.at.seq;
  }

  apply(batch: Batch): Applied {
    const cursor = parseCursor(batch.cursor);
    const changed = this.isOtherEpoch(cursor);
    const reset = this.at.seq > 0 && (batch.reset === true || changed);
    if (reset) this.forget();
    if (cursor && cursor.epoch !== null) this.at = { epoch: cursor.epoch, seq: this.at.seq };

    const added: ChatEvent[] = [];
    let hole = false;
    for (const event of batch.events) {
      if (!isEvent(event) || event.seq <= this.at.seq) continue;
      if (event.seq !== this.at.seq + 1) {
        hole = true;
        break;
      }
      this.at = { epoch: this.at.epoch, seq: event.seq };
      this.seen.push(event);
      added.push(event);
    }
    return { added, reset, incomplete: hole || batch.gap === true };
  }

  private isOtherEpoch(cursor: Cursor | null): boolean {
    if (!cursor || cursor.epoch === null || this.at.epoch === null) return false;
    return cursor.epoch !== this.at.epoch;
  }

  private forget(): void {
    this.seen = [];
    this.at = kStart;
  }
}

function isEvent(value: unknown): value is ChatEvent {
  const event = value as Partial<ChatEvent> | null;
  return (
    typeof event === 'object' &&
    event !== null &&
    Number.isSafeInteger(event.seq) &&
    typeof event.type === 'string' &&
    typeof event.from === 'object'
  );
}
