/** Cuts a text/event-stream into the data of its events; comments, ids and names are passed over. */
export class SseParser {
  private rest = '';
  private data: string[] = [];

  constructor(private readonly onData: (data: string) => void) {}

  push(text: string): void {
    // A CR at the very end may be the first half of CRLF: left for the next piece.
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop()!;
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) this.onData(this.data.join('\n'));
      this.data = [];
      return;
    }
    const match = /^data(?:: ?(.*))?$/.exec(line);
    if (match) this.data.push(match[1] ?? '');
  }
}
