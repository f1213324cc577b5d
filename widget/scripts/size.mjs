// Prints the widget's size, and fails when it outgrows what a page should have to load for a chat.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const limit = 22_000;
const script = readFileSync(new URL('../dist/widget.js', import.meta.url));
const gzipped = gzipSync(script, { level: 9 }).length;
console.log(`widget.js: ${script.length} bytes, ${gzipped} gzipped (limit ${limit})`);
if (gzipped > limit) process.exit(1);
