import { ApiError } from '../api';
import type { View } from '../session/view';
import { h, icon, setText } from './dom';
import { whyFailed, type Texts } from './i18n';

const kFileName = 'transcript.html';
const kDoneShownMs = 4000;
const kKeptMs = 60_000; // a browser may ask where to, and read the file only then

/** Gives the visitor the conversation as a file: a button, and a line that says how it went. */
export class Download {
  readonly button: HTMLButtonElement;
  readonly line: HTMLElement;
  private readonly said = h('span', { role: 'status' });
  private readonly again: HTMLButtonElement;
  private readonly dismissButton: HTMLButtonElement;
  private exists = false;
  private isBusy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly texts: Texts,
    private readonly fetchFile: () => Promise<Blob>,
  ) {
    const { t } = texts;
    const start = () => void this.start();
    const label = t('download');
    this.button = h('button', {
      type: 'button',
      class: 'tool',
      'aria-label': label,
      title: label,
      onclick: start,
    });
    this.button.append(icon('download'));
    this.again = h('button', { type: 'button', class: 'yes', onclick: start }, t('retry'));
    const dismiss = () => this.dismiss();
    this.dismissButton = h('button', { type: 'button', onclick: dismiss }, t('dismiss'));
    const attributes = { class: 'confirm', hidden: true };
    this.line = h('div', attributes, this.said, this.again, this.dismissButton);
    this.update();
  }

  render(view: View): void {
    this.exists = view.exists;
    if (!this.exists && !this.isBusy) this.say('');
    this.update();
  }

  /** True if it was saying something, and is not any more. */
  dismiss(): boolean {
    if (this.line.hidden || this.isBusy) return false;
    this.say('');
    this.button.focus();
    return true;
  }

  private async start(): Promise<void> {
    if (this.isBusy || !this.exists) return;
    const { t } = this.texts;
    this.isBusy = true;
    this.say(t('downloading'));
    this.update();
    try {
      save(await this.fetchFile());
      this.isBusy = false;
      this.say(t('downloaded'));
      this.timer = setTimeout(() => this.say(''), kDoneShownMs);
    } catch (error) {
      this.isBusy = false;
      const code = error instanceof ApiError ? error.code : 'unavailable';
      this.say(t('downloadFailed', { why: t(whyFailed(code)) }), true);
    }
    this.update();
  }

  private say(text: string, hasFailed = false): void {
    clearTimeout(this.timer);
    // Whoever writes meanwhile goes on writing.
    const focused = focusedBeside(this.line);
    const isHere = focused === this.button || this.line.contains(focused);
    this.line.hidden = text === '';
    setText(this.said, text);
    this.again.hidden = this.dismissButton.hidden = !hasFailed;
    if (isHere) (hasFailed ? this.again : this.button).focus();
  }

  private update(): void {
    this.button.disabled = !this.exists;
    this.button.setAttribute('aria-busy', String(this.isBusy));
  }
}

/** The focus within the shadow root, or the document, that `element` is in. */
function focusedBeside(element: Element): Element | null {
  return (element.getRootNode() as Partial<DocumentOrShadowRoot>).activeElement ?? null;
}

function save(file: Blob): void {
  const url = URL.createObjectURL(file);
  h('a', { href: url, download: kFileName }).click();
  setTimeout(() => URL.revokeObjectURL(url), kKeptMs);
}
