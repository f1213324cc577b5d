// Debian's Chromium, and the widget as a visitor uses it.
import { chromium } from 'playwright-core';

const kArguments = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const kTimeoutMs = 15_000;

let shared = null;

/**
 * A visitor's browser: cookies, storage and tabs of its own, in one Chromium for the whole test
 * file, with a fresh profile. `options`: playwright's (viewport, locale, colorScheme). Close it with
 * close(), and the Chromium with closeChromium() at the file's end.
 */
export async function openBrowser(options = {}) {
  shared ??= chromium.launch({
    executablePath: process.env.PARLOR_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: kArguments,
  });
  const chrome = await shared;
  const viewport = { width: 1280, height: 800 };
  const context = await chrome.newContext({ viewport, locale: 'en-GB', ...options });
  context.setDefaultTimeout(kTimeoutMs);
  return {
    context,
    async visit(address) {
      const page = await context.newPage();
      const errors = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(address);
      return new Visitor(page, errors);
    },
    close: () => context.close(),
  };
}

export async function closeChromium() {
  await (await shared)?.close();
  shared = null;
}

/** What a visitor does and sees on one page. Each step waits for what it is about. */
export class Visitor {
  constructor(page, errors) {
    this.page = page;
    /** Uncaught errors of the page. */
    this.errors = errors;
    this.launcher = page.locator('.launcher');
    this.panel = page.locator('.panel');
    this.input = page.locator('.composer textarea');
  }

  async open() {
    await this.launcher.click();
    await this.panel.waitFor();
  }

  async write(text) {
    await this.input.fill(text);
    await this.input.press('Enter');
  }

  /** The row of a message with exactly that text: `mine` or `theirs`. */
  message(side, text) {
    const exactly = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
    const bubble = this.page.locator('.bubble').filter({ hasText: exactly });
    return this.page.locator(`.log .row.${side}`).filter({ has: bubble });
  }

  async sees(side, text) {
    await this.message(side, text).first().waitFor();
  }

  async seesLine(text) {
    await this.page.locator('.log .line').filter({ hasText: text }).first().waitFor();
  }

  /** The header's state of the connection: online, lost … */
  async isConnected(state = 'online') {
    await this.page.locator(`header[data-state="${state}"]`).waitFor();
  }

  async usesTransport(kind) {
    await this.page.locator(`header[data-transport="${kind}"]`).waitFor();
  }

  /** The visitor's message with that text bears that mark: sending, delivered, seen. */
  async isMarked(text, mark) {
    await this.message('mine', text).locator(`.mark.${mark}`).last().waitFor();
  }

  /** Writes, and waits until it is recorded. Only the newest message bears a mark. */
  async tells(text) {
    await this.write(text);
    await this.isMarked(text, 'delivered');
  }

  /** The id of the conversation that this browser holds. */
  conversation(site) {
    const key = `parlor.${site}.identity`;
    return this.page.evaluate((name) => JSON.parse(localStorage.getItem(name)).conversation, key);
  }

  /** All messages in their order, as `mine: …` and `theirs: …`. */
  transcript() {
    return this.page.locator('.log .row').evaluateAll((rows) =>
      rows.map((row) => {
        const side = row.classList.contains('mine') ? 'mine' : 'theirs';
        return `${side}: ${row.querySelector('.bubble').textContent}`;
      }),
    );
  }
}

/** Waits until `condition` holds; fails with what it was about. */
export async function until(what, condition, timeoutMs = kTimeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
