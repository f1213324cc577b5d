import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { closeChromium, openBrowser, until } from '../support/browser.mjs';
import { FakeGateway } from '../support/fake_gateway.mjs';

describe('in trouble', () => {
  let gateway;
  let browser;
  let visitor;

  after(closeChromium);
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
    browser = await openBrowser();
  });
  afterEach(async () => {
    await browser.close();
    await gateway.kill();
    assert.deepEqual(visitor.errors, []);
  });

  async function begin(address = `${gateway.origin}/demo`) {
    visitor = await browser.visit(address);
    await visitor.open();
    await visitor.tells('Hello');
    await visitor.isConnected();
    return gateway.newest;
  }

  it('long-polls where WebSockets are refused, and returns to them later', async () => {
    gateway.faults.refuseWebSocket = true;
    const conversation = await begin();
    await visitor.usesTransport('long_polling');
    gateway.say(conversation, 'polled');
    await visitor.sees('theirs', 'polled');
    await visitor.tells('posted');
    gateway.faults.refuseWebSocket = false;
    await visitor.usesTransport('websocket');
    gateway.say(conversation, 'pushed');
    await visitor.sees('theirs', 'pushed');
    const expected = ['mine: Hello', 'theirs: polled', 'mine: posted', 'theirs: pushed'];
    assert.deepEqual(await visitor.transcript(), expected);
  });

  it('uses server-sent events where they are offered', async () => {
    Object.assign(gateway.faults, { refuseWebSocket: true, sse: true });
    const conversation = await begin();
    await visitor.usesTransport('sse');
    gateway.say(conversation, 'streamed');
    await visitor.sees('theirs', 'streamed');
    assert.deepEqual(await visitor.transcript(), ['mine: Hello', 'theirs: streamed']);
  });

  for (const refuseWebSocket of [false, true]) {
    const transport = refuseWebSocket ? 'long polling' : 'WebSocket';
    it(`survives the death of its server, over ${transport}`, async () => {
      Object.assign(gateway.faults, { refuseWebSocket });
      const conversation = await begin();
      await gateway.kill();
      await visitor.isConnected('lost');
      await visitor.write('while you were away');
      await visitor.page.locator('.mark.sending').first().waitFor();
      gateway.accept(conversation, 'Alice');
      gateway.say(conversation, 'missed');
      await gateway.start();
      await visitor.sees('theirs', 'missed');
      await visitor.isMarked('while you were away', 'delivered');
      await visitor.isConnected();
      const expected = ['mine: Hello', 'theirs: missed', 'mine: while you were away'];
      assert.deepEqual(await visitor.transcript(), expected);
      const texts = conversation.events.filter(({ type }) => type === 'message').length;
      assert.equal(texts, 3, 'recorded once each');
    });
  }

  it('opens one conversation, however often the answer is lost', async () => {
    gateway.faults.loseOpened = true;
    visitor = await browser.visit(`${gateway.origin}/demo`);
    await visitor.open();
    await visitor.write('Hello');
    const openings = () => gateway.state.requests.filter((r) => /^POST.*conversations$/.test(r));
    await until('two attempts', () => openings().length > 1);
    await visitor.page.reload();
    const before = openings().length;
    await until('an attempt after the reload', () => openings().length > before);
    gateway.faults.loseOpened = false;
    await visitor.isMarked('Hello', 'delivered');
    assert.equal(gateway.state.conversations.size, 1);
    assert.equal(gateway.newest.events.filter(({ type }) => type === 'message').length, 1);
  });

  it('keeps what is unsent over a reload', async () => {
    const conversation = await begin();
    gateway.faults.postStatus = 503;
    await visitor.write('not yet');
    await until(
      'an attempt',
      () => gateway.state.requests.filter((r) => /^POST.*events/.test(r)).length > 1,
    );
    await visitor.page.reload();
    await visitor.sees('mine', 'not yet');
    await visitor.page.locator('.mark.sending').first().waitFor();
    gateway.faults.postStatus = 0;
    await visitor.isMarked('not yet', 'delivered');
    assert.equal(conversation.events.filter((e) => e.message?.text === 'not yet').length, 1);
  });

  it('follows a 202 to its outcome', async () => {
    const conversation = await begin();
    gateway.faults.delay202 = 700;
    await visitor.write('slowly');
    await visitor.page.locator('.mark.sending').first().waitFor();
    await visitor.isMarked('slowly', 'delivered');
    assert.equal(conversation.events.filter((e) => e.message?.text === 'slowly').length, 1);
  });

  it('goes on with a message that was under way while the agent closed', async () => {
    const conversation = await begin();
    gateway.accept(conversation, 'Alice');
    gateway.faults.delay202 = 700;
    await visitor.write('One more thing');
    await until('the post', () => gateway.state.requests.some((r) => /^GET.*requests/.test(r)));
    gateway.close(conversation);
    await visitor.seesLine('Alice closed the conversation');
    await visitor.isMarked('One more thing', 'delivered');
    gateway.faults.delay202 = 0;
    await visitor.input.waitFor();
    await visitor.tells('and another');
    const expected = ['mine: Hello', 'mine: One more thing', 'mine: and another'];
    assert.deepEqual(await visitor.transcript(), expected);
  });

  it('shows what was refused, and retries it on demand', async () => {
    await begin();
    gateway.faults.postStatus = 400;
    await visitor.write('refused');
    await visitor.page.locator('.row.failed').waitFor();
    assert.deepEqual(await visitor.transcript(), ['mine: Hello', 'mine: refused']);
    gateway.faults.postStatus = 0;
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    await visitor.isMarked('refused', 'delivered');
    assert.equal(await visitor.page.locator('.row.failed').count(), 0);
  });

  it('goes to the other origin when its own is dead', async () => {
    const other = await new FakeGateway(gateway.state).start();
    const page = await new FakeGateway().start();
    try {
      const api = encodeURIComponent(`${gateway.origin},${other.origin}`);
      const conversation = await begin(`${page.origin}/page?api=${api}`);
      await gateway.kill();
      await until('a socket at the other', () => other.socketCount === 1);
      other.say(conversation, 'from the other replica');
      await visitor.sees('theirs', 'from the other replica');
      await visitor.tells('to the other replica');
      const expected = [
        'mine: Hello',
        'theirs: from the other replica',
        'mine: to the other replica',
      ];
      assert.deepEqual(await visitor.transcript(), expected);
    } finally {
      await other.kill();
      await page.kill();
    }
  });

  it('says so when the token has expired, and begins anew', async () => {
    const conversation = await begin();
    conversation.token = 'another';
    gateway.closeSockets(4001, 'expired');
    await visitor.seesLine('Your earlier conversation has expired');
    await visitor.tells('Again');
    assert.notEqual(gateway.newest, conversation);
    assert.deepEqual(await visitor.transcript(), ['mine: Hello', 'mine: Again']);
    assert.equal(gateway.newest.events.filter(({ type }) => type === 'message').length, 1);
  });

  it('starts over when the server was restored from a backup', async () => {
    const conversation = await begin();
    gateway.say(conversation, 'before');
    await visitor.sees('theirs', 'before');
    gateway.state.epoch = 2;
    conversation.events.length = 1;
    gateway.say(conversation, 'restored');
    gateway.closeSockets(1001);
    await visitor.sees('theirs', 'restored');
    await visitor.seesLine('restored on the server');
    assert.deepEqual(await visitor.transcript(), ['theirs: restored']);
  });

  it('says so while the server cannot fill a hole', async () => {
    const conversation = await begin();
    gateway.faults.gap = true;
    conversation.events.push({
      ...conversation.events[1],
      seq: 3,
      request_id: 'lost',
      message: { text: 'lost' },
    });
    gateway.say(conversation, 'after the hole');
    await visitor.page.locator('.gap').waitFor();
    assert.deepEqual(await visitor.transcript(), ['mine: Hello']);
    gateway.faults.gap = false;
    await visitor.sees('theirs', 'after the hole');
    await visitor.page.locator('.gap').waitFor({ state: 'hidden' });
    assert.deepEqual(await visitor.transcript(), [
      'mine: Hello',
      'mine: lost',
      'theirs: after the hole',
    ]);
  });

  it('finds out that a silent socket is dead', async () => {
    const conversation = await begin();
    const socket = await until('a socket', () => gateway.sockets[0]);
    socket.send = () => {}; // as a path that swallows everything does
    await visitor.write('Anybody?');
    await visitor.sees('mine', 'Anybody?');
    gateway.say(conversation, 'Yes');
    await visitor.sees('theirs', 'Yes');
  });

  it('knows when the browser is offline, and comes back', async () => {
    const conversation = await begin();
    await browser.context.setOffline(true);
    await visitor.isConnected('lost');
    await visitor.page.getByText('You are offline').waitFor();
    gateway.say(conversation, 'meanwhile');
    await browser.context.setOffline(false);
    await visitor.sees('theirs', 'meanwhile');
    await visitor.isConnected();
  });
});
