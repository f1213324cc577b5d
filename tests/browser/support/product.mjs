// The running product, as the environment tells of it. `./parlor test` starts one and sets these.

/**
 * PARLOR_DEMO_URL: the origins visitors can come to, a comma list: the balancer, then each gateway.
 * PARLOR_STATUS_JSON: what `./parlor status --json` prints. PARLOR_AGENT: the command line of
 * parlor-agent-headless. Throws with a sentence if one is missing.
 */
export function product(environment = process.env) {
  const need = (name, what) => {
    const value = environment[name];
    if (value) return value;
    throw new Error(
      `${name} is not set: it must hold ${what}. ` +
        'These tests need the real product running; ./parlor test starts one and sets it.',
    );
  };
  const origins = need('PARLOR_DEMO_URL', 'the origins of the balancer and both gateways')
    .split(',')
    .map((address) => new URL(address.trim()).origin);
  if (origins.length < 3) {
    throw new Error('PARLOR_DEMO_URL must name three origins: the balancer, then two gateways.');
  }
  const agent = need('PARLOR_AGENT', 'the command line of parlor-agent-headless');
  const status = JSON.parse(need('PARLOR_STATUS_JSON', 'the output of ./parlor status --json'));
  return { balancer: origins[0], gateways: origins.slice(1), agent, pidAt: pidAt(status) };
}

/** The process that listens at an origin. */
function pidAt(status) {
  return (origin) => {
    const { host } = new URL(origin);
    const part = Object.values(status.parts).find(({ address }) => address === host);
    if (!part?.pid) throw new Error(`PARLOR_STATUS_JSON names no process at ${host}`);
    return part.pid;
  };
}
