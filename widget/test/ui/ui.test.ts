// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChatEvent } from '../../src/protocol';
import type { Item } from '../../src/session/view';
import { inkOn, parseHex } from '../../src/ui/color';
import { Composer } from '../../src/ui/composer';
import { textsFor, whyFailed } from '../../src/ui/i18n';
import { linkify } from '../../src/ui/linkify';
import { MessageList } from '../../src/ui/message_list';
import { readOptions } from '../../src/options';
import { event } from '../support/fake_server';

const english = textsFor(['en']);

describe('linkify', () => {
  const shown = (text: string) =>
    linkify(text).map((node) =>
      node instanceof HTMLAnchorElement ? `[${node.textContent}]` : node.textContent,
    );

  test.each([
    ['no address', ['no address']],
    ['see https://a.example/x?y=1#z now', ['see ', '[https://a.example/x?y=1#z]', ' now']],
    ['https://a.example.', ['[https://a.example]', '.']],
    ['(https://a.example/x)', ['(', '[https://a.example/x]', ')']],
    ['https://a.example/a_(b)', ['[https://a.example/a_(b)]']],
    ['请看https://a.example/x，谢谢', ['请看', '[https://a.example/x]', '，谢谢']],
    ['https://a.example/x谢谢', ['[https://a.example/x]', '谢谢']],
    ['HTTP://A.example', ['[HTTP://A.example]']],
    [
      'javascript:alert(1) data:text/html,x ftp://x',
      ['javascript:alert(1) data:text/html,x ftp://x'],
    ],
    ['https://bank.example@evil.example/', ['https://bank.example@evil.example/']],
    ['http://', ['http://']],
    ['https://a.example"onmouseover="x', ['[https://a.example]', '"onmouseover="x']],
    ['<a href="https://a.example">', ['<a href="', '[https://a.example]', '">']],
  ])('%s', (text, expected) => {
    expect(shown(text)).toEqual(expected);
    expect(
      linkify(text)
        .map((node) => node.textContent)
        .join(''),
    ).toBe(text);
  });
});

test('texts: the first language we speak, and both have all of it', () => {
  expect(textsFor(['fr', 'zh-Hant-TW', 'en']).t('send')).toBe('发送');
  expect(textsFor(['fr', 'en-GB', 'zh']).t('send')).toBe('Send');
  expect(textsFor([]).locale).toBe('en');
  expect([textsFor(['zh-Hant-TW']).lang, textsFor(['en-GB']).lang]).toEqual(['zh', 'en']);
  expect(english.t('tooLong', { n: 9, max: 8 })).toBe('Too long: 9 of 8 bytes');
  expect(english.t('joined', { name: '{name} $& <b>' })).toContain('{name} $& <b>');
  expect([whyFailed('closed'), whyFailed('xyz')]).toEqual(['why_closed', 'why_malformed']);
});

test('colours: only hex, and ink that can be read on it', () => {
  expect(parseHex('#0f8')).toEqual([0, 255, 136]);
  expect(parseHex('#00FF88')).toEqual([0, 255, 136]);
  for (const bad of ['red', '#12', '#12345g', 'url(x)', '']) expect(parseHex(bad)).toBeNull();
  expect(inkOn([0, 0, 0])).toBe('#ffffff');
  expect(inkOn([255, 255, 255])).toBe('#16181d');
  expect(inkOn([255, 212, 0])).toBe('#16181d');
});

test('options come from the tag, and say what is wrong with it', () => {
  const script = (data: Record<string, string>, src = 'https://chat.example/widget.js') => {
    const element = document.createElement('script');
    Object.assign(element.dataset, data);
    Object.defineProperty(element, 'src', { value: src });
    return element;
  };
  expect(readOptions(script({ site: 'demo' }))).toMatchObject({
    origins: ['https://chat.example'],
  });
  expect(readOptions(script({ site: 'demo', api: 'http://a,http://b' }))).toMatchObject({
    origins: ['http://a', 'http://b'],
  });
  expect(readOptions(script({}))).toMatch(/data-site/);
  expect(readOptions(script({ site: 'No Good' }))).toMatch(/data-site/);
  expect(readOptions(script({ site: 'demo', api: 'nonsense' }))).toMatch(/data-api/);
});

describe('the composer', () => {
  let composer: Composer;
  let area: HTMLTextAreaElement;
  const send = vi.fn();
  const typing = vi.fn();

  beforeEach(() => {
    send.mockReset();
    typing.mockReset();
    composer = new Composer(english, { send, typing });
    document.body.replaceChildren(composer.element);
    area = composer.element.querySelector('textarea')!;
  });

  function write(text: string): void {
    area.value = text;
    area.dispatchEvent(new Event('input'));
  }
  function press(init: KeyboardEventInit): KeyboardEvent {
    const pressed = new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, ...init });
    area.dispatchEvent(pressed);
    return pressed;
  }

  test('Enter sends, once, without blanks around it', () => {
    write('  hello \n');
    expect(press({}).defaultPrevented).toBe(true);
    press({});
    expect(send.mock.calls).toEqual([['hello']]);
    expect(area.value).toBe('');
    expect(typing).toHaveBeenCalledTimes(1);
  });

  test('Shift+Enter, and an input method’s Enter, do not send', () => {
    write('ni hao');
    expect(press({ shiftKey: true }).defaultPrevented).toBe(false);
    press({ isComposing: true });
    press({ keyCode: 229 } as KeyboardEventInit);
    expect(send).not.toHaveBeenCalled();
  });

  test('the limit is in bytes of UTF-8', () => {
    const notice = composer.element.querySelector('.limit')!;
    write('茶'.repeat(2730)); // 8190
    expect(notice.textContent).toBe('8,190 of 8,192 bytes');
    write('茶'.repeat(2730) + 'abc'); // 8193
    expect(notice.textContent).toBe('Too long: 8,193 of 8,192 bytes');
    press({});
    expect(send).not.toHaveBeenCalled();
    expect(area.value).not.toBe('');
    write('short');
    expect(notice.textContent).toBe('');
  });

  test('half a surrogate pair is sent as U+FFFD', () => {
    write('a\ud83d');
    press({});
    expect(send.mock.calls).toEqual([['a\ufffd']]);
  });
});

describe('the message list', () => {
  const actions = { retry: vi.fn(), discard: vi.fn() };
  let list: MessageList;

  const shown = (given: ChatEvent): Item => ({
    kind: 'event',
    key: given.request_id ?? `seq-${given.seq}`,
    event: given,
    seen: false,
  });
  const draft = (state: 'waiting' | 'recorded' | 'failed', failed?: string): Item => ({
    kind: 'draft',
    key: 'R1',
    state,
    draft: {
      request_id: 'R1',
      body: { message: { text: 'mine' } },
      conversation: 'c',
      since: Date.now(),
      ...(failed && { failed }),
    },
  });

  beforeEach(() => {
    list = new MessageList(english, actions);
    document.body.replaceChildren(list.element);
  });

  test('never turns text into elements', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const from = { kind: 'agent' as const, name: '<b>Eve</b>' };
    list.render([
      shown(event(1, { from, message: { text: hostile } })),
      shown(event(2, { from, type: 'closed', closed: { reason: hostile } })),
      shown(event(3, { type: 'assigned', assigned: { agent_name: hostile } })),
    ]);
    expect(list.element.querySelector('img, b')).toBeNull();
    expect(list.element.querySelector('.bubble')!.textContent).toBe(hostile);
    expect(list.element.querySelector('.name')!.textContent).toBe('<b>Eve</b>');
  });

  test('a draft’s element lives on as the event’s', () => {
    list.render([draft('waiting')]);
    const row = list.element.querySelector('.row')!;
    expect(row.querySelector('.mark')!.textContent).toBe('Sending…');
    list.render([draft('recorded')]);
    expect(row.querySelector('.mark')!.textContent).toBe('Delivered');
    const mine = event(2, { request_id: 'R1', message: { text: 'mine' } }, 'visitor');
    list.render([shown(event(1)), shown(mine)]);
    expect(list.element.querySelectorAll('.row')[1]).toBe(row);
  });

  test('a failed draft says why and offers both ways out', () => {
    list.render([draft('failed', 'closed')]);
    expect(list.element.querySelector('.why')!.textContent).toContain('the conversation is closed');
    const [retry, discard] = list.element.querySelectorAll('button');
    retry!.click();
    discard!.click();
    expect([actions.retry.mock.calls, actions.discard.mock.calls]).toEqual([[['R1']], [['R1']]]);
    list.render([]);
    expect(list.element.querySelector('.row')).toBeNull();
  });

  test('one name and one time for several messages in a row', () => {
    const at = (second: number) => `2026-11-24T22:37:${second}.000Z`;
    list.render([
      shown(event(1, { at: at(10) })),
      shown(event(2, { at: at(20) })),
      shown(event(3, { at: at(30) }, 'visitor')),
    ]);
    const rows = [...list.element.querySelectorAll('.row')];
    expect(rows.map((row) => row.classList.contains('first'))).toEqual([true, false, true]);
    expect(rows.map((row) => row.querySelector('.time') !== null)).toEqual([false, true, true]);
  });

  test('types it does not know are passed over', () => {
    list.render([shown(event(1, { type: 'hologram' })), shown(event(2, { type: 'read' }))]);
    expect(list.element.querySelectorAll('.row, .line:not(.day)')).toHaveLength(0);
  });

  test('is silent to screen readers until the history is there', async () => {
    expect(list.element.getAttribute('aria-live')).toBe('off');
    list.render([shown(event(1))]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(list.element.getAttribute('aria-live')).toBe('polite');
    expect(list.element.getAttribute('role')).toBe('log');
  });
});
