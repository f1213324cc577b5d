import type { Session } from '../session/session';
import { inkOn, parseHex } from './color';
import { Composer } from './composer';
import { h } from './dom';
import { Farewell } from './farewell';
import { Header } from './header';
import type { Texts } from './i18n';
import { Launcher } from './launcher';
import styles from './styles.css?inline';
import { Transcript } from './transcript';

export interface AppOptions {
  texts: Texts;
  title: string;
  /** `#rrggbb`; null: our own. */
  color: string | null;
}

/** The launcher and the panel, in a shadow root: no style gets in or out. */
export class App {
  readonly host = h('div', { 'data-parlor': '' });
  onToggle: (isOpen: boolean) => void = () => {};
  private readonly root = h('div', { class: 'root' });
  private readonly launcher: Launcher;
  private readonly header: Header;
  private readonly transcript: Transcript;
  private readonly composer: Composer;
  private readonly farewell: Farewell;
  private readonly panel: HTMLElement;
  private isOpen = false;
  private wasClosed = false;
  private isScheduled = false;

  constructor(
    private readonly session: Session,
    options: AppOptions,
  ) {
    const { texts, title } = options;
    this.launcher = new Launcher(texts, () => (this.isOpen ? this.close() : this.open()));
    this.header = new Header(texts, title, {
      minimise: () => this.close(),
      end: () => session.end(),
      transcript: () => session.transcript(texts.lang),
    });
    this.transcript = new Transcript(texts, session);
    this.composer = new Composer(texts, session);
    this.farewell = new Farewell(texts, {
      rate: (score, comment) => session.rate(score, comment),
      startNew: () => session.startNew(),
    });
    const attributes = { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true };
    this.panel = h(
      'section',
      attributes,
      this.header.element,
      this.transcript.element,
      this.composer.element,
      this.farewell.element,
    );
    this.farewell.element.hidden = true;
    this.build(options);
  }

  get opened(): boolean {
    return this.isOpen;
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.panel.hidden = false;
    this.fit();
    this.toggled();
    this.transcript.toEnd();
    this.focusInput();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.panel.hidden = true;
    this.toggled();
    this.launcher.element.focus();
  }

  /** Shows the session's new state soon, once for any number of changes. */
  update(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      this.render();
    });
  }

  private render(): void {
    const view = this.session.view();
    this.launcher.render(this.isOpen, view.unread);
    this.header.render(view);
    this.transcript.render(view);
    this.farewell.render(view);
    this.composer.element.hidden = view.closed;
    this.farewell.element.hidden = !view.closed;
    if (view.closed === this.wasClosed) return;
    this.wasClosed = view.closed;
    if (this.isOpen) this.focusInput();
  }

  private focusInput(): void {
    if (this.wasClosed) this.farewell.focus();
    else this.composer.focus();
  }

  private toggled(): void {
    this.host.toggleAttribute('data-open', this.isOpen);
    this.root.classList.toggle('open', this.isOpen);
    this.attend();
    this.render();
    this.onToggle(this.isOpen);
  }

  private attend(): void {
    this.session.setAttentive(this.isOpen && !document.hidden);
  }

  private build({ texts, color }: AppOptions): void {
    const shadow = this.host.attachShadow({ mode: 'open' });
    addStyles(shadow);
    this.root.lang = texts.locale;
    const rgb = color === null ? null : parseHex(color);
    if (rgb) {
      this.root.style.setProperty('--accent', `rgb(${rgb.join(' ')})`);
      this.root.style.setProperty('--ink', inkOn(rgb));
    }
    this.root.append(this.panel, this.launcher.element);
    shadow.append(this.root);
    this.panel.addEventListener('keydown', (event) => this.key(event));
    // The page's own shortcuts must not fire while somebody writes here.
    for (const type of ['keydown', 'keyup', 'keypress']) {
      this.host.addEventListener(type, (event) => event.stopPropagation());
    }
    document.addEventListener('visibilitychange', () => this.attend());
    for (const type of ['resize', 'scroll']) {
      window.visualViewport?.addEventListener(type, () => this.fit());
    }
    this.render();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.isComposing) return;
    if (!this.header.dismiss()) this.close();
  }

  /** On a phone the keyboard covers part of the page: what is left is the panel's height. */
  private fit(): void {
    const seen = window.visualViewport;
    this.root.style.setProperty('--top', `${seen?.offsetTop ?? 0}px`);
    this.root.style.setProperty('--height', `${seen?.height ?? window.innerHeight}px`);
  }
}

/** A page's policy may forbid <style>, but not style sheets that scripts construct. */
function addStyles(shadow: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(h('style', {}, styles));
  }
}
