// ULIDs: 48 bits of time and 80 random bits in Crockford's base 32, sortable as text.

const kDigits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type RandomBytes = (count: number) => Uint8Array;

const systemRandom: RandomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

/** 26 characters. Two made in the same millisecond differ, in no particular order. */
export function ulid(now: number = Date.now(), random: RandomBytes = systemRandom): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
    time = kDigits.charAt(rest % 32) + time;
  }
  // One byte a digit: 256 is a multiple of 32, so the low five bits are uniform.
  let tail = '';
  for (const byte of random(16)) tail += kDigits.charAt(byte & 31);
  return time + tail;
}

export function isUlid(text: unknown): text is string {
  return typeof text === 'string' && /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}
