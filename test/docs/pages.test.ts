import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { generatedPages } from '../../docs/pages/generated-pages.ts';
import { allSettings } from '../../platform/config/groups.ts';

const top = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const pages = [...globSync('*.md', { cwd: top }), ...globSync('docs/**/*.md', { cwd: top })];

for (const [name, text] of Object.entries(generatedPages())) {
  test(`docs/reference/${name} is what the code makes of it`, () => {
    assert.equal(read(`docs/reference/${name}`), text, 'run node docs/write-reference.ts');
  });
}

for (const page of pages) {
  const text = read(page);

  test(`${page}: every link leads somewhere`, () => {
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !leads(page, link));
    assert.deepEqual(broken, []);
  });

  test(`${page}: every file that it names is there`, () => {
    const rooms = 'api|activities|bench|connectors|deploy|dev|docs|domain|platform|stores|test|worker|workflows';
    const named = [
      ...text.matchAll(new RegExp(`\`(?:node )?((?:${rooms})/[\\w./-]+\\.(?:ts|js|sh|env|yaml|md))\``, 'g')),
    ];
    assert.deepEqual(
      named.map(([, path = '']) => path).filter((path) => !existsSync(join(top, path))),
      [],
    );
  });

  test(`${page}: every variable of ours that it names is one`, () => {
    const known = new Set(allSettings.map(({ variable }) => variable));
    const elsewhere = new Set(
      [...read('docs/reference/development.md').matchAll(/PROVOST_\w+/g)].map(([name]) => name),
    );
    const named = [...text.matchAll(/\bPROVOST_[A-Z_]+\b/g)].map(([name]) => name);
    assert.deepEqual(
      named.filter((name) => !known.has(name) && !elsewhere.has(name)),
      [],
    );
  });
}

/** Whether the file of a link is there, and the heading if it names one. */
function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#', 2);
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(top, file))) return false;
  return heading === undefined || headings(read(file)).has(heading);
}

/** Headings as they are in an address. */
const headings = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );

test('docs/dependencies.md says of every dependency what it is for', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const text = read('docs/dependencies.md');
  const isNamed = (name: string): boolean =>
    text.includes(`\`${name}\``) || (name.startsWith('@temporalio/') && text.includes(name.slice(12)));
  assert.deepEqual(
    Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !isNamed(name)),
    [],
  );
});
