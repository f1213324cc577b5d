import { h, icon, setText } from './dom';
import type { Texts } from './i18n';

/** The button in the corner, with the number of unread messages. */
export class Launcher {
  readonly element: HTMLButtonElement;
  private readonly badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: true });

  constructor(
    private readonly texts: Texts,
    onclick: () => void,
  ) {
    const attributes = { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', onclick };
    this.element = h('button', attributes, icon('chat'), icon('down'), this.badge);
  }

  render(isOpen: boolean, unread: number): void {
    const { t } = this.texts;
    const opening = unread > 0 ? t('openUnread', { n: unread }) : t('open');
    this.element.setAttribute('aria-label', isOpen ? t('minimise') : opening);
    this.element.setAttribute('aria-expanded', String(isOpen));
    this.badge.hidden = isOpen || unread === 0;
    setText(this.badge, unread > 99 ? '99+' : String(unread));
  }
}
