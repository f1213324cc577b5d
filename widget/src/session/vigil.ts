import type { Session } from './session';

const kTickMs = 5000;
const kSleptMs = 90_000; // more than a hidden tab's timers are held back
const kSilentMs = 60_000;
const kSilentHiddenMs = 300_000;

/**
 * Watches for the moments at which an open connection may be dead without anybody having noticed:
 * the network came or went, the machine slept, the page came back, or nothing was heard for long.
 */
export function keepVigil(session: Session): void {
  window.addEventListener('online', () => session.networkChanged());
  window.addEventListener('offline', () => session.networkChanged());
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) session.networkChanged();
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void session.probe(kTickMs);
  });

  let ticked = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - ticked > kSleptMs) session.networkChanged();
    else void session.probe(document.hidden ? kSilentHiddenMs : kSilentMs);
    ticked = now;
  }, kTickMs);
}
