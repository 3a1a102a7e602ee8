/**
 * Downloads a MongoDB server into the folder given as the only argument. A program of its own so that a download that
 * hangs can be ended.
 */
import { MongoBinary } from 'mongodb-memory-server-core';
import { messageOf } from './progress.ts';

const [downloadDir = '.'] = process.argv.slice(2);
try {
  await MongoBinary.getPath({ downloadDir });
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
