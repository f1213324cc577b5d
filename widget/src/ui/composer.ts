import { kMaxTextBytes, utf8Length } from '../protocol';
import { h, icon, setText } from './dom';
import type { Texts } from './i18n';

const kNearBytes = kMaxTextBytes - 512;
const kMostPx = 132; // some six lines

export interface ComposerActions {
  send(text: string): void;
  typing(): void;
}

/** Where the visitor writes. Enter sends, Shift+Enter begins a new line. */
export class Composer {
  readonly element: HTMLFormElement;
  private readonly area: HTMLTextAreaElement;
  private readonly notice = h('p', { class: 'limit', role: 'status' });
  private readonly button: HTMLButtonElement;

  constructor(
    private readonly texts: Texts,
    private readonly actions: ComposerActions,
  ) {
    const label = texts.t('write');
    this.area = h('textarea', { rows: 1, placeholder: label, 'aria-label': label, dir: 'auto' });
    this.area.setAttribute('enterkeyhint', 'send');
    this.area.addEventListener('input', () => this.changed(true));
    this.area.addEventListener('keydown', (event) => this.key(event));
    const send = texts.t('send');
    this.button = h('button', { class: 'send', 'aria-label': send, title: send }, icon('send'));
    const box = h('div', { class: 'box' }, this.area, this.button);
    this.element = h('form', { class: 'composer' }, this.notice, box);
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.changed(false);
  }

  focus(): void {
    this.area.focus({ preventScroll: true });
  }

  /** An input method's own Enter picks a candidate; 229 is how older ones say so. */
  private key(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) {
      return;
    }
    event.preventDefault();
    this.submit();
  }

  private submit(): void {
    const text = wellFormed(this.area.value.trim());
    if (text === '' || utf8Length(text) > kMaxTextBytes) return;
    this.area.value = '';
    this.changed(false);
    this.actions.send(text);
    this.focus();
  }

  private changed(byHand: boolean): void {
    const text = this.area.value.trim();
    const bytes = utf8Length(text);
    const isTooLong = bytes > kMaxTextBytes;
    this.button.disabled = text === '' || isTooLong;
    this.area.setAttribute('aria-invalid', String(isTooLong));
    this.element.classList.toggle('too-long', isTooLong);
    setText(this.notice, this.limitText(bytes));
    this.grow();
    if (byHand && text !== '') this.actions.typing();
  }

  private limitText(bytes: number): string {
    if (bytes <= kNearBytes) return '';
    const values = { n: this.number(bytes), max: this.number(kMaxTextBytes) };
    return this.texts.t(bytes > kMaxTextBytes ? 'tooLong' : 'nearLimit', values);
  }

  private number(value: number): string {
    return value.toLocaleString(this.texts.locale);
  }

  private grow(): void {
    this.area.style.height = '';
    const { scrollHeight } = this.area; // none while it is hidden
    if (scrollHeight > 0) this.area.style.height = `${Math.min(scrollHeight, kMostPx)}px`;
  }
}

/** Half a surrogate pair has no UTF-8: it becomes U+FFFD here rather than a refusal there. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
