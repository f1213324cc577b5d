import { Polling } from './polling';
import type { TransportContext } from './transport';

/** Short enough for most proxies, long enough to be cheap. */
const kWaitS = 25;

/** The server holds each poll until there is an event, so they arrive as they happen. */
export class LongPollingTransport extends Polling {
  constructor(context: TransportContext) {
    super(context, { kind: 'long_polling', waitS: kWaitS });
  }
}
