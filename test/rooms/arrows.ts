import { dirname, join } from 'node:path/posix';
import type { Import } from './read-imports.ts';

/** What a room may import besides itself. */
interface Arrows {
  /** Rooms, or single files of them, whose values it may use. */
  readonly values: readonly string[];
  /** Rooms, or single files of them, whose types alone it may use. */
  readonly types?: readonly string[];
  /** Packages and node's own modules that it may use; undefined leaves it free. */
  readonly packages?: readonly string[];
}

/** Everything that an engine room may be given by a room that composes. */
const BELOW = ['workflows', 'activities', 'stores', 'connectors', 'platform', 'domain'];

/** design.md's arrows: api → workflows (by type and name only) → activities → stores, connectors → domain. */
const ROOMS: Readonly<Record<string, Arrows>> = {
  domain: { values: [], packages: ['@marcbachmann/cel-js', 'luxon'] },
  workflows: { values: ['domain'], types: ['activities'], packages: ['@temporalio/workflow', '@temporalio/common'] },
  connectors: { values: ['domain'] },
  stores: { values: ['domain'], packages: ['mongoose', 'node:crypto', 'node:timers/promises'] },
  activities: { values: ['stores', 'connectors', 'domain'] },
  platform: { values: ['domain'] },
  api: {
    values: ['workflows/messages.ts', 'workflows/search-attributes.ts', 'stores', 'platform', 'domain'],
    packages: [
      'express',
      'express-rate-limit',
      'helmet',
      'jose',
      'luxon',
      'fast-xml-parser',
      'zod',
      'node:*',
      '@temporalio/client',
      '@temporalio/common',
    ],
  },
  worker: { values: BELOW },
  deploy: { values: ['platform'], packages: [] },
  docs: { values: ['api', ...BELOW] },
  dev: { values: ['api', 'worker', ...BELOW] },
  bench: { values: ['api', 'worker', 'dev', ...BELOW] },
  test: { values: ['api', 'worker', 'dev', 'bench', 'docs', ...BELOW] },
};

/** Where a process is put together: it may open whatever is below its room. */
const COMPOSITION_ROOTS: Readonly<Record<string, Arrows>> = {
  'api/main.ts': { values: BELOW },
  'api/open-api.ts': { values: BELOW },
};

/**
 * Says what is wrong with one import, or nothing.
 *
 * @param file path of the importing file from the top of the checkout, e.g. `api/scim2/list.ts`
 */
export function wrongArrow(file: string, { specifier, isType }: Import): string | undefined {
  const room = roomOf(file);
  const arrows = COMPOSITION_ROOTS[file] ?? ROOMS[room];
  if (arrows === undefined) return `${file} is in no room; give ${room} its arrows in test/rooms/arrows.ts`;
  if (!specifier.startsWith('.')) {
    // A package's types do nothing; workflows are kept even from those, as their bundle has to be its own.
    const free = arrows.packages === undefined || (isType && room !== 'workflows' && room !== 'domain');
    return free || arrows.packages.some((name) => isPackage(specifier, name))
      ? undefined
      : `${file} → ${specifier}: ${room} may not use this package`;
  }
  const target = join(dirname(file), specifier);
  if (roomOf(target) === room) return undefined;
  const allowed = isType ? [...arrows.values, ...(arrows.types ?? [])] : arrows.values;
  if (allowed.some((place) => isIn(target, place))) return undefined;
  const onlyTypes = (arrows.types ?? []).some((place) => isIn(target, place));
  return `${file} → ${target}: ${room} may ${onlyTypes ? 'import only types from there' : 'not import from there'}`;
}

const roomOf = (path: string): string => path.slice(0, Math.max(path.indexOf('/'), 0));
const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);
const isPackage = (specifier: string, name: string): boolean =>
  name === 'node:*' ? specifier.startsWith('node:') : isIn(specifier, name);
