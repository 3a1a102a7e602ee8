/** Downloads a MongoDB server into the folder given as the only argument. See run-script.ts. */
import { MongoBinary } from 'mongodb-memory-server-core';
import { messageOf } from './progress.ts';

const [downloadDir = '.'] = process.argv.slice(2);
process.env['MONGOMS_MAX_RETRIES'] ??= '0'; // there are other ways to go on, sooner
try {
  await MongoBinary.getPath({ downloadDir });
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
