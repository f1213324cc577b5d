import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { closeChromium, openBrowser, until } from '../support/browser.mjs';
import { FakeGateway } from '../support/fake_gateway.mjs';

describe('a conversation', () => {
  let gateway;
  let browser;
  let visitor;

  before(async () => {
    gateway = await new FakeGateway().start();
  });
  after(async () => {
    await closeChromium();
    await gateway.kill();
  });
  beforeEach(async () => {
    browser = await openBrowser();
    visitor = await browser.visit(`${gateway.origin}/demo`);
  });
  afterEach(async () => {
    await browser.close();
    assert.deepEqual(visitor.errors, []);
  });

  async function begin(text = 'Hello') {
    const before = gateway.state.opened;
    await visitor.open();
    await visitor.tells(text);
    assert.equal(gateway.state.opened, before + 1);
    return gateway.newest;
  }

  it('is opened by the first message, and both sides see both', async () => {
    assert.equal(gateway.state.requests.length, 0, 'nothing is asked before the visitor writes');
    const conversation = await begin('Do you ship to Norway?');
    await visitor.isConnected();
    await visitor.usesTransport('websocket');
    gateway.accept(conversation, 'Alice');
    gateway.say(conversation, 'We do.');
    await visitor.sees('theirs', 'We do.');
    await visitor.seesLine('Alice joined the conversation');
    assert.deepEqual(await visitor.transcript(), [
      'mine: Do you ship to Norway?',
      'theirs: We do.',
    ]);
    assert.equal(conversation.about.visitor.page_title, 'Leaf & Kettle · Parlor demo');
  });

  it('goes on after a reload, from the first event', async () => {
    const conversation = await begin('one');
    gateway.accept(conversation);
    gateway.say(conversation, 'two');
    await visitor.sees('theirs', 'two');
    await visitor.tells('three');
    await visitor.page.reload();
    await visitor.sees('mine', 'three');
    assert.deepEqual(await visitor.transcript(), ['mine: one', 'theirs: two', 'mine: three']);
    assert.ok(await visitor.panel.isVisible(), 'the panel is open again');
    gateway.say(conversation, 'four');
    await visitor.sees('theirs', 'four');
  });

  it('shows hostile text as text', async () => {
    const conversation = await begin('<b>bold</b><script>window.hacked = 1</script>');
    const hostile = '<img src=x onerror="window.hacked=1"> javascript:alert(1)';
    gateway.accept(conversation, '<i>Mallory</i>');
    gateway.say(conversation, hostile);
    await visitor.sees('theirs', hostile);
    await visitor.sees('mine', '<b>bold</b><script>window.hacked = 1</script>');
    await visitor.seesLine('<i>Mallory</i> joined');
    assert.equal(await visitor.page.evaluate(() => window.hacked), undefined);
    assert.equal(await visitor.panel.locator('img, b, script, a').count(), 0);
  });

  it('links web addresses, safely', async () => {
    const conversation = await begin();
    gateway.say(conversation, 'See https://tea.example/a?b=1. Or http://x@evil.example/');
    const links = visitor.panel.locator('.bubble a');
    await links.first().waitFor();
    assert.equal(await links.count(), 1);
    assert.equal(await links.getAttribute('href'), 'https://tea.example/a?b=1');
    assert.match(await links.getAttribute('rel'), /noopener/);
    assert.equal(await links.getAttribute('target'), '_blank');
  });

  it('counts what is unread while the panel is closed, and says when it was read', async () => {
    const conversation = await begin();
    await visitor.page.keyboard.press('Escape');
    await visitor.panel.waitFor({ state: 'hidden' });
    gateway.say(conversation, 'Are you there?');
    gateway.say(conversation, 'Hello?');
    const badge = visitor.page.locator('.badge');
    await badge.filter({ hasText: /^2$/ }).waitFor();
    assert.equal(await visitor.launcher.getAttribute('aria-label'), 'Open chat, 2 unread');
    await visitor.open();
    await badge.waitFor({ state: 'hidden' });
    await until('a reading position', () =>
      conversation.events.some(({ type }) => type === 'read'),
    );
  });

  it('tells of typing in both directions', async () => {
    const conversation = await begin();
    await visitor.usesTransport('websocket');
    gateway.accept(conversation, 'Alice');
    gateway.live(conversation, { typing: { active: true } });
    await visitor.page.locator('.typing').waitFor();
    gateway.say(conversation, 'There');
    await visitor.page.locator('.typing').waitFor({ state: 'hidden' });
    await visitor.input.pressSequentially('hm');
    await until('the agent hears of it', () => conversation.heard?.some((f) => f.typing?.active));
  });

  it('is closed by the agent, rated, and followed by a new one', async () => {
    const conversation = await begin();
    gateway.accept(conversation, 'Alice');
    gateway.close(conversation);
    await visitor.seesLine('Alice closed the conversation');
    await visitor.page.getByRole('radio', { name: '4 of 5' }).click();
    await visitor.page.getByPlaceholder('Anything you would like to add').fill('Quick!');
    await visitor.page.getByRole('button', { name: 'Send rating' }).click();
    await visitor.seesLine('You rated this conversation 4 of 5');
    const rating = conversation.events.find(({ type }) => type === 'rating');
    assert.deepEqual(rating.rating, { score: 4, comment: 'Quick!' });
    await visitor.page.getByRole('button', { name: 'Start a new conversation' }).click();
    await visitor.tells('Something else');
    assert.notEqual(gateway.newest, conversation);
    assert.deepEqual(await visitor.transcript(), ['mine: Something else']);
  });

  it('can be ended by the visitor', async () => {
    const conversation = await begin();
    await visitor.page.getByRole('button', { name: 'End conversation' }).click();
    await visitor.page.getByRole('button', { name: 'End', exact: true }).click();
    await visitor.seesLine('You ended the conversation');
    assert.equal(conversation.events.at(-1).type, 'closed');
  });

  it('is one conversation in two tabs', async () => {
    const conversation = await begin('from the first tab');
    const second = await browser.visit(`${gateway.origin}/demo`);
    await second.open();
    await second.sees('mine', 'from the first tab');
    await second.write('from the second tab');
    await visitor.sees('mine', 'from the second tab');
    await until('it is recorded', () =>
      conversation.events.some(({ message }) => message?.text === 'from the second tab'),
    );
    gateway.say(conversation, 'to both');
    await visitor.sees('theirs', 'to both');
    await second.sees('theirs', 'to both');
    assert.equal(gateway.newest, conversation);
    const expected = ['mine: from the first tab', 'mine: from the second tab', 'theirs: to both'];
    assert.deepEqual(await visitor.transcript(), expected);
    assert.deepEqual(await second.transcript(), expected);
  });
});
