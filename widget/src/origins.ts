/**
 * The base addresses of one Parlor installation, tried in turn: any replica can serve any request, so
 * after a failure the next one is as good.
 */
export class Origins {
  private index = 0;

  /** @param bases at least one, without a trailing slash. */
  constructor(private readonly bases: readonly string[]) {}

  get current(): string {
    return this.bases[this.index]!;
  }

  get count(): number {
    return this.bases.length;
  }

  /** Moves on, unless somebody has already moved away from the one that failed. */
  failed(base: string): void {
    if (base === this.current) this.index = (this.index + 1) % this.bases.length;
  }
}

/** A comma list of http(s) addresses; what is no such address is left out. */
export function parseOrigins(list: string): string[] {
  const bases: string[] = [];
  for (const item of list.split(',')) {
    try {
      const url = new URL(item.trim());
      if (url.protocol !== 'http:' && url.protocol !== 'https:') continue;
      bases.push(url.origin + url.pathname.replace(/\/+$/, ''));
    } catch {
      continue;
    }
  }
  return bases;
}
