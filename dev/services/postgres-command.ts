import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresInstallation } from './postgres-installation.ts';

/** How to run one of PostgreSQL's programs on a data folder: PostgreSQL refuses to run as root. */
export interface PostgresCommand {
  /** The data folder as the program sees it. */
  readonly data: string;
  readonly line: (program: string, ...args: string[]) => { readonly program: string; readonly args: string[] };
}

/** Home of the user postgres in Debian's packages; the folder with the data takes its place. */
const HOME = '/var/lib/postgresql';

/**
 * As root: by the user postgres, below the installation's root, with `folder` mounted where that user can reach it
 * whatever the permissions of the folders above. The mounts live in a namespace of their own and end with the process.
 * It is told to end when its parent does; that has to be asked for after the change of user, which revokes it.
 */
const ENTER = [
  'root=$1; folder=$2; user=$3; shift 3',
  `mount --bind "$folder" "$root${HOME}"`,
  'if [ "$root" != / ]; then mount --rbind /dev "$root/dev"; mount -t proc proc "$root/proc"; fi',
  'exec chroot --userspec="$user" --groups= "$root" setpriv --pdeathsig INT "$@"',
].join('\n');

export function postgresCommand(installation: PostgresInstallation, folder: string): PostgresCommand {
  const { root, bin, uid, gid } = installation;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() !== 0) {
    return { data: join(folder, 'data'), line: (program, ...args) => ({ program: join(bin, program), args }) };
  }
  chownSync(folder, uid, gid);
  const enter = ['--mount', '--propagation', 'private', 'sh', '-ec', ENTER, 'sh', root, folder, `${uid}:${gid}`];
  return {
    data: `${HOME}/data`,
    line: (program, ...args) => ({ program: 'unshare', args: [...enter, join(bin, program), ...args] }),
  };
}
