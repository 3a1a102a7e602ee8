import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { claimPort } from '../../dev/services/ports.ts';

const wish = { wantedBy: 'the Temporal server', variable: 'PROVOST_TEMPORAL_PORT' };

test('port 0 picks a free port, another one each time it is held', async () => {
  const port = await claimPort({ ...wish, port: 0 });
  assert.ok(port > 1023);
  assert.equal(await claimPort({ ...wish, port }), port);
});

test('a taken port is an error that names the port, what wanted it and the variable to change', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => holder.close());
  const address = holder.address();
  assert.ok(typeof address === 'object' && address);
  await assert.rejects(claimPort({ ...wish, port: address.port }), {
    name: 'CannotStartError',
    message:
      `Port ${address.port}, wanted by the Temporal server, is already in use. ` +
      'Stop what uses it or set PROVOST_TEMPORAL_PORT to another port.',
  });
});
