import { type LookupAddress, lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ProvostError } from '../../domain/errors.ts';
import { type AllowedAddresses, createAddressRule } from './internal-addresses.ts';

export interface GuardedDispatcherOptions {
  /** Internal networks that may be called; public addresses always may. */
  readonly allow: AllowedAddresses;
  /** Deadline of a connection, TLS included. */
  readonly connectTimeoutMs?: number;
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup?: typeof lookUp;
}

/**
 * Keeps connections alive for reuse, and connects to no internal address unless its network is allowed. What is checked
 * is the address that the socket connects to, after the name was resolved: a name that resolves to something else the
 * next time (DNS rebinding) gains nothing. HTTP/1.1 alone, since an HTTP/2 session that ends may send requests again by
 * itself.
 *
 * Requests to a forbidden address fail with ProvostError `TARGET_ADDRESS_FORBIDDEN`, before anything is sent.
 */
export function createGuardedDispatcher(options: GuardedDispatcherOptions): Dispatcher {
  const { allow, connectTimeoutMs = 10_000, lookup = lookUp } = options;
  const isAllowed = createAddressRule(allow);
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, lookup: guarded(lookup, isAllowed) });
  return new Agent({
    allowH2: false,
    connect(target, done) {
      // An address in the URL is connected to without a lookup.
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && !isAllowed(literal)) done(forbidden(), null);
      else connect(target, done);
    },
  });
}

/** Resolves to the addresses that are allowed; where none is, fails. */
const guarded =
  (lookup: typeof lookUp, isAllowed: (address: string) => boolean): LookupFunction =>
  (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '');
      const allowed = (found as LookupAddress[]).filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (first === undefined) return done(forbidden(), '');
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
    });
  };

/** Says nothing of the address: whoever may configure a target must not learn how names resolve inside. */
const forbidden = (): ProvostError =>
  new ProvostError(
    'TARGET_ADDRESS_FORBIDDEN',
    'The target is at an internal address. Whoever runs Provost can allow its network with PROVOST_OUTBOUND_ALLOW.',
  );
