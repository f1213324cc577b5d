import { h } from './dom';

// Stops at blanks, quotes and brackets, and at Chinese text and punctuation, which follow an address
// without a blank (browsers copy addresses percent-encoded).
const kUrl = /\bhttps?:\/\/[^\s<>"'`\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+/gi;
const kTrailing = /[.,:;!?*_~]+$/;

/**
 * A text as nodes: http and https addresses become links, all else stays text. The link says exactly
 * what was written, and one that hides its host behind user info stays text.
 */
export function linkify(text: string): Node[] {
  const nodes: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(kUrl)) {
    const written = trimUrl(match[0]);
    const href = safeHref(written);
    if (!href) continue;
    if (match.index > end) nodes.push(document.createTextNode(text.slice(end, match.index)));
    nodes.push(
      h('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, written),
    );
    end = match.index + written.length;
  }
  if (end < text.length) nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

/** What ends a sentence is no part of the address; nor is a bracket that was opened before it. */
function trimUrl(url: string): string {
  let trimmed = url.replace(kTrailing, '');
  while (/[)\]}]$/.test(trimmed) && !isBalanced(trimmed)) {
    trimmed = trimmed.slice(0, -1).replace(kTrailing, '');
  }
  return trimmed;
}

function isBalanced(text: string): boolean {
  const count = (pattern: RegExp) => (text.match(pattern) ?? []).length;
  return count(/[([{]/g) >= count(/[)\]}]/g);
}

function safeHref(text: string): string | null {
  try {
    const url = new URL(text);
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    return isWeb && url.hostname !== '' && url.username === '' && url.password === ''
      ? url.href
      : null;
  } catch {
    return null;
  }
}
