import type { Item } from '../session/view';
import { h, setChildren } from './dom';
import type { Texts } from './i18n';
import { authorOf, isMessage, isMine, LineRow, lineOf, MessageRow, timeOf } from './message_row';
import type { RowActions, RowLook } from './message_row';
import { Times } from './times';

const kGroupMs = 5 * 60_000;

/** The transcript: one element per line, kept as long as its line is, so nothing flickers. */
export class MessageList {
  readonly element: HTMLElement;
  private readonly times: Times;
  private rows = new Map<string, MessageRow | LineRow>();

  constructor(
    private readonly texts: Texts,
    private readonly actions: RowActions,
  ) {
    this.times = new Times(texts);
    // Silent until the history is there: only what comes later is worth reading out.
    this.element = h('div', { class: 'log', role: 'log', 'aria-live': 'off' });
    this.element.setAttribute('aria-label', texts.t('log'));
  }

  /** True if a line was added at the end. */
  render(items: readonly Item[]): boolean {
    const rows = new Map<string, MessageRow | LineRow>();
    const marked = newestOfMine(items);
    let day = '';
    items.forEach((item, index) => {
      const today = this.times.day(timeOf(item));
      if (today && today !== day)
        this.line(rows, `day-${today}`, (day = today)).classList.add('day');
      if (isMessage(item)) this.message(rows, items, index, item === marked);
      else this.other(rows, item);
    });
    const before = this.element.lastElementChild;
    setChildren(
      this.element,
      [...rows.values()].map((row) => row.element),
    );
    this.rows = rows;
    const last = this.element.lastElementChild;
    if (last) setTimeout(() => this.element.setAttribute('aria-live', 'polite'), 0);
    return last !== before;
  }

  private message(
    rows: Map<string, MessageRow | LineRow>,
    items: readonly Item[],
    index: number,
    marked: boolean,
  ): void {
    const item = items[index]!;
    const known = this.rows.get(item.key);
    const row =
      known instanceof MessageRow ? known : new MessageRow(item, this.texts, this.actions);
    const look: RowLook = {
      first: !this.together(items[index - 1], item),
      time: this.together(item, items[index + 1]) ? '' : this.times.time(timeOf(item)),
      marked,
    };
    row.update(item, look);
    rows.set(item.key, row);
  }

  private other(rows: Map<string, MessageRow | LineRow>, item: Item): void {
    const text = lineOf(item, this.texts);
    if (text) this.line(rows, item.key, text);
  }

  private line(rows: Map<string, MessageRow | LineRow>, key: string, text: string): Element {
    const known = this.rows.get(key);
    const row = known instanceof LineRow ? known : new LineRow();
    row.update(text);
    rows.set(key, row);
    return row.element;
  }

  private together(a: Item | undefined, b: Item | undefined): boolean {
    if (!a || !b || !isMessage(a) || !isMessage(b) || isMine(a) !== isMine(b)) return false;
    if (authorOf(a, this.texts) !== authorOf(b, this.texts)) return false;
    return Math.abs(timeOf(b).getTime() - timeOf(a).getTime()) < kGroupMs;
  }
}

/** The newest of the visitor's messages that is recorded: the one that says how far all have come. */
function newestOfMine(items: readonly Item[]): Item | undefined {
  return [...items].reverse().find((item) => {
    const isRecorded =
      item.kind === 'event' || (item.kind === 'draft' && item.state === 'recorded');
    return isRecorded && isMessage(item) && isMine(item);
  });
}
