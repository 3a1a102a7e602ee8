import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readImports } from '../rooms/read-imports.ts';
import { readTop } from './compose-file.ts';

const dockerfile = readTop('Dockerfile');
const manifest = JSON.parse(readTop('package.json')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;
const stages = dockerfile.split(/^FROM /m).slice(1);
const top = fileURLToPath(new URL('../../', import.meta.url));

/** Files of the checkout that a stage is made from. */
function filesIn(stage: string | undefined): Set<string> {
  const copied = [...(stage ?? '').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  );
  return new Set(copied.flatMap((path) => [...globSync([path, `${path}/**/*.ts`], { cwd: top })]));
}

/** Everything that a file needs when it runs: files of ours, and packages. */
function needsOf(entry: string, seen = new Set<string>()): { files: Set<string>; packages: Set<string> } {
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { specifier, isType } of readImports(readTop(file))) {
      if (isType || specifier.startsWith('node:')) continue;
      if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
      else packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
    }
  };
  visit(entry);
  return { files: seen, packages };
}

for (const entry of [
  'api/main.ts',
  'worker/main.ts',
  'worker/migrate.ts',
  'worker/verify-audit.ts',
  'deploy/check-health.ts',
]) {
  test(`the image holds everything that ${entry} needs when it runs`, () => {
    const { files, packages } = needsOf(entry);
    const present = filesIn(stages.at(-1));
    assert.ok(files.size > 3);
    assert.deepEqual(
      [...files].filter((file) => !present.has(file)),
      [],
    );
    assert.deepEqual(
      [...packages].filter((name) => !(name in manifest.dependencies)),
      [],
    );
  });
}

test('the stage that bundles the workflows holds what they need', () => {
  const present = filesIn(stages[1]);
  for (const entry of ['worker/bundle-workflows.ts', 'workflows/index.ts']) {
    assert.deepEqual(
      [...needsOf(entry).files].filter((file) => !present.has(file)),
      [],
    );
  }
});

test('the image has the Node that the tests run with, no root, a health check, and no development dependency', () => {
  assert.equal(/^ARG NODE_VERSION=(.+)$/m.exec(dockerfile)?.[1], manifest.devDependencies['node']);
  const last = stages.at(-1) ?? '';
  assert.match(last, /^USER 1000:1000$/m);
  assert.match(last, /^HEALTHCHECK .+ CMD \["node", "deploy\/check-health\.ts"\]$/m);
  assert.match(last, /^CMD \["node", "api\/main\.ts"\]$/m);
  assert.match(dockerfile, /npm ci --omit=dev/);
});

test('what the image is made from is not ignored, and nothing else is let in', () => {
  const allowed = new Set([...readTop('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  );
  const within = (path: string): boolean => allowed.has(path) || allowed.has(path.split('/')[0] ?? '');
  assert.deepEqual(
    copied.filter((path) => !within(path)),
    [],
  );
  assert.deepEqual(
    [...allowed].filter((path) => !copied.includes(path ?? '')),
    [],
  );
});
