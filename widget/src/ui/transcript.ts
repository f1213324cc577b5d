import type { Item, View } from '../session/view';
import { h, setText } from './dom';
import type { Texts } from './i18n';
import { MessageList } from './message_list';
import type { RowActions } from './message_row';

const kNearEndPx = 60;

/** The scrolling middle: welcome, messages, typing; it follows the newest unless one reads above. */
export class Transcript {
  readonly element: HTMLElement;
  private readonly list: MessageList;
  private readonly scroller: HTMLElement;
  private readonly welcome: HTMLElement;
  private readonly gap: HTMLElement;
  private readonly typing: HTMLElement;
  private readonly typist = h('span', { class: 'hidden', role: 'status' });
  private readonly jump: HTMLButtonElement;
  private mine = 0;

  constructor(
    private readonly texts: Texts,
    actions: RowActions,
  ) {
    const { t } = texts;
    this.list = new MessageList(texts, { ...actions, failedLine: (item) => this.failedLine(item) });
    this.welcome = h(
      'div',
      { class: 'welcome' },
      h('strong', {}, t('welcome')),
      h('span', {}, t('welcomeMore')),
    );
    this.typing = h('div', { class: 'row theirs typing', hidden: true });
    this.typing.append(
      h('div', { class: 'bubble', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
    );
    this.gap = h('p', { class: 'gap', role: 'status', hidden: true }, t('gap'));
    this.scroller = h('div', { class: 'scroller', tabindex: 0, role: 'region' });
    this.scroller.setAttribute('aria-label', t('log'));
    this.scroller.append(this.welcome, this.list.element, this.typing, this.typist);
    this.scroller.addEventListener('scroll', () => this.scrolled(), { passive: true });
    const follow = () => this.toEnd();
    this.jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: follow });
    this.jump.append(t('newMessages'));
    this.element = h('div', { class: 'transcript' }, this.gap, this.scroller, this.jump);
  }

  render(view: View): void {
    const wasAtEnd = this.isAtEnd();
    const mine = view.items.filter((item) => item.kind === 'draft').length;
    const grew = this.list.render(view.items);
    this.gap.hidden = !view.gap;
    this.welcome.hidden = view.items.length > 0;
    this.typing.hidden = !view.typing;
    const name = view.agent ?? this.texts.t('agent');
    setText(this.typist, view.typing ? this.texts.t('typing', { name }) : '');
    if (wasAtEnd || (grew && mine > this.mine)) this.toEnd();
    else if (grew) this.jump.hidden = false;
    this.mine = mine;
  }

  /** To be called once it has become visible: what is hidden has no height. */
  toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.jump.hidden = true;
  }

  private isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < kNearEndPx;
  }

  private scrolled(): void {
    if (this.isAtEnd()) this.jump.hidden = true;
  }

  /** What else could not be done: to end the conversation, to rate it. */
  private failedLine(item: Item): string {
    if (item.kind !== 'draft' || !item.draft.failed) return '';
    return this.texts.t('close' in item.draft.body ? 'endFailed' : 'rateFailed');
  }
}
