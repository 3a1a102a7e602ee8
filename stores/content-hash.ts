import { createHmac, type KeyObject } from 'node:crypto';
import { canonicalText } from '../domain/scim/json.ts';
import type { ScimObject } from '../domain/scim/resource.ts';

/** Tells whether a target holds this already, and nothing else: the database alone confirms no guess of the content. */
export type ContentHash = (content: ScimObject) => string;

/** Of the secret that content hashes are made with. */
export const CONTENT_HASH_SECRET = 'link-content';

const VERSION = 'h1';

export const createContentHash =
  (key: KeyObject): ContentHash =>
  (content) =>
    `${VERSION}.${createHmac('sha256', key).update(canonicalText(content)).digest('base64url')}`;

/** Of the form that older releases wrote: a digest without a key. */
export const isPlainContentHash = (hash: string): boolean => !hash.startsWith(`${VERSION}.`);
