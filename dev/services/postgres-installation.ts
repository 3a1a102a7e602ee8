import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A PostgreSQL with the DocumentDB extension, on this system or in a system of its own below a folder. */
export interface PostgresInstallation {
  /** `/`, or the folder that is `/` to it. */
  readonly root: string;
  /** Folder of its programs, as seen from `root`. */
  readonly bin: string;
  readonly uid: number;
  readonly gid: number;
}

/** Looks below `root` for what the packages `postgresql-NN-documentdb` put there; the newest wins. */
export function findPostgres(root = '/'): PostgresInstallation | undefined {
  const versions = join(root, 'usr/lib/postgresql');
  const version = (existsSync(versions) ? readdirSync(versions) : [])
    .filter((name) => existsSync(join(root, `usr/share/postgresql/${name}/extension/documentdb.control`)))
    .sort((a, b) => Number(b) - Number(a))[0];
  const user = postgresUser(root);
  return version && user ? { root, bin: `/usr/lib/postgresql/${version}/bin`, ...user } : undefined;
}

function postgresUser(root: string): { uid: number; gid: number } | undefined {
  const users = join(root, 'etc/passwd');
  const line = existsSync(users) ? /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync(users, 'utf8')) : null;
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : undefined;
}
