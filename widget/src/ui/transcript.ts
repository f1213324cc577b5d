import type { View } from '../session/view';
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
  private follows = true;
  private top = 0;

  constructor(
    private readonly texts: Texts,
    actions: RowActions,
  ) {
    const { t } = texts;
    this.list = new MessageList(texts, actions);
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
    // The room shrinks under a keyboard, a longer draft, the farewell: the end stays in sight.
    new ResizeObserver(() => this.follows && this.toEnd()).observe(this.scroller);
    const follow = () => this.toEnd();
    this.jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: follow });
    this.jump.append(t('newMessages'));
    this.element = h('div', { class: 'transcript' }, this.gap, this.scroller, this.jump);
  }

  render(view: View): void {
    const mine = view.items.filter((item) => item.kind === 'draft').length;
    const grew = this.list.render(view.items);
    this.gap.hidden = !view.gap;
    this.welcome.hidden = view.items.length > 0;
    this.typing.hidden = !view.typing;
    const name = view.agent ?? this.texts.t('agent');
    setText(this.typist, view.typing ? this.texts.t('typing', { name }) : '');
    if (this.follows || (grew && mine > this.mine)) this.toEnd();
    else if (grew) this.jump.hidden = false;
    this.mine = mine;
  }

  /** To be called once it has become visible: what is hidden has no height. */
  toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.follows = true;
    this.jump.hidden = true;
  }

  private isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < kNearEndPx;
  }

  private scrolled(): void {
    // Room that shrank or lines that came are no wish to stay: only moving up is.
    const { scrollTop } = this.scroller;
    if (this.isAtEnd()) this.follows = true;
    else if (scrollTop < this.top) this.follows = false;
    this.top = scrollTop;
    if (this.follows) this.jump.hidden = true;
  }
}
