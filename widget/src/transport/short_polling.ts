import { Polling } from './polling';
import type { TransportContext } from './transport';

/** Asks every few seconds, as often as the server advises: works through everything. */
export class ShortPollingTransport extends Polling {
  constructor(context: TransportContext) {
    super(context, { kind: 'short_polling', waitS: 0 });
  }
}
