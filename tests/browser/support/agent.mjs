// The real agent's client without a window: parlor-agent-headless, JSON lines in and out.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kTimeoutMs } from './browser.mjs';

export class HeadlessAgent {
  #child;
  #lines = [];
  #watchers = new Set();
  #ended = null;

  /** @param command the program with its arguments, as a shell would read it. */
  constructor(command) {
    this.#child = spawn('/bin/sh', ['-c', `exec ${command}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.on('error', (error) => this.#end(String(error)));
    this.#child.on('exit', (code, signal) => this.#end(`it ended with ${signal ?? code}`));
    this.#child.stdin.on('error', () => {}); // it is gone: its exit says so
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  do(verb, details = {}) {
    this.#child.stdin.write(`${JSON.stringify({ do: verb, ...details })}\n`);
  }

  /**
   * The first line that says `on` with these details: one that came already, or one to come. Each
   * line answers once only.
   */
  hears(on, details = {}) {
    const fits = (line) =>
      line.on === on && Object.entries(details).every(([name, value]) => line[name] === value);
    const index = this.#lines.findIndex(fits);
    if (index >= 0) return Promise.resolve(this.#lines.splice(index, 1)[0]);
    if (this.#ended) return Promise.reject(this.#failure(on, details));
    return new Promise((resolve, reject) => {
      const watcher = { fits, done: resolve, fail: () => reject(this.#failure(on, details)) };
      watcher.timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        watcher.fail();
      }, kTimeoutMs);
      this.#watchers.add(watcher);
    });
  }

  async quit() {
    if (this.#ended) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.do('quit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(timer);
  }

  #take(text) {
    let line;
    try {
      line = JSON.parse(text);
    } catch {
      return; // a library's own chatter
    }
    for (const watcher of this.#watchers) {
      if (!watcher.fits(line)) continue;
      this.#watchers.delete(watcher);
      clearTimeout(watcher.timer);
      return watcher.done(line);
    }
    this.#lines.push(line);
  }

  #end(why) {
    this.#ended = why;
    for (const watcher of this.#watchers) {
      clearTimeout(watcher.timer);
      watcher.fail();
    }
    this.#watchers.clear();
  }

  #failure(on, details) {
    const heard = this.#lines.slice(-10).map((line) => JSON.stringify(line));
    const end = this.#ended ? `; ${this.#ended}` : '';
    const wanted = JSON.stringify({ on, ...details });
    return new Error(`the agent never said ${wanted}${end}; unclaimed: ${heard.join(' ')}`);
  }
}
