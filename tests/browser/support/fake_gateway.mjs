// A gateway with its ledger and agent in one process's memory: docs/protocol.md's HTTP face, as far
// as the widget uses it, plus what tests need to bring it into trouble.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const kDist = new URL('../../../widget/dist/', import.meta.url);
const kMaxTextBytes = 8 * 1024;
const kPage = 200;

export class FakeGateway {
  /** What every replica sees; give it to a second one, or to one that is started again. */
  state = { conversations: new Map(), openings: new Map(), requests: [], opened: 0, epoch: 1 };
  /**
   * Switches for tests. `delay202`: posts are answered with 202, and recorded that much later.
   * `loseOpened`: conversations are opened, but nobody learns of it. `transcript`: the code with which
   * making transcripts fails.
   */
  faults = {
    refuseWebSocket: false,
    postStatus: 0,
    delay202: 0,
    sse: false,
    gap: false,
    loseOpened: false,
    transcript: '',
  };
  #server = null;
  #sockets = new Set();
  #waiting = new Set();
  #streams = new Set();
  port = 0;

  constructor(state) {
    if (state) this.state = state;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens on a free port, or after kill() on the same one again. */
  async start() {
    const upgrades = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
    this.#server = http.createServer((request, response) => {
      this.#handle(request, response).catch((error) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#upgrade(upgrades, request, socket, head);
    });
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    this.port = this.#server.address().port;
    return this;
  }

  /** As kill -9 does: every connection breaks off. What was recorded stays. */
  async kill() {
    if (!this.#server) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    this.#sockets.clear();
    this.#waiting.clear();
    this.#streams.clear();
    this.#server = null;
    await closed;
  }

  /** Closes every WebSocket with that code. */
  closeSockets(code, reason = '') {
    for (const socket of this.#sockets) socket.close(code, reason);
  }

  get sockets() {
    return [...this.#sockets];
  }

  get socketCount() {
    return this.#sockets.size;
  }

  /** The only conversation, or the newest. */
  get newest() {
    return [...this.state.conversations.values()].at(-1);
  }

  /** The agent's side. */
  accept(conversation, name = 'Alice') {
    const agent = { kind: 'agent', id: name.toLowerCase(), name };
    conversation.agent = agent;
    const assigned = { agent: agent.id, agent_name: name };
    return this.record(conversation, { from: { kind: 'system' }, type: 'assigned', assigned });
  }

  say(conversation, text) {
    const from = conversation.agent ?? { kind: 'agent', id: 'alice', name: 'Alice' };
    return this.record(conversation, { from, type: 'message', message: { text } });
  }

  close(conversation) {
    const closed = { reason: 'done' };
    return this.record(conversation, { from: conversation.agent, type: 'closed', closed });
  }

  live(conversation, body) {
    this.#push(conversation, { type: 'live', from: conversation.agent, ...body });
  }

  /** Appends an event and tells everybody who waits for it. */
  record(conversation, event) {
    const seq = conversation.events.length + 1;
    const recorded = { seq, at: new Date().toISOString(), ...event };
    conversation.events.push(recorded);
    this.#push(conversation, { type: 'events', events: [recorded], cursor: this.#cursor(seq) });
    for (const waiting of [...this.#waiting]) {
      if (waiting.conversation === conversation) waiting.wake();
    }
    return recorded;
  }

  #push(conversation, frame) {
    const text = JSON.stringify(frame);
    for (const socket of this.#sockets) {
      if (socket.conversation === conversation) socket.send(text);
    }
    for (const stream of this.#streams) {
      if (stream.conversation === conversation) stream.response.write(`data: ${text}\n\n`);
    }
  }

  #cursor(seq) {
    return `${this.state.epoch}.${seq}`;
  }

  /** The page after a cursor, as GET events and the first frame of a stream give it. */
  #page(conversation, after) {
    const [, epoch, seq] = /^(?:(\d+)\.)?(\d+)$/.exec(after ?? '0') ?? [];
    const foreign = epoch !== undefined && Number(epoch) !== this.state.epoch;
    if (this.faults.gap && Number(seq) < conversation.events.length) {
      return { events: [], cursor: after, gap: true };
    }
    const from = foreign ? 0 : Number(seq);
    const events = conversation.events.slice(from, from + kPage);
    const cursor = this.#cursor(events.at(-1)?.seq ?? from);
    return { events, cursor, ...(foreign && { reset: true }) };
  }

  async #handle(request, response) {
    const url = new URL(request.url, this.origin);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'Location, Retry-After');
    if (request.method === 'OPTIONS') return preflight(response);
    if (url.pathname === '/widget.js' || url.pathname === '/demo') return asset(url, response);
    if (url.pathname === '/page') return page(url, response);
    this.state.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const body = request.method === 'POST' ? await readBody(request) : null;
    if (/^\/v1\/sites\/[^/]+\/conversations$/.test(url.pathname)) {
      return this.#open(response, body);
    }
    const conversation = this.#authorised(request, url);
    if (!conversation) return problem(response, 401, 'unauthorized');
    const call = url.pathname.split('/').at(-1);
    if (call === 'events' && request.method === 'POST') {
      return this.#post(response, conversation, body);
    }
    if (call === 'events') return this.#read(response, conversation, url);
    if (call === 'stream' && this.faults.sse) return this.#stream(response, conversation, url);
    if (call === 'transcript') return this.#transcript(response, conversation, body);
    if (call === 'result') return this.#result(response, conversation, url);
    if (url.pathname.startsWith('/v1/requests/'))
      return this.#outcome(response, conversation, call);
    return problem(response, 404, 'not_found');
  }

  #open(response, body) {
    const known = this.state.openings.get(body.request_id);
    const conversation = known ?? this.#openNew(body);
    // The connection breaks off once it is open, as when a replica dies.
    if (this.faults.loseOpened) return response.destroy();
    const { id, token } = conversation;
    json(response, 201, { conversation: id, token, cursor: this.#cursor(1) });
  }

  #openNew(body) {
    this.state.opened++;
    const id = `01J${String(this.state.opened).padStart(23, '0')}`;
    const conversation = { id, token: `token-${id}`, events: [], posted: new Map(), about: body };
    this.state.conversations.set(id, conversation);
    const opened = {
      department: body.department ?? '',
      visitor: { name: body.visitor?.name ?? '' },
    };
    this.record(conversation, { from: { kind: 'visitor' }, type: 'opened', opened });
    if (body.request_id) this.state.openings.set(body.request_id, conversation);
    return conversation;
  }

  #authorised(request, url) {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token = bearer ?? url.searchParams.get('access_token');
    for (const conversation of this.state.conversations.values()) {
      if (conversation.token === token) return conversation;
    }
    return null;
  }

  #post(response, conversation, body) {
    if (this.faults.postStatus) return problem(response, this.faults.postStatus, 'unavailable');
    const { request_id, ...rest } = body;
    const [type] = Object.keys(rest);
    if (Buffer.byteLength(rest.message?.text ?? '') > kMaxTextBytes) {
      return problem(response, 413, 'too_large');
    }
    if (isClosed(conversation) && type === 'close') return problem(response, 409, 'closed');
    const record = () => this.#recordPost(conversation, request_id, type, rest);
    if (this.faults.delay202 > 0 && !conversation.posted.has(request_id)) {
      setTimeout(record, this.faults.delay202);
      response.setHeader('Location', `/v1/requests/${request_id}`);
      return json(response, 202, { request_id });
    }
    const seq = record();
    json(response, 201, { request_id, seq, cursor: this.#cursor(seq) });
  }

  #recordPost(conversation, request_id, type, rest) {
    const known = conversation.posted.get(request_id);
    if (known) return known;
    if (type === 'message' && isClosed(conversation)) {
      const from = { kind: 'system' };
      this.record(conversation, { from, type: 'reopened', reopened: {} });
      this.record(conversation, { from, type: 'queued', queued: { reason: 'reopened' } });
    }
    const member = type === 'close' ? { closed: rest.close } : rest;
    const from = { kind: 'visitor' };
    const name = type === 'close' ? 'closed' : type;
    const { seq } = this.record(conversation, { from, type: name, request_id, ...member });
    conversation.posted.set(request_id, seq);
    return seq;
  }

  #transcript(response, conversation, { request_id, lang }) {
    (conversation.transcripts ??= new Map()).set(request_id, lang);
    response.setHeader('Location', `/v1/requests/${request_id}`);
    json(response, 202, { request_id, status: 'pending' });
  }

  #result(response, conversation, url) {
    const lang = conversation.transcripts?.get(url.pathname.split('/').at(-2));
    if (!lang) return problem(response, 404, 'not_found');
    const texts = conversation.events.map(({ message }) => message?.text ?? '');
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(`<html lang="${lang}"><p>${texts.filter(Boolean).join('</p><p>')}</p>`);
  }

  #outcome(response, conversation, request_id) {
    if (conversation.transcripts?.has(request_id)) {
      const code = this.faults.transcript;
      const result = `/v1/requests/${request_id}/result`;
      const became = code
        ? { status: 'failed', problem: { status: 413, code } }
        : { status: 'done', content_type: 'text/html; charset=utf-8', result };
      return json(response, 200, { request_id, ...became });
    }
    const seq = conversation.posted.get(request_id);
    if (!seq) {
      return setTimeout(() => json(response, 200, { request_id, status: 'pending' }), 100);
    }
    json(response, 200, { request_id, status: 'recorded', seq, cursor: this.#cursor(seq) });
  }

  #read(response, conversation, url) {
    const after = url.searchParams.get('after');
    const waitMs = Number(url.searchParams.get('wait') ?? 0) * 1000;
    const answer = () => json(response, 200, this.#page(conversation, after));
    const now = this.#page(conversation, after);
    if (now.events.length > 0 || now.gap || waitMs === 0) return answer();
    const waiting = { conversation, wake: () => end(answer) };
    const end = (how) => {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
      how();
    };
    const timer = setTimeout(() => end(() => response.writeHead(204).end()), waitMs);
    this.#waiting.add(waiting);
    response.on('close', () => end(() => {}));
  }

  #stream(response, conversation, url) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const first = this.#page(conversation, url.searchParams.get('after'));
    response.write(`data: ${JSON.stringify({ type: 'events', ...first })}\n\n`);
    const stream = { conversation, response };
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
  }

  #upgrade(upgrades, request, socket, head) {
    socket.on('error', () => {}); // the browser went away: no concern of a test
    const url = new URL(request.url, this.origin);
    if (this.faults.refuseWebSocket) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const conversation = this.#authorised(request, url);
    upgrades.handleUpgrade(request, socket, head, (client) => {
      if (!conversation) return client.close(4001, 'token');
      client.conversation = conversation;
      this.#sockets.add(client);
      client.on('close', () => this.#sockets.delete(client));
      client.on('message', (data) => (conversation.heard ??= []).push(JSON.parse(String(data))));
      const first = this.#page(conversation, url.searchParams.get('after'));
      client.send(JSON.stringify({ type: 'events', ...first }));
    });
  }
}

function isClosed(conversation) {
  const last = conversation.events.findLast(({ type }) => type === 'closed' || type === 'reopened');
  return last?.type === 'closed';
}

function json(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function problem(response, status, code) {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail: code }));
}

function preflight(response) {
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
  response.setHeader('Access-Control-Allow-Headers', 'authorization, content-type');
  response.writeHead(204).end();
}

async function readBody(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString('utf8') || '{}');
}

async function asset(url, response) {
  const isScript = url.pathname === '/widget.js';
  const file = await readFile(new URL(isScript ? 'widget.js' : 'demo.html', kDist));
  const type = isScript ? 'text/javascript' : 'text/html';
  response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` });
  response.end(file);
}

/** A bare page of some customer; the query becomes data- attributes of the tag. */
function page(url, response) {
  const attributes = [...url.searchParams].map(([name, value]) => ` data-${name}="${value}"`);
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><title>A site</title>
    <style>button { background: red !important; font-size: 40px } p { color: lime }</style>
    <h1>A customer's site</h1><p>Nothing to see.</p>
    <script src="/widget.js" data-site="demo"${attributes.join('')} async></script></html>`);
}
