// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/api';
import type { View } from '../../src/session/view';
import { Download } from '../../src/ui/download';
import { textsFor } from '../../src/ui/i18n';
import { settle } from '../support/fake_server';

let settled: { resolve(file: Blob): void; reject(why: unknown): void }[];
let download: Download;
let saved: string[];

function show(exists: boolean): void {
  download.render({ exists } as View);
}
function said(): string {
  return download.line.hidden ? '' : download.line.querySelector('[role=status]')!.textContent!;
}
function button(name: string): HTMLButtonElement | undefined {
  const all = [...download.line.querySelectorAll('button')];
  return all.find((each) => each.textContent === name && !each.hidden);
}

beforeEach(() => {
  vi.useFakeTimers();
  settled = [];
  saved = [];
  const fetchFile = () => new Promise<Blob>((resolve, reject) => settled.push({ resolve, reject }));
  download = new Download(textsFor(['en']), fetchFile);
  document.body.replaceChildren(download.button, download.line);
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push(`${this.download} ${this.href}`);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('cannot be pressed before there is a conversation', () => {
  expect(download.button.disabled).toBe(true);
  show(true);
  expect(download.button.disabled).toBe(false);
  show(false);
  expect(download.button.disabled).toBe(true);
});

test('saves the file, says so for a while, and fetches one at a time', async () => {
  show(true);
  download.button.click();
  download.button.click();
  expect(settled).toHaveLength(1);
  expect(said()).toBe('Preparing the transcript…');
  expect(download.button.getAttribute('aria-busy')).toBe('true');
  settled[0]!.resolve(new Blob(['x']));
  await settle();
  expect(saved).toEqual(['transcript.html blob:x']);
  expect(said()).toBe('The transcript has been saved');
  expect(download.button.getAttribute('aria-busy')).toBe('false');
  vi.advanceTimersByTime(5000);
  expect(said()).toBe('');
});

test('says why it failed, and lets one try again or leave it', async () => {
  show(true);
  download.button.focus();
  download.button.click();
  settled[0]!.reject(new ApiError(413, 'too_large', '', 0));
  await settle();
  expect(said()).toBe('No transcript: it is too long');
  expect(document.activeElement).toBe(button('Try again'));
  button('Try again')!.click();
  expect(settled).toHaveLength(2);
  expect(document.activeElement).toBe(download.button);
  settled[1]!.reject(new TypeError('no network'));
  await settle();
  expect(said()).toContain('the service cannot be reached');
  button('Close')!.click();
  expect(said()).toBe('');
  expect(document.activeElement).toBe(download.button);
  expect(download.dismiss()).toBe(false);

  const elsewhere = document.createElement('textarea');
  document.body.append(elsewhere);
  download.button.click();
  elsewhere.focus();
  settled[2]!.reject(new TypeError('no network'));
  await settle();
  expect(said()).toContain('No transcript');
  expect(document.activeElement).toBe(elsewhere);
  expect(saved).toEqual([]);
});
