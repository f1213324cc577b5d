/** What pages can hear of. */
export interface ParlorEvents {
  open: undefined;
  close: undefined;
  /** A message from the other side that is news to the visitor. */
  message: { text: string; name: string };
  /** The number of unread messages has changed. */
  unread: number;
}

type Listener<E extends keyof ParlorEvents> = (detail: ParlorEvents[E]) => void;

/** `window.Parlor`. */
export interface ParlorApi {
  open(): void;
  close(): void;
  /** Returns a function that ends it. */
  on<E extends keyof ParlorEvents>(event: E, listener: Listener<E>): () => void;
}

/** A page's listeners; what one of them throws is the page's affair, not ours. */
export class PageEvents {
  private readonly listeners = new Map<string, Set<(detail: never) => void>>();

  on<E extends keyof ParlorEvents>(event: E, listener: Listener<E>): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  emit<E extends keyof ParlorEvents>(event: E, detail: ParlorEvents[E]): void {
    for (const listener of this.listeners.get(event) ?? []) {
      try {
        (listener as Listener<E>)(detail);
      } catch (error) {
        console.error('Parlor:', error);
      }
    }
  }
}
