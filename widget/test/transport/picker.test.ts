import { expect, test } from 'vitest';
import { Picker } from '../../src/transport/picker';
import type { End } from '../../src/transport/transport';

const lost: End = { kind: 'lost', retryAfterMs: 0 };
const leaving: End = { kind: 'again', withinMs: 2000, elsewhere: true };

test('it begins with the best', () => {
  const picker = new Picker();
  expect(picker.current).toBe('websocket');
  expect(picker.nextTrialMs()).toBeNull();
});

test('one that cannot be opened makes place for the next, down to the last', () => {
  const picker = new Picker();
  const order = [];
  for (let i = 0; i < 5; i++) {
    picker.ended(lost, null, 1);
    order.push(picker.current);
  }
  // All failed: the server is away, and that is no reason against any of them.
  expect(order).toEqual(['sse', 'long_polling', 'short_polling', 'websocket', 'sse']);
});

test('with two origins each is tried before the transport is given up', () => {
  const picker = new Picker();
  picker.ended(lost, null, 2);
  expect(picker.current).toBe('websocket');
  picker.ended(lost, null, 2);
  expect(picker.current).toBe('sse');
});

test('one that dies twice quickly makes place for the next', () => {
  const picker = new Picker();
  picker.ended(lost, 500, 1);
  expect(picker.current).toBe('websocket');
  picker.ended(lost, 500, 1);
  expect(picker.current).toBe('sse');
});

test('one that lived for long is kept, however often it dies', () => {
  const picker = new Picker();
  for (let i = 0; i < 10; i++) {
    picker.ended(lost, 60_000, 1);
    expect(picker.current).toBe('websocket');
  }
  picker.ended(lost, 500, 1);
  picker.ended(lost, 60_000, 1);
  picker.ended(lost, 500, 1);
  expect(picker.current).toBe('websocket');
});

test('a server that leaves says nothing against the transport', () => {
  const picker = new Picker();
  for (let i = 0; i < 5; i++) picker.ended(leaving, 100, 1);
  expect(picker.current).toBe('websocket');
});

test('what the server does not offer is not tried again', () => {
  const picker = new Picker();
  picker.ended(lost, null, 1);
  expect(picker.current).toBe('sse');
  picker.ended({ kind: 'unsupported' }, null, 1);
  const order = [];
  for (let i = 0; i < 4; i++) {
    order.push(picker.current);
    picker.ended(lost, null, 1);
  }
  expect(order).toEqual(['long_polling', 'short_polling', 'websocket', 'long_polling']);
});

test('while a humbler one works the best is tried again, ever more rarely', () => {
  const picker = new Picker();
  picker.ended(lost, null, 1);
  const waits = Array.from({ length: 7 }, () => picker.nextTrialMs());
  expect(waits).toEqual([5000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  picker.promoted();
  expect(picker.current).toBe('websocket');
  expect(picker.nextTrialMs()).toBeNull();
});

test('a best one that does not exist is replaced by the next best', () => {
  const picker = new Picker();
  picker.ended(lost, null, 1);
  picker.ban('websocket');
  expect(picker.best).toBe('sse');
  expect(picker.nextTrialMs()).toBeNull();
});
