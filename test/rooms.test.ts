import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { wrongArrow } from './rooms/arrows.ts';
import { readImports } from './rooms/read-imports.ts';

const top = join(import.meta.dirname, '..');
const files = globSync('*/**/*.ts', { cwd: top, exclude: ['node_modules/**', '.*/**', 'console/**'] });

const wrongIn = (file: string, source: string): string[] =>
  readImports(source).flatMap((found) => wrongArrow(file, found) ?? []);

test('every import of the tree goes along an arrow of the design', () => {
  const wrong = files.flatMap((file) => wrongIn(file, readFileSync(join(top, file), 'utf8')));
  assert.deepEqual(wrong, []);
});

test('the imports of every room were read', () => {
  const read = (room: string): number =>
    files
      .filter((file) => file.startsWith(`${room}/`))
      .reduce((sum, file) => sum + readImports(readFileSync(join(top, file), 'utf8')).length, 0);
  for (const room of [
    'domain',
    'workflows',
    'activities',
    'stores',
    'connectors',
    'platform',
    'api',
    'worker',
    'dev',
  ]) {
    assert.ok(read(room) > 3, `${room} has ${read(room)} imports`);
  }
});

for (const { file, line, why } of [
  { file: 'domain/decide.ts', line: "import { readFileSync } from 'node:fs';", why: 'the domain does no I/O' },
  { file: 'domain/decide.ts', line: "import { z } from 'zod';", why: 'the domain is its own' },
  { file: 'domain/scim/json.ts', line: "import type { Link } from '../../stores/links.ts';", why: 'not even types' },
  { file: 'workflows/lane.ts', line: "import { act } from '../activities/index.ts';", why: 'only types of activities' },
  { file: 'workflows/lane.ts', line: "export * from '../activities/index.ts';", why: 'a re-export is an import' },
  {
    file: 'workflows/lane.ts',
    line: "import type { Link } from '../stores/links.ts';",
    why: 'not past the activities',
  },
  { file: 'workflows/lane.ts', line: "import { createHash } from 'node:crypto';", why: 'workflows are deterministic' },
  { file: 'workflows/lane.ts', line: "import { Context } from '@temporalio/activity';", why: 'nor this package' },
  { file: 'connectors/registry.ts', line: "import { links } from '../stores/links.ts';", why: 'nothing of storage' },
  { file: 'stores/links.ts', line: "import { sealer } from '../platform/seal.ts';", why: 'stores are given a sealer' },
  { file: 'stores/links.ts', line: "import { Client } from '@temporalio/client';", why: 'stores know no Temporal' },
  { file: 'activities/persist.ts', line: "import { log } from '../platform/log.ts';", why: 'activities are given it' },
  { file: 'platform/log.ts', line: "import { openStores } from '../stores/open-stores.ts';", why: 'plumbing only' },
  { file: 'api/scim2/list.ts', line: "import { resource } from '../../workflows/resource.ts';", why: 'by name only' },
  { file: 'api/scim2/list.ts', line: "import type { Lane } from '../../workflows/lane.ts';", why: 'messages only' },
  {
    file: 'api/scim2/list.ts',
    line: "import { persist } from '../../activities/persist.ts';",
    why: 'not past workflows',
  },
  { file: 'api/scim2/list.ts', line: "import { find } from '../../connectors/registry.ts';", why: 'only its root may' },
  { file: 'api/scim2/list.ts', line: "import { Worker } from '@temporalio/worker';", why: 'the API runs no workflow' },
  { file: 'worker/main.ts', line: "import { createApp } from '../api/app.ts';", why: 'nothing imports api' },
  {
    file: 'api/main.ts',
    line: "import { openWorker } from '../worker/open-worker.ts';",
    why: 'nothing imports worker',
  },
  { file: 'api/main.ts', line: "import { start } from '../dev/start.ts';", why: 'nothing imports dev' },
  { file: 'stores/links.ts', line: "const { x } = await import('../api/app.ts');", why: 'a call is an import' },
  { file: 'stores/links.ts', line: "import '../api/app.ts';", why: 'an effect is an import' },
  { file: 'attic/old.ts', line: "import { a } from './b.ts';", why: 'a room without arrows' },
]) {
  test(`a wrong arrow is seen: ${file} with ${line} (${why})`, () => {
    assert.equal(wrongIn(file, line).length, 1);
  });
}

test('what only looks like an import is none', () => {
  const source = [
    "// import { a } from '../api/app.ts';",
    "/* import { a } from '../api/app.ts'; */",
    "const address = 'http://a'; // from '../api/app.ts'",
    'const from = "import";',
  ].join('\n');
  assert.deepEqual(readImports(source), []);
});

test('types are told from values', () => {
  const types = [
    "import type { A } from './a.ts';",
    "import { type A, type B } from './a.ts';",
    "export type { A } from './a.ts';",
  ];
  const values = [
    "import { type A, b } from './a.ts';",
    "import a from './a.ts';",
    "import {\n  a,\n} from './a.ts';",
    "import './a.ts';",
  ];
  for (const line of types) assert.deepEqual(readImports(line), [{ specifier: './a.ts', isType: true }], line);
  for (const line of values) assert.deepEqual(readImports(line), [{ specifier: './a.ts', isType: false }], line);
});

test('an import that is computed is refused', () => {
  const call = 'import'; // apart, so that this file doesn't do what it tests
  assert.throws(() => readImports(`await ${call}(name);`), /computes what it imports/);
});

test('the linter sees wrong arrows too, while they are typed', async (context) => {
  const wrong = {
    'domain/decide.ts': "import { readFileSync } from 'node:fs';",
    'domain/scim/json.ts': "import type { Link } from '../../stores/links.ts';",
    'workflows/lane.ts': "import { act } from '../activities/index.ts';",
    'workflows/turns.ts': "import { Context } from '@temporalio/activity';",
    'activities/persist.ts': "import { log } from '../platform/log.ts';",
    'stores/links.ts': "import { app } from '../api/app.ts';",
    'connectors/registry.ts': "import { links } from '../stores/links.ts';",
    'platform/log.ts': "import { openStores } from '../stores/open-stores.ts';",
    'api/scim2/list.ts': "import { lane } from '../../workflows/lane.ts';",
    'worker/main.ts': "import { start } from '../dev/start.ts';",
  };
  const right = {
    'workflows/resource.ts': "import type { Persisted } from '../activities/contract.ts';",
    'api/change-door.ts': "import { submitChange } from '../workflows/messages.ts';",
    'api/open-api.ts': "import { findConnectorType } from '../connectors/registry.ts';",
  };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'provost-arrows-')));
  context.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(top, 'biome.json'), join(folder, 'biome.json'));
  for (const [file, line] of Object.entries({ ...wrong, ...right })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${line}\n`);
  }

  const biome = join(top, 'node_modules/.bin/biome');
  const { stdout } = spawnSync(biome, ['lint', '--only=style/noRestrictedImports', '--reporter=github'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const seen = [...stdout.matchAll(/noRestrictedImports,file=([^,]+)/g)].map(([, file]) =>
    relative(folder, file ?? ''),
  );
  assert.deepEqual(seen.toSorted(), Object.keys(wrong).toSorted(), stdout);
});
