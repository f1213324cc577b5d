import type { View } from '../session/view';
import { h, icon, setText } from './dom';
import type { Texts } from './i18n';

export interface FarewellActions {
  rate(score: number, comment: string): void;
  startNew(): void;
}

/** In the composer's place once the conversation is closed: a rating, and the way to a new one. */
export class Farewell {
  readonly element: HTMLElement;
  private readonly question: HTMLElement;
  private readonly stars: HTMLButtonElement[];
  private readonly more: HTMLElement;
  private readonly comment: HTMLTextAreaElement;
  private readonly form: HTMLElement;
  private readonly again: HTMLButtonElement;
  private score = 0;

  constructor(
    private readonly texts: Texts,
    private readonly actions: FarewellActions,
  ) {
    const { t } = texts;
    this.question = h('p', { class: 'question', id: 'rate-ask', role: 'status' });
    this.stars = [1, 2, 3, 4, 5].map((score) => this.star(score));
    const label = t('rateComment');
    this.comment = h('textarea', { rows: 2, placeholder: label, 'aria-label': label });
    this.comment.setAttribute('maxlength', '1000');
    const send = h('button', { type: 'button', class: 'primary', onclick: () => this.send() });
    send.append(t('rateSend'));
    this.more = h('div', { class: 'more', hidden: true }, this.comment, send);
    const group = { class: 'stars', role: 'radiogroup', 'aria-labelledby': 'rate-ask' };
    this.form = h('div', {}, h('div', group, ...this.stars), this.more);
    this.again = h('button', { type: 'button', class: 'again', onclick: actions.startNew });
    this.again.append(t('startNew'));
    this.element = h('div', { class: 'farewell' }, this.question, this.form, this.again);
  }

  focus(): void {
    if (this.form.hidden) this.again.focus();
    else this.stars[Math.max(0, this.score - 1)]!.focus();
  }

  render(view: View): void {
    const isRated = view.rated !== null;
    this.form.hidden = isRated;
    setText(this.question, this.texts.t(isRated ? 'thanks' : 'rateAsk'));
    if (!view.closed) this.pick(0);
  }

  private star(score: number): HTMLButtonElement {
    const label = this.texts.t('rateScore', { n: score });
    const button = h('button', {
      type: 'button',
      role: 'radio',
      'aria-label': label,
      title: label,
    });
    button.append(icon('star'));
    button.addEventListener('click', () => this.pick(score));
    button.addEventListener('keydown', (event) => this.key(event, score));
    return button;
  }

  /** As in any group of radio buttons: the arrows move the choice. */
  private key(event: KeyboardEvent, score: number): void {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(5, Math.max(1, score + step));
    this.pick(next);
    this.stars[next - 1]!.focus();
  }

  private pick(score: number): void {
    this.score = score;
    this.more.hidden = score === 0;
    if (score === 0) this.comment.value = '';
    this.stars.forEach((star, index) => {
      star.classList.toggle('on', index < score);
      star.setAttribute('aria-checked', String(index + 1 === score));
      star.tabIndex = index === Math.max(0, score - 1) ? 0 : -1;
    });
  }

  private send(): void {
    if (this.score === 0) return;
    this.actions.rate(this.score, this.comment.value.trim());
    this.again.focus();
  }
}
