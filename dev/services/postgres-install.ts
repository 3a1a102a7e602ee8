import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findOnPath } from './find-program.ts';
import type { Way } from './first-way.ts';
import { findPostgres, type PostgresInstallation } from './postgres-installation.ts';
import type { OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

/** Debian's name for it, and what others that took it over call it; the number is PostgreSQL's version. */
const PACKAGE = 'postgresql-NN-documentdb';
const PACKAGE_PATTERN = '^postgresql-[0-9]+-documentdb$';
const APT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const isRoot = () => process.getuid?.() === 0;

/** Folder in the cache of the system that holds PostgreSQL where this one has no package for it. */
const ownSystem = (cache: string): string => join(cache, 'postgres-documentdb');

/** What is installed already. The system in the cache takes root to enter. */
export const installedPostgres = (cache: string): PostgresInstallation | undefined =>
  findPostgres() ?? (isRoot() ? findPostgres(ownSystem(cache)) : undefined);

export function waysToInstallPostgres(cache: string, onProgress: OnProgress): Way<PostgresInstallation>[] {
  return [
    { name: `the package ${PACKAGE}`, find: () => fromPackage(onProgress) },
    { name: 'a Debian system of its own in the cache', find: () => inOwnSystem(cache, onProgress) },
  ];
}

async function fromPackage(onProgress: OnProgress): Promise<PostgresInstallation | undefined> {
  if (!isRoot() || !findOnPath('apt-get')) return undefined;
  onProgress('Looking for a PostgreSQL with DocumentDB among the packages of this system…');
  await runCommand('apt-get', ['update'], { env: APT });
  const newest = newestPackage(await runCommand('apt-cache', SEARCH));
  if (!newest) return undefined;
  onProgress('Installing PostgreSQL with DocumentDB (about 1 minute, once)…');
  startNoServerOnInstall('/');
  await runCommand('apt-get', ['install', '-y', '--no-install-recommends', newest], { env: APT });
  return findPostgres();
}

async function inOwnSystem(cache: string, onProgress: OnProgress): Promise<PostgresInstallation | undefined> {
  if (!isRoot()) throw new Error('only root can set one up');
  if (!/^ID=debian$/m.test(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '')) {
    throw new Error('only on Debian');
  }
  const finished = ownSystem(cache);
  const unfinished = `${finished}.unfinished`;
  if (!findOnPath('debootstrap')) {
    await runCommand('apt-get', ['install', '-y', '--no-install-recommends', 'debootstrap'], { env: APT });
  }
  onProgress('Setting up PostgreSQL with DocumentDB in a Debian system of its own (a few minutes, 1 GB, once)…');
  // What a killed start left: its mounts were its own and went with it, so this removes files of ours only.
  rmSync(unfinished, { recursive: true, force: true });
  await runCommand('debootstrap', [
    '--variant=minbase',
    '--include=ca-certificates',
    'sid',
    unfinished,
    await packageMirror(),
  ]);
  startNoServerOnInstall(unfinished);
  onProgress('Installing PostgreSQL with DocumentDB there…');
  const newest = newestPackage(await runCommand('chroot', [unfinished, 'apt-cache', ...SEARCH]));
  if (!newest) throw new Error(`Debian has no package ${PACKAGE} any more`);
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', newest];
  await runCommand('unshare', [...OWN_MOUNTS, INSTALL_SCRIPT, 'sh', unfinished, ...install], { env: APT });
  await runCommand('chroot', [unfinished, 'apt-get', 'clean']);
  renameSync(unfinished, finished); // whole or not at all
  return findPostgres(finished);
}

const SEARCH = ['search', '--names-only', PACKAGE_PATTERN];

/** From the lines "name - description" of `apt-cache search`. */
const newestPackage = (lines: string): string | undefined =>
  (lines.match(/^postgresql-\d+-documentdb(?= )/gm) ?? [])
    .sort((a, b) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]))
    .at(-1);

/** Mounts made inside are seen by nobody else and end with the command, however it ends. */
const OWN_MOUNTS = ['--mount', '--propagation', 'private', 'sh', '-ec'];
/** Packages do not configure without /proc and /dev. */
const INSTALL_SCRIPT = 'mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; exec chroot "$@"';

/** Keeps the package from creating and starting a database server of its own. */
function startNoServerOnInstall(root: string): void {
  const setting = join(root, 'etc/postgresql-common/createcluster.d/provost.conf');
  mkdirSync(dirname(setting), { recursive: true });
  writeFileSync(setting, 'create_main_cluster = false\n');
}

/** The mirror that apt already uses for this release: that one is known to be reachable from here. */
async function packageMirror(): Promise<string> {
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'sid';
  const targets = await runCommand('apt-get', [
    'indextargets',
    '--format',
    '$(RELEASE) $(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([name]) => name === release)?.[1];
  if (!mirror) throw new Error(`apt knows no mirror for ${release}`);
  return mirror;
}
