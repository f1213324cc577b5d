import type { ChatEvent } from '../protocol';
import type { Item } from '../session/view';
import { h, icon, setChildren, setText, type IconName } from './dom';
import { whyFailed, type Texts } from './i18n';
import { linkify } from './linkify';

export interface RowActions {
  retry(requestId: string): void;
  discard(requestId: string): void;
}

/** How a message stands among its neighbours. */
export interface RowLook {
  /** The first of several by one author, so it bears the name. */
  first: boolean;
  /** The last of several, so it bears the time. */
  time: string;
  /** The newest of the visitor's that is recorded, so it bears the mark. */
  marked: boolean;
}

/** A message that is waiting, recorded or failed; made once, and updated as its fate goes on. */
export class MessageRow {
  readonly element: HTMLElement;
  private readonly name: HTMLElement;
  private readonly meta = h('div', { class: 'meta', 'aria-live': 'off' });
  private shown = '';

  constructor(
    item: Item,
    private readonly texts: Texts,
    private readonly actions: RowActions,
  ) {
    const author = authorOf(item, texts);
    const side = isMine(item) ? 'mine' : 'theirs';
    this.name = h('div', { class: side === 'mine' ? 'name hidden' : 'name' }, author);
    const bubble = h('div', { class: 'bubble', dir: 'auto' }, ...linkify(textOf(item)));
    this.element = h('div', { class: `row ${side}` }, this.name, bubble, this.meta);
  }

  update(item: Item, look: RowLook): void {
    this.element.classList.toggle('first', look.first);
    this.element.classList.toggle('pending', item.kind === 'draft' && item.state === 'waiting');
    const failed = item.kind === 'draft' ? item.draft.failed : undefined;
    const mark = markOf(item, look);
    const shown = `${look.time}|${mark ?? ''}|${failed ?? ''}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.classList.toggle('failed', failed !== undefined);
    setChildren(this.meta, failed ? this.failure(item, failed) : this.fate(look.time, mark));
  }

  private fate(time: string, mark: Mark | null): Node[] {
    const nodes: Node[] = [];
    if (time) nodes.push(h('span', { class: 'time' }, time));
    if (mark) {
      const label = this.texts.t(mark);
      nodes.push(h('span', { class: `mark ${mark}` }, icon(kMarkIcons[mark]), label));
    }
    return nodes;
  }

  private failure(item: Item, code: string): Node[] {
    const { t } = this.texts;
    return [
      h(
        'span',
        { class: 'why', role: 'alert' },
        icon('alert'),
        `${t('failed')}: ${t(whyFailed(code))}`,
      ),
      h('button', { type: 'button', onclick: () => this.actions.retry(item.key) }, t('retry')),
      h('button', { type: 'button', onclick: () => this.actions.discard(item.key) }, t('discard')),
    ];
  }
}

type Mark = 'sending' | 'delivered' | 'seen';
const kMarkIcons: Record<Mark, IconName> = {
  sending: 'clock',
  delivered: 'check',
  seen: 'checks',
};

function markOf(item: Item, look: RowLook): Mark | null {
  if (item.kind === 'draft' && item.state === 'waiting') return 'sending';
  if (!look.marked) return null;
  return item.kind === 'event' && item.seen ? 'seen' : 'delivered';
}

/** A line in the middle: somebody joined, a day began, something went wrong. */
export class LineRow {
  readonly element = h('p', { class: 'line' });

  update(text: string): void {
    setText(this.element, text);
  }
}

export function isMessage(item: Item): boolean {
  if (item.kind === 'event') return item.event.type === 'message';
  return item.kind === 'draft' && 'message' in item.draft.body;
}

export function isMine(item: Item): boolean {
  return item.kind === 'draft' || (item.kind === 'event' && item.event.from.kind === 'visitor');
}

export function authorOf(item: Item, texts: Texts): string {
  if (item.kind !== 'event' || isMine(item)) return texts.t('you');
  return item.event.from.name || texts.t('agent');
}

export function timeOf(item: Item): Date {
  if (item.kind === 'event') return new Date(item.event.at);
  return new Date(item.kind === 'draft' ? item.draft.since : NaN);
}

function textOf(item: Item): string {
  if (item.kind === 'event') return item.event.message?.text ?? '';
  return item.kind === 'draft' && 'message' in item.draft.body ? item.draft.body.message.text : '';
}

/** The line for what is no message; empty for what is not shown. */
export function lineOf(item: Item, texts: Texts): string {
  if (item.kind === 'notice') return texts.t(item.notice);
  if (item.kind === 'event') return eventLine(item.event, texts);
  // What else could not be done: to end the conversation, or to rate it.
  return texts.t('close' in item.draft.body ? 'endFailed' : 'rateFailed');
}

function eventLine(event: ChatEvent, texts: Texts): string {
  const name = event.from.name || texts.t('agent');
  switch (event.type) {
    case 'assigned':
      return texts.t('joined', { name: event.assigned?.agent_name || texts.t('agent') });
    case 'closed':
      if (event.from.kind === 'visitor') return texts.t('closedByVisitor');
      return event.from.kind === 'agent'
        ? texts.t('closedByAgent', { name })
        : texts.t('closedBySystem');
    case 'rating':
      return texts.t('ratedLine', { n: event.rating?.score ?? '' });
    default:
      return '';
  }
}
