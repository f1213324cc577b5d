import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { closeChromium, openBrowser } from '../support/browser.mjs';
import { FakeGateway } from '../support/fake_gateway.mjs';

const kShots = fileURLToPath(new URL('../screenshots/', import.meta.url));

describe('the looks', () => {
  let gateway;

  before(async () => {
    gateway = await new FakeGateway().start();
    await mkdir(kShots, { recursive: true });
  });
  after(async () => {
    await closeChromium();
    await gateway.kill();
  });

  /** A short conversation in a browser with these options, then `check`. */
  async function talk(name, options, check, address = '/demo') {
    const browser = await openBrowser(options);
    try {
      const visitor = await browser.visit(gateway.origin + address);
      await visitor.open();
      await visitor.tells('Hello, 你好');
      gateway.accept(gateway.newest, 'Alice');
      gateway.say(gateway.newest, 'w'.repeat(300));
      await visitor.sees('theirs', 'w'.repeat(300));
      await visitor.page.screenshot({ path: `${kShots}${name}.png` });
      await check(visitor);
      assert.deepEqual(visitor.errors, []);
    } finally {
      await browser.close();
    }
  }

  it('fills a narrow phone, and nothing sticks out', async () => {
    const viewport = { width: 360, height: 740 };
    await talk('phone', { viewport, hasTouch: true }, async (visitor) => {
      const box = await visitor.panel.boundingBox();
      assert.deepEqual(box, { x: 0, y: 0, ...viewport });
      assert.equal(await visitor.launcher.isVisible(), false);
      const width = await visitor.page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, 360);
      const overflow = await visitor.page
        .locator('.scroller')
        .evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.equal(overflow, 0);
    });
  });

  it('leaves room around it on a desktop', async () => {
    await talk('desktop', {}, async (visitor) => {
      const box = await visitor.panel.boundingBox();
      assert.equal(box.width, 384);
      assert.ok(box.y >= 20 && box.y + box.height <= 800 - 80);
    });
  });

  it('speaks Chinese', async () => {
    await talk('chinese', { locale: 'zh-CN' }, async (visitor) => {
      await visitor.seesLine('Alice 已接入对话');
      await visitor.panel.getByText('Alice 为您服务').waitFor();
      assert.equal(await visitor.input.getAttribute('placeholder'), '请输入消息…');
      assert.equal(await visitor.page.locator('.root').getAttribute('lang'), 'zh-CN');
    });
  });

  it('follows a dark scheme, a colour, a title and a language of the site', async () => {
    const address = '/page?color=%23ffd400&title=Acme&locale=zh-CN';
    const check = async (visitor) => {
      const style = (property) =>
        visitor.page.locator('header').evaluate((e, p) => getComputedStyle(e)[p], property);
      assert.equal(await style('backgroundColor'), 'rgb(255, 212, 0)');
      assert.equal(await style('color'), 'rgb(22, 24, 29)', 'dark ink on a light colour');
      assert.equal(await visitor.page.locator('h2').textContent(), 'Acme');
      const surface = await visitor.panel.evaluate((e) => getComputedStyle(e).backgroundColor);
      assert.equal(surface, 'rgb(28, 31, 39)');
    };
    await talk('dark', { colorScheme: 'dark' }, check, address);
  });

  it('neither takes styles from the page nor gives it any', async () => {
    const browser = await openBrowser();
    try {
      const visitor = await browser.visit(`${gateway.origin}/page`);
      await visitor.open();
      const background = (locator) => locator.evaluate((e) => getComputedStyle(e).backgroundColor);
      assert.equal(await background(visitor.launcher), 'rgb(52, 86, 201)');
      const size = await visitor.page.locator('h1').evaluate((e) => getComputedStyle(e).fontSize);
      assert.equal(size, '32px');
      const hosts = await visitor.page.locator('body > div').count();
      assert.equal(hosts, 1);
    } finally {
      await browser.close();
    }
  });

  it('counts the limit in bytes, and does not send what is past it', async () => {
    const browser = await openBrowser();
    try {
      const visitor = await browser.visit(`${gateway.origin}/demo`);
      await visitor.open();
      await visitor.input.fill('茶'.repeat(2731)); // 8193 bytes
      await visitor.panel.getByText('Too long: 8,193 of 8,192 bytes').waitFor();
      await visitor.input.press('Enter');
      assert.equal(await visitor.page.locator('.send').isDisabled(), true);
      assert.equal(await visitor.page.locator('.log .row').count(), 0);
      await visitor.tells('茶'.repeat(2730));
    } finally {
      await browser.close();
    }
  });

  it('works by keyboard alone', async () => {
    const browser = await openBrowser();
    try {
      const visitor = await browser.visit(`${gateway.origin}/page`);
      const { keyboard } = visitor.page;
      await visitor.launcher.focus();
      await keyboard.press('Enter');
      await visitor.panel.waitFor();
      await keyboard.type('first line');
      await keyboard.press('Shift+Enter');
      await keyboard.type('second line');
      await keyboard.press('Enter');
      await visitor.sees('mine', 'first line\nsecond line');
      await keyboard.press('Escape');
      await visitor.panel.waitFor({ state: 'hidden' });
      const focused = await visitor.page.evaluate(
        () => document.activeElement.shadowRoot.activeElement.className,
      );
      assert.equal(focused, 'launcher');
    } finally {
      await browser.close();
    }
  });

  it('opens, closes and tells by window.Parlor', async () => {
    const browser = await openBrowser();
    try {
      const visitor = await browser.visit(`${gateway.origin}/page`);
      await visitor.launcher.waitFor();
      await visitor.page.evaluate(() => {
        window.heard = [];
        for (const name of ['open', 'close', 'message', 'unread']) {
          window.Parlor.on(name, (...detail) =>
            window.heard.push([name, ...detail.filter(Boolean)]),
          );
        }
        window.Parlor.open();
      });
      await visitor.panel.waitFor();
      await visitor.tells('Hello');
      await visitor.page.evaluate(() => window.Parlor.close());
      await visitor.panel.waitFor({ state: 'hidden' });
      gateway.accept(gateway.newest, 'Alice');
      gateway.say(gateway.newest, 'News');
      await visitor.page.waitForFunction(() => window.heard.length === 4);
      assert.deepEqual(await visitor.page.evaluate(() => window.heard), [
        ['open'],
        ['close'],
        ['message', { text: 'News', name: 'Alice' }],
        ['unread', 1],
      ]);
    } finally {
      await browser.close();
    }
  });
});
