import { expect, test } from 'vitest';
import type { ChatEvent } from '../../src/protocol';
import { Conversation } from '../../src/session/conversation';
import { formatCursor, parseCursor } from '../../src/session/cursor';
import { event } from '../support/fake_server';

const seqs = (conversation: Conversation) => conversation.events.map(({ seq }) => seq);

test('a cursor is epoch.seq, or a bare seq', () => {
  expect(parseCursor('1.17')).toEqual({ epoch: 1, seq: 17 });
  expect(parseCursor('0')).toEqual({ epoch: null, seq: 0 });
  for (const bad of ['', '1.', '.1', '1.2.3', '-1', '1.x', ' 1.2', 5, null, '9'.repeat(16)]) {
    expect(parseCursor(bad)).toBeNull();
  }
  for (const text of ['1.17', '0', '42']) expect(formatCursor(parseCursor(text)!)).toBe(text);
});

test('it shows what follows and drops what it has', () => {
  const conversation = new Conversation();
  expect(conversation.cursor).toBe('0');
  const first = conversation.apply({ events: [event(1), event(2)], cursor: '1.2' });
  expect(first.added.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(conversation.cursor).toBe('1.2');
  const second = conversation.apply({ events: [event(2), event(3)], cursor: '1.3' });
  expect(second).toEqual({ added: [event(3)], reset: false, incomplete: false });
  expect(conversation.apply({ events: [event(1)], cursor: '1.3' }).added).toEqual([]);
  expect(seqs(conversation)).toEqual([1, 2, 3]);
});

test('it shows nothing beyond a hole, and says that it is incomplete', () => {
  const conversation = new Conversation();
  conversation.apply({ events: [event(1)], cursor: '1.1' });
  const applied = conversation.apply({ events: [event(3), event(4)], cursor: '1.4' });
  expect(applied).toEqual({ added: [], reset: false, incomplete: true });
  expect(conversation.cursor).toBe('1.1');
  conversation.apply({ events: [event(2), event(3), event(4)], cursor: '1.4' });
  expect(seqs(conversation)).toEqual([1, 2, 3, 4]);
});

test('a gap that the server cannot fill is incomplete too', () => {
  const conversation = new Conversation();
  conversation.apply({ events: [event(1)], cursor: '1.1' });
  const applied = conversation.apply({ events: [], cursor: '1.1', gap: true });
  expect(applied.incomplete).toBe(true);
  expect(seqs(conversation)).toEqual([1]);
});

test('after a reset it starts over', () => {
  const conversation = new Conversation();
  conversation.apply({ events: [event(1), event(2)], cursor: '1.2' });
  const applied = conversation.apply({ events: [event(1)], cursor: '2.1', reset: true });
  expect(applied.reset).toBe(true);
  expect(conversation.cursor).toBe('2.1');
  expect(seqs(conversation)).toEqual([1]);
});

test('another epoch is a reset even if the server does not say so', () => {
  const conversation = new Conversation();
  conversation.apply({ events: [event(1), event(2)], cursor: '1.2' });
  const applied = conversation.apply({ events: [event(3)], cursor: '2.3' });
  expect(applied).toEqual({ added: [], reset: true, incomplete: true });
  expect(conversation.seq).toBe(0);
});

test('a reset for one who has nothing is none', () => {
  const conversation = new Conversation();
  const applied = conversation.apply({ events: [event(1)], cursor: '2.1', reset: true });
  expect(applied.reset).toBe(false);
  expect(seqs(conversation)).toEqual([1]);
});

test('what is no event is passed over', () => {
  const conversation = new Conversation();
  const odd = [null, 'x', { seq: 1 }, { seq: '1', type: 'message', from: {} }] as unknown[];
  conversation.apply({ events: [...(odd as ChatEvent[]), event(1)], cursor: '1.1' });
  expect(seqs(conversation)).toEqual([1]);
});

test('any way of cutting, repeating and overlapping gives each event once and in order', () => {
  let state = 7;
  const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
  for (let round = 0; round < 50; round++) {
    const conversation = new Conversation();
    const total = 1 + random(30);
    for (let step = 0; conversation.seq < total && step < 10_000; step++) {
      const from = random(total) + 1;
      const to = Math.min(total, from + random(6));
      const events = [];
      for (let seq = from; seq <= to; seq++) events.push(event(seq));
      conversation.apply({ events, cursor: `1.${to}` });
      const expected = Array.from({ length: conversation.seq }, (_, index) => index + 1);
      expect(seqs(conversation)).toEqual(expected);
    }
    expect(conversation.seq).toBe(total);
  }
});
