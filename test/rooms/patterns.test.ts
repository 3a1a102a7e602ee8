/**
 * No pattern in what ships takes long, whatever text it meets. Each runs over a megabyte of texts that are bad for
 * patterns that look back; those that only ever meet shorter texts run over the longest that they meet.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { HOSTILE_PIECES } from './hostile-text.ts';
import { readPatterns } from './read-patterns.ts';

const ROOMS = ['activities', 'api', 'connectors', 'domain', 'platform', 'stores', 'worker', 'workflows'];
const MEGABYTE = 1_048_576;

/** Characters that a file's patterns meet at most, where that is not a megabyte, and what bounds them. */
const BOUNDED: Readonly<Record<string, readonly [length: number, by: string]>> = {
  'platform/redact.ts': [16_384, 'texts are cut before'],
  'platform/config/format.ts': [16_384, 'settings of the operator'],
  'domain/mapping/paths.ts': [1_000, 'the schema of mapping paths'],
  'domain/mapping/pattern.ts': [1_000, 'the schema of patterns'],
  'api/xml/decode-xml.ts': [256, 'the first bytes of a document'],
  'domain/scim1/filter-to-scim2.ts': [4_096, 'the longest filter'],
  'api/etag.ts': [16_384, 'the longest header'],
};

interface Found {
  readonly file: string;
  readonly pattern: string;
}

async function patterns(): Promise<Found[]> {
  const found: Found[] = [];
  for (const room of ROOMS) {
    const root = new URL(`../../${room}/`, import.meta.url);
    for (const entry of await readdir(root, { recursive: true })) {
      if (!entry.endsWith('.ts')) continue;
      const file = `${room}/${entry}`;
      const source = await readFile(new URL(entry, root), 'utf8');
      for (const pattern of readPatterns(source)) found.push({ file, pattern });
    }
  }
  return found;
}

/** Runs in a thread that is ended when a pattern does not come to an end. Says each pattern before it is tried. */
const TRY_ALL = `
const { parentPort, workerData: { patterns, pieces } } = require('node:worker_threads');
for (const [index, { pattern, length }] of patterns.entries()) {
  const end = pattern.lastIndexOf('/');
  const compiled = new RegExp(pattern.slice(1, end), pattern.slice(end + 1));
  for (const [begin, piece, last] of pieces) {
    const text = begin + piece.repeat(Math.ceil(length / piece.length)).slice(0, length) + last;
    parentPort.postMessage({ index, text: begin + piece + '…' + last });
    compiled.lastIndex = 0;
    if (compiled.global) text.replace(compiled, '');
    else compiled.exec(text);
  }
}
parentPort.postMessage({ done: true });
`;

/** A megabyte takes a linear pattern some milliseconds, and a quadratic one an hour. */
const PATIENCE_MS = 10_000;

test('every pattern comes to an end on a megabyte of the worst text', async (t) => {
  const all = await patterns();
  assert(all.length > 80, `only ${all.length} patterns were found`);
  for (const file of Object.keys(BOUNDED))
    assert(
      all.some((each) => each.file === file),
      `${file} has no pattern`,
    );
  const tried = all.map((each) => ({ ...each, length: BOUNDED[each.file]?.[0] ?? MEGABYTE }));
  const thread = new Worker(TRY_ALL, { eval: true, workerData: { patterns: tried, pieces: HOSTILE_PIECES } });
  t.after(() => thread.terminate());
  let at = 'none';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stuck = (): void => reject(new Error(`It does not come to an end: ${at}`));
  let timer = setTimeout(stuck, PATIENCE_MS);
  thread.on('error', reject);
  thread.on('message', (message: { done?: boolean; index?: number; text?: string }) => {
    clearTimeout(timer);
    if (message.done) return resolve();
    const { file, pattern } = tried[message.index ?? 0] ?? { file: '', pattern: '' };
    at = `${file} ${pattern} on ${JSON.stringify(message.text)}`;
    timer = setTimeout(stuck, PATIENCE_MS);
  });
  await promise;
});
