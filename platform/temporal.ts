import { readFile } from 'node:fs/promises';
import { Client, Connection, type ConnectionOptions, isGrpcServiceError } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';
import { untilReady } from './until-ready.ts';

export type TemporalSettings = Config['temporal'];

/** What client and native connections need alike. */
export type ConnectionBasics = Required<Pick<ConnectionOptions, 'address'>> &
  Pick<ConnectionOptions, 'tls'> & { readonly apiKey?: string };

/** gRPC's PERMISSION_DENIED and UNAUTHENTICATED: waiting doesn't cure them. */
const REFUSED: readonly number[] = [7, 16];

/** Reads the certificates and says how to connect. */
export async function connectionBasics(settings: TemporalSettings): Promise<ConnectionBasics> {
  const { address, apiKey, tlsServerCaCertPath, tlsClientCertPath, tlsClientKeyPath, tlsServerName } = settings;
  const [authority, certificate, key] = await Promise.all(
    [tlsServerCaCertPath, tlsClientCertPath, tlsClientKeyPath].map((path) => path && readFile(path)),
  );
  const tls = {
    ...(authority ? { serverRootCACertificate: authority } : {}),
    ...(certificate && key ? { clientCertPair: { crt: certificate, key } } : {}),
    ...(tlsServerName ? { serverNameOverride: tlsServerName } : {}),
  };
  const isOn = settings.tls || apiKey !== undefined || Object.keys(tls).length > 0;
  return { address, ...(isOn ? { tls } : {}), ...(apiKey === undefined ? {} : { apiKey }) };
}

/**
 * Connects a client, waiting for Temporal to come up.
 *
 * @throws NotReadyError after the deadline of the settings
 */
export async function connectTemporal(settings: TemporalSettings, log?: Logger): Promise<Connection> {
  const basics = await connectionBasics(settings);
  return untilReady(
    `Temporal at ${settings.address}`,
    // A connection remembers that it failed, so each attempt needs a new one.
    (leftMs) => Connection.connect({ ...basics, connectTimeout: Math.ceil(Math.min(leftMs, 10_000)) }),
    { deadlineMs: settings.connectDeadlineMs, isHopeless: isRefused, ...(log ? { log } : {}) },
  );
}

/** A connection that is made with the first call: for commands that may not need one. */
export const connectTemporalLazily = async (settings: TemporalSettings): Promise<Connection> =>
  Connection.lazy(await connectionBasics(settings));

/** The client of a process. Every payload that it sends is encrypted by the converter. */
export const createTemporalClient = (
  connection: Connection,
  { namespace }: Pick<TemporalSettings, 'namespace'>,
  dataConverter: DataConverter,
): Client => new Client({ connection, namespace, dataConverter });

const isRefused = (error: unknown): boolean => isGrpcServiceError(error) && REFUSED.includes(error.code);
