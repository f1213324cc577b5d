// A visitor in Chromium and an agent's client, through the real gateways, broker and ledger.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { HeadlessAgent } from '../support/agent.mjs';
import { closeChromium, openBrowser } from '../support/browser.mjs';
import { customerSite } from '../support/customer_site.mjs';
import { product } from '../support/product.mjs';

const parlor = product();

describe('the product', () => {
  let agent;
  let browser;
  let visitors;

  before(async () => {
    agent = new HeadlessAgent(parlor.agent);
    await agent.hears('connected');
  });
  after(async () => {
    await closeChromium();
    await agent?.quit();
  });
  beforeEach(async () => {
    visitors = [];
    browser = await openBrowser();
  });
  afterEach(async () => {
    await browser.close();
    for (const visitor of visitors) assert.deepEqual(visitor.errors, []);
  });

  async function visit(address) {
    const visitor = await browser.visit(address);
    visitors.push(visitor);
    return visitor;
  }

  /** The visitor writes, the agent sees it waiting and takes it. Gives the conversation. */
  async function accept(visitor, text) {
    await visitor.open();
    await visitor.tells(text);
    const conversation = await visitor.conversation('demo');
    await agent.hears('queued', { conversation });
    agent.do('accept', { conversation });
    await agent.hears('assigned', { conversation });
    await agent.hears('event', { conversation, type: 'message', text });
    await visitor.seesLine('Alice joined the conversation');
    return conversation;
  }

  async function answer(visitor, conversation, text) {
    agent.do('say', { conversation, text });
    await agent.hears('sent', { conversation });
    await visitor.sees('theirs', text);
  }

  it('carries a conversation from the first word to the last', async () => {
    const visitor = await visit(`${parlor.balancer}/demo`);
    const conversation = await accept(visitor, 'Hello, is anybody there? 你好');
    await visitor.isConnected();
    await visitor.usesTransport('websocket');
    await answer(visitor, conversation, 'I am. <b>What</b> can I do for you?');
    await visitor.tells('I lost my parcel.');
    await agent.hears('event', { conversation, text: 'I lost my parcel.' });

    await visitor.page.reload();
    const expected = [
      'mine: Hello, is anybody there? 你好',
      'theirs: I am. <b>What</b> can I do for you?',
      'mine: I lost my parcel.',
    ];
    await visitor.sees('mine', 'I lost my parcel.');
    assert.deepEqual(await visitor.transcript(), expected);

    agent.do('read', { conversation });
    await visitor.isMarked('I lost my parcel.', 'seen');
    agent.do('typing', { conversation });
    await visitor.page.locator('.typing').waitFor();
    await visitor.input.pressSequentially('hm');
    await agent.hears('typing', { conversation, active: true });
    await visitor.input.fill('');
    await answer(visitor, conversation, 'Found it.');
    agent.do('close', { conversation });
    await visitor.seesLine('Alice closed the conversation');
    await visitor.page.getByRole('radio', { name: '5 of 5' }).click();
    await visitor.page.getByRole('button', { name: 'Send rating' }).click();
    await visitor.seesLine('You rated this conversation 5 of 5');
    assert.deepEqual(await visitor.transcript(), [...expected, 'theirs: Found it.']);

    const download = visitor.page.waitForEvent('download');
    await visitor.page.getByRole('button', { name: 'Download transcript' }).click();
    const file = await readFile(await (await download).path(), 'utf8');
    for (const said of ['I lost my parcel.', '&lt;b&gt;What&lt;/b&gt;', 'Found it.']) {
      assert.ok(file.includes(said), said);
    }
  });

  it('works by long polling where WebSockets do not pass', async () => {
    await browser.context.routeWebSocket('**', (socket) => socket.close());
    const visitor = await visit(`${parlor.balancer}/demo`);
    const conversation = await accept(visitor, 'Without sockets');
    await answer(visitor, conversation, 'Works as well.');
    await visitor.tells('Indeed.');
    await agent.hears('event', { conversation, text: 'Indeed.' });
    const expected = ['mine: Without sockets', 'theirs: Works as well.', 'mine: Indeed.'];
    assert.deepEqual(await visitor.transcript(), expected);
    agent.do('close', { conversation });
    await visitor.seesLine('Alice closed the conversation');
  });

  // The last: it kills the first gateway for good.
  it('goes on at the other gateway when the first is killed, on another site’s page', async () => {
    const [first] = parlor.gateways;
    const data = { site: 'demo', api: parlor.gateways.join(',') };
    const site = await customerSite(`${parlor.balancer}/widget.js`, data);
    const elsewhere = await openBrowser();
    try {
      const balanced = await elsewhere.visit(`${parlor.balancer}/demo`);
      visitors.push(balanced);
      const second = await accept(balanced, 'Behind the balancer');
      const visitor = await visit(site.address);
      const sockets = [];
      visitor.page.on('websocket', (socket) => sockets.push(socket.url()));
      const conversation = await accept(visitor, 'Before');
      await answer(visitor, conversation, 'Here I am.');
      const { host } = new URL(first);
      assert.ok(sockets[0].startsWith(`ws://${host}/`), 'connected to the first gateway');

      process.kill(parlor.pidAt(first), 'SIGKILL');
      await visitor.tells('Still there?');
      await agent.hears('event', { conversation, text: 'Still there?' });
      await answer(visitor, conversation, 'Still here.');
      await visitor.isConnected();
      await balanced.tells('Me too?');
      await agent.hears('event', { conversation: second, text: 'Me too?' });
      await answer(balanced, second, 'You too.');
      agent.do('close', { conversation: second });
      const expected = [
        'mine: Before',
        'theirs: Here I am.',
        'mine: Still there?',
        'theirs: Still here.',
      ];
      assert.deepEqual(await visitor.transcript(), expected);
      await visitor.page.reload();
      await visitor.sees('theirs', 'Still here.');
      assert.deepEqual(await visitor.transcript(), expected);
      agent.do('close', { conversation });
      await visitor.seesLine('Alice closed the conversation');
    } finally {
      await elsewhere.close();
      await site.close();
    }
  });
});
