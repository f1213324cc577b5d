import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { closeChromium, openBrowser } from '../support/browser.mjs';
import { FakeGateway } from '../support/fake_gateway.mjs';

const kShots = fileURLToPath(new URL('../screenshots/', import.meta.url));

describe('the transcript', () => {
  let gateway;
  let browser;
  let visitor;

  before(() => mkdir(kShots, { recursive: true }));
  after(closeChromium);
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(async () => {
    await browser.close();
    await gateway.kill();
    assert.deepEqual(visitor.errors, []);
  });

  async function visit(options = {}) {
    browser = await openBrowser({ acceptDownloads: true, ...options });
    visitor = await browser.visit(`${gateway.origin}/demo`);
    await visitor.open();
  }

  async function talk() {
    await visitor.tells('Where is my parcel?');
    gateway.accept(gateway.newest, 'Alice');
    gateway.say(gateway.newest, '在路上。');
    await visitor.sees('theirs', '在路上。');
  }

  const button = (name = 'Download transcript') =>
    visitor.panel.getByRole('button', { name, exact: true });
  const shoot = (name) => visitor.page.screenshot({ path: `${kShots}${name}.png` });

  async function download(press) {
    const [file] = await Promise.all([visitor.page.waitForEvent('download'), press()]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  }

  it('is saved as a page, and by keyboard alone', async () => {
    await visit();
    assert.equal(await button().isDisabled(), true, 'there is nothing yet');
    await shoot('transcript-disabled');
    await talk();
    await shoot('transcript-button');
    const file = await download(async () => {
      await button().focus();
      await visitor.page.keyboard.press('Enter');
    });
    assert.equal(file.name, 'transcript.html');
    assert.equal(file.text, '<html lang="en"><p>Where is my parcel?</p><p>在路上。</p>');
    await visitor.panel.getByText('The transcript has been saved').waitFor();
    await shoot('transcript-saved');
  });

  it('can still be had when the conversation has ended', async () => {
    await visit();
    await talk();
    gateway.close(gateway.newest);
    await visitor.seesLine('Alice closed the conversation');
    const file = await download(() => button().click());
    assert.match(file.text, /Where is my parcel/);
    await shoot('transcript-ended');
  });

  for (const [width, name] of [
    [1280, 'wide'],
    [360, 'narrow'],
  ]) {
    it(`says why it failed and lets one try again, on a ${name} screen`, async () => {
      await visit({ viewport: { width, height: 740 }, locale: 'zh-CN' });
      await talk();
      gateway.faults.transcript = 'too_large';
      await button('下载聊天记录').click();
      await visitor.panel.getByText('未能下载聊天记录：内容过长').waitFor();
      await shoot(`transcript-failed-${name}`);
      const overflow = await visitor.panel
        .locator('header')
        .evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.equal(overflow, 0);
      gateway.faults.transcript = '';
      const file = await download(() => button('重试').click());
      assert.match(file.text, /lang="zh".*在路上/);
      await visitor.panel.getByText('聊天记录已保存').waitFor();
    });
  }

  it('leaves the line by Escape, and the panel by another', async () => {
    await visit();
    await talk();
    gateway.faults.transcript = 'too_large';
    await button().click();
    const said = visitor.panel.getByText('No transcript: it is too long');
    await said.waitFor();
    await visitor.page.keyboard.press('Escape');
    await said.waitFor({ state: 'hidden' });
    assert.equal(await button().evaluate((e) => e.getRootNode().activeElement === e), true);
    await visitor.page.keyboard.press('Escape');
    await visitor.panel.waitFor({ state: 'hidden' });
  });
});
