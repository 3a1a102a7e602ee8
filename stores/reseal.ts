import type { Connection } from 'mongoose';
import type { Sealer } from '../domain/sealing.ts';
import { SEALED_APPROVALS } from './approvals.ts';
import { SEALED_BULK_PAGES } from './bulk-requests.ts';
import { SEALED_CHANGES } from './changes.ts';
import { SEALED_FINDINGS } from './findings.ts';
import { SEALED_LINKS } from './links.ts';
import { SEALED_POLICIES } from './policies.ts';
import type { SealedCollection, SealedDocument } from './sealed-places.ts';
import { SEALED_SECRETS } from './secrets.ts';
import { SEALED_SIGNING_KEYS } from './signing-keys.ts';
import { SEALED_STEP_EDITS } from './step-edits.ts';
import { SEALED_WEBHOOKS } from './webhooks.ts';

const COLLECTIONS: readonly SealedCollection[] = [
  SEALED_SECRETS,
  SEALED_SIGNING_KEYS,
  SEALED_POLICIES,
  SEALED_WEBHOOKS,
  SEALED_CHANGES,
  SEALED_APPROVALS,
  SEALED_STEP_EDITS,
  SEALED_BULK_PAGES,
  SEALED_FINDINGS,
  SEALED_LINKS,
];

const PAGE = 200;

export interface ResealOptions {
  readonly sealer: Sealer;
  /** Id of the key that the sealer seals with. */
  readonly activeKey: string;
  /** Id of the key that something was sealed with; undefined for what is not sealed. */
  keyOf(sealed: string): string | undefined;
  /** Told after each page. */
  onProgress?(collection: string, sofar: Resealed): void;
}

export interface Resealed {
  /** Documents that were looked at. */
  readonly examined: number;
  /** Values that are sealed with the active key now and were not before. */
  readonly resealed: number;
  /** Values that could not be opened, by the key that sealed them. They were left as they are. */
  readonly unreadable: Readonly<Record<string, number>>;
}

/**
 * Seals with the active key whatever another key sealed, in all collections, so that the other can be dropped. Safe to
 * repeat, to stop, and to run beside everything else: what was written anew meanwhile is left alone. An operator's
 * tool: it goes over all tenants.
 *
 * @returns by collection
 */
export async function reseal(connection: Connection, options: ResealOptions): Promise<ReadonlyMap<string, Resealed>> {
  const results = new Map<string, Resealed>();
  for (const sealed of COLLECTIONS) results.set(sealed.collection, await resealCollection(connection, sealed, options));
  return results;
}

async function resealCollection(
  connection: Connection,
  { collection, placesIn }: SealedCollection,
  { sealer, activeKey, keyOf, onProgress }: ResealOptions,
): Promise<Resealed> {
  const documents = connection.collection(collection);
  const unreadable: Record<string, number> = {};
  let [examined, resealed] = [0, 0];
  for (let after = ''; ; ) {
    const page = (await documents
      .find({ _id: { $gt: after as never } })
      .sort({ _id: 1 })
      .limit(PAGE)
      .toArray()) as unknown as SealedDocument[];
    for (const document of page) {
      for (const [path, context] of placesIn(document)) {
        const held = valueAt(document, path);
        if (held === undefined) continue;
        const key = keyOf(held) ?? 'none';
        if (key === activeKey) continue;
        let opened: unknown;
        try {
          opened = sealer.unseal(held, context);
        } catch {
          unreadable[key] = (unreadable[key] ?? 0) + 1;
          continue;
        }
        const { modifiedCount } = await documents.updateOne(
          // The shard's key, where there is one; and only what is still as it was read.
          {
            _id: document._id as never,
            ...(document.tenant === undefined ? {} : { tenant: document.tenant }),
            [path]: held,
          },
          { $set: { [path]: sealer.seal(opened, context) } },
        );
        resealed += modifiedCount;
      }
    }
    examined += page.length;
    const sofar = { examined, resealed, unreadable };
    onProgress?.(collection, sofar);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return sofar;
    after = last._id;
  }
}

function valueAt(document: SealedDocument, path: string): string | undefined {
  let value: unknown = document;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}
