import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheFolder } from '../../dev/services/cache-folder.ts';
import { scratchFolder } from './scratch.ts';

test('the cache is where PROVOST_CACHE says, else in the cache folder of the system, else in ~/.cache', (t) => {
  const scratch = scratchFolder(t);
  const wanted = join(scratch, 'wanted');
  assert.equal(cacheFolder({ PROVOST_CACHE: wanted, XDG_CACHE_HOME: scratch }), wanted);
  assert.equal(cacheFolder({ XDG_CACHE_HOME: scratch }), join(scratch, 'provost'));
  assert.equal(cacheFolder({}), join(homedir(), '.cache', 'provost'));
});
