import { type LookupAddress, lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ProvostError } from '../../domain/errors.ts';
import { type AddressVerdict, type AllowedAddresses, createAddressRule } from './internal-addresses.ts';

export interface GuardedDispatcherOptions {
  /** What may be called besides public addresses with encryption. */
  readonly allow: AllowedAddresses;
  /** Deadline of a connection, TLS included. */
  readonly connectTimeoutMs?: number;
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup?: typeof lookUp;
}

type Judge = (address: string) => AddressVerdict;
type Connect = buildConnector.connector;

/** Ports whose connectors are kept. */
const MOST_PORTS = 1_000;

/**
 * Keeps connections alive for reuse, and connects to no internal address, and to no public one without encryption, unless
 * it is allowed. What is checked is the address that the socket connects to, after the name was resolved: a name that
 * resolves to something else the next time (DNS rebinding) gains nothing. HTTP/1.1 alone, since an HTTP/2 session that
 * ends may send requests again by itself.
 *
 * Requests to a forbidden address fail with ProvostError `TARGET_ADDRESS_FORBIDDEN`, before anything is sent.
 */
export function createGuardedDispatcher(options: GuardedDispatcherOptions): Dispatcher {
  const { allow, connectTimeoutMs = 10_000, lookup = lookUp } = options;
  const rule = createAddressRule(allow);
  const connectors = new Map<string, { readonly judge: Judge; readonly connect: Connect }>();

  /** A lookup is not told the port that it is for. */
  function connectorTo(port: number, isEncrypted: boolean) {
    const key = `${port} ${isEncrypted}`;
    const held = connectors.get(key);
    if (held !== undefined) return held;
    if (connectors.size >= MOST_PORTS) connectors.clear();
    const judge: Judge = (address) => rule({ address, port, isEncrypted });
    const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, lookup: guarded(lookup, judge) });
    connectors.set(key, { judge, connect });
    return { judge, connect };
  }

  return new Agent({
    allowH2: false,
    connect(target, done) {
      const isEncrypted = target.protocol === 'https:';
      const { judge, connect } = connectorTo(Number(target.port) || (isEncrypted ? 443 : 80), isEncrypted);
      // An address in the URL is connected to without a lookup.
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      const verdict = isIP(literal) === 0 ? 'allowed' : judge(literal);
      if (verdict === 'allowed') connect(target, done);
      else done(forbidden(verdict), null);
    },
  });
}

/** Resolves to the addresses that are allowed; where none is, fails. */
const guarded =
  (lookup: typeof lookUp, judge: Judge): LookupFunction =>
  (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '');
      const judged = (found as LookupAddress[]).map((each) => ({ each, verdict: judge(each.address) }));
      const allowed = judged.filter(({ verdict }) => verdict === 'allowed').map(({ each }) => each);
      const [first] = allowed;
      const isInClear = judged.length > 0 && judged.every(({ verdict }) => verdict === 'in-clear');
      if (first === undefined) return done(forbidden(isInClear ? 'in-clear' : 'internal'), '');
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
    });
  };

const MESSAGES: Readonly<Record<Exclude<AddressVerdict, 'allowed'>, string>> = {
  internal:
    'The target is at an internal address. Whoever runs Provost can allow its network with PROVOST_OUTBOUND_ALLOW.',
  'in-clear':
    'The target is at a public address, and without https its secrets could be read on the way. Use https, or have whoever runs Provost allow the address with PROVOST_OUTBOUND_ALLOW.',
};

/** Says nothing of the address: whoever may configure a target must not learn how names resolve inside. */
const forbidden = (verdict: Exclude<AddressVerdict, 'allowed'>): ProvostError =>
  new ProvostError('TARGET_ADDRESS_FORBIDDEN', MESSAGES[verdict]);
