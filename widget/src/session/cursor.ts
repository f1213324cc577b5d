// A cursor is `epoch.seq`; a bare `seq` (as in `after=0`) belongs to no epoch.

export interface Cursor {
  epoch: number | null;
  seq: number;
}

/** The cursor of one who has seen nothing. */
export const kStart: Cursor = { epoch: null, seq: 0 };

/** Null for what is no cursor. */
export function parseCursor(text: unknown): Cursor | null {
  const match = typeof text === 'string' ? /^(?:(\d{1,10})\.)?(\d{1,15})$/.exec(text) : null;
  if (!match) return null;
  return { epoch: match[1] === undefined ? null : Number(match[1]), seq: Number(match[2]) };
}

export function formatCursor(cursor: Cursor): string {
  return cursor.epoch === null ? `${cursor.seq}` : `${cursor.epoch}.${cursor.seq}`;
}
