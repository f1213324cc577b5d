// Node 18 has no global crypto yet; every browser has.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
