import type { View } from '../session/view';
import { h, icon, setText } from './dom';
import { Download } from './download';
import type { Texts } from './i18n';

export interface HeaderActions {
  minimise(): void;
  end(): void;
  transcript(): Promise<Blob>;
}

/** Title, the true state of the connection, the conversation as a file, and the two ways out. */
export class Header {
  readonly element: HTMLElement;
  private readonly avatar = h('div', { class: 'avatar', 'aria-hidden': 'true' });
  private readonly state = h('span', { role: 'status' });
  private readonly endButton: HTMLButtonElement;
  private readonly confirm: HTMLElement;
  private readonly download: Download;

  constructor(
    private readonly texts: Texts,
    private readonly title: string,
    actions: HeaderActions,
  ) {
    const { t } = texts;
    this.endButton = this.button('end', t('end'), () => this.ask(true));
    const minimise = this.button('down', t('minimise'), actions.minimise);
    this.confirm = this.confirmation(actions);
    this.download = new Download(texts, actions.transcript);
    this.element = h(
      'header',
      {},
      h(
        'div',
        { class: 'bar' },
        this.avatar,
        h(
          'div',
          { class: 'titles' },
          h('h2', { id: 'title' }, title),
          h('p', { class: 'state' }, h('i', { class: 'dot' }), this.state),
        ),
        this.download.button,
        this.endButton,
        minimise,
      ),
      this.confirm,
      this.download.line,
    );
  }

  render(view: View): void {
    setText(this.avatar, (view.agent ?? this.title).trim().charAt(0).toUpperCase());
    setText(this.state, this.stateText(view));
    this.element.dataset.state = view.closed ? 'idle' : view.link;
    this.element.dataset.transport = view.transport ?? '';
    const canEnd = view.exists && !view.closed;
    this.endButton.hidden = !canEnd;
    if (!canEnd) this.ask(false);
    this.download.render(view);
  }

  /** True if it was asking or saying something, and is not any more. */
  dismiss(): boolean {
    if (this.confirm.hidden) return this.download.dismiss();
    this.ask(false);
    this.endButton.focus();
    return true;
  }

  private stateText(view: View): string {
    const { t } = this.texts;
    if (view.closed) return t('ended');
    if (!view.exists) return t('idle');
    if (view.link === 'lost') return navigator.onLine ? t('lost') : t('offline');
    if (view.link !== 'online') return t('connecting');
    return view.agent ? t('with', { name: view.agent }) : t('waiting');
  }

  private confirmation(actions: HeaderActions): HTMLElement {
    const { t } = this.texts;
    const end = () => {
      this.ask(false);
      actions.end();
    };
    const yes = h('button', { type: 'button', class: 'yes', onclick: end }, t('endYes'));
    const no = h('button', { type: 'button', onclick: () => this.dismiss() }, t('endNo'));
    const attributes = { class: 'confirm', role: 'group', 'aria-label': t('endAsk'), hidden: true };
    return h('div', attributes, h('span', {}, t('endAsk')), yes, no);
  }

  private ask(open: boolean): void {
    if (this.confirm.hidden === !open) return;
    this.confirm.hidden = !open;
    if (open) this.confirm.querySelector('button')?.focus();
  }

  private button(name: 'end' | 'down', label: string, onclick: () => void): HTMLButtonElement {
    const attributes = {
      type: 'button',
      class: 'tool',
      'aria-label': label,
      title: label,
      onclick,
    };
    return h('button', attributes, icon(name));
  }
}
