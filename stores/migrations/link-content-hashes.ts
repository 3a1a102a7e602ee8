import { createHash } from 'node:crypto';
import { canonicalText } from '../../domain/scim/json.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import { CONTENT_HASH_SECRET, createContentHash, isPlainContentHash } from '../content-hash.ts';
import { SEALED_LINKS } from '../links.ts';
import { createSecretStore } from '../secrets.ts';
import { eachPage, type StoredDocument } from './each-page.ts';
import type { Migration } from './migration.ts';

/**
 * What a target was told was noted by a plain digest, by which guesses of sealed personal data could be confirmed. Where
 * the sealed content does not fit the digest, or cannot be opened, the digest goes: the next step compares values.
 */
export const linkContentHashes: Migration = {
  id: 'link-content-hashes',
  description: 'replaces the plain digests of accounts in links by keyed ones',
  async run(context) {
    const { connection, sealer, isDryRun } = context;
    const links = connection.collection('links');
    const secrets = createSecretStore(connection, sealer);

    const contentOf = (link: StoredDocument): ScimObject | undefined => {
      const [place] = SEALED_LINKS.placesIn(link).filter(([field]) => field === 'content');
      try {
        const content = sealer.unseal(String(link['content']), place?.[1] ?? '') as ScimObject;
        return plainHash(content) === link['contentHash'] ? content : undefined;
      } catch {
        return undefined;
      }
    };

    return eachPage(context, { collection: 'links', filter: { contentHash: { $exists: true } } }, async (page) => {
      const plain = page.filter((link) => isPlainContentHash(String(link['contentHash'])));
      if (plain.length === 0) return {};
      const hash = isDryRun ? undefined : createContentHash(await secrets.obtain(CONTENT_HASH_SECRET));
      let dropped = 0;
      for (const link of plain) {
        const content = contentOf(link);
        if (content === undefined) dropped += 1;
        if (hash === undefined) continue;
        await links.updateOne(
          { _id: link._id as never, tenant: link['tenant'], contentHash: link['contentHash'] },
          content === undefined ? { $unset: { contentHash: '' } } : { $set: { contentHash: hash(content) } },
        );
      }
      return { 'digests replaced': plain.length - dropped, 'digests dropped': dropped };
    });
  },
};

const plainHash = (content: ScimObject): string =>
  createHash('sha256').update(canonicalText(content)).digest('base64url');
