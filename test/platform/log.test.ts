import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProvostError } from '../../domain/errors.ts';
import { redactText } from '../../platform/redact.ts';
import { createTemporalLogger } from '../../platform/temporal-logger.ts';
import { recordingLogger } from './log-lines.ts';

test('a line is one JSON object with the time, the level in words, the service and the fields', () => {
  const { log, lines } = recordingLogger();
  log.info({ tenant: 'acme', durationMs: 12 }, 'change accepted');
  const [line] = lines;
  assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(
    { ...line, time: '' },
    { time: '', level: 'info', service: 'test', tenant: 'acme', durationMs: 12, msg: 'change accepted' },
  );
});

test('secrets and personal attributes are gone at any depth, however their names are written', () => {
  const { log, lines } = recordingLogger();
  log.warn(
    {
      headers: { Authorization: 'Basic YWRhOmh1bnRlcjI=', 'Set-Cookie': ['sid=hunter2'], accept: '*/*' },
      request: { items: [{ deep: { client_secret: 'hunter2', userName: 'hunter2', body: { any: 'hunter2' } } }] },
      accessToken: 'hunter2',
      emails: [{ value: 'hunter2' }],
      name: { familyName: 'hunter2' },
      x: Buffer.from('hunter2'),
    },
    'refused',
  );
  assert.doesNotMatch(JSON.stringify(lines), /hunter2|YWRh|104,117/);
  assert.match(JSON.stringify(lines[0]?.['headers']), /accept/);
});

test('children of children redact their bindings and keep them', () => {
  const { log, lines } = recordingLogger();
  log
    .child({ tenant: 'acme', token: 'hunter2' })
    .child({ step: 1, nested: { password: 'hunter2' } })
    .info('done');
  assert.equal(lines[0]?.['tenant'], 'acme');
  assert.equal(lines[0]?.['step'], 1);
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});

test('an error shows its type, code, facts, stack and causes, without the values that its words repeat', () => {
  const { log, lines } = recordingLogger();
  const cause = new Error('E11000 duplicate key error index: userName_1 dup key: { userName: "hunter2" }');
  const error = new ProvostError('UNIQUENESS', 'hunter2@example.com is taken', { path: 'userName' }, { cause });
  log.error(error);
  log.error({ err: error }, 'twice');

  for (const line of lines) {
    const shown = line.err ?? {};
    assert.equal(shown['type'], 'ProvostError');
    assert.equal(shown['code'], 'UNIQUENESS');
    assert.deepEqual(shown['facts'], { path: 'userName' });
    assert.match(JSON.stringify(shown['cause']), /E11000/);
    assert.match(String(shown['stack']), /log\.test\.ts/);
  }
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});

test('credentials and addresses inside a text are taken out of it', () => {
  for (const text of [
    'Authorization: Bearer hunter2hunter2',
    'cannot reach mongodb://provost:hunter2@db/provost',
    'jwt eyJhbGciOiJub25lIn0.hunter2.hunter2 is expired',
    'no user hunter2@mail.example.com here',
  ]) {
    assert.doesNotMatch(redactText(text), /hunter2/, text);
  }
  assert.equal(
    redactText('GET /scim/v2/Users?startIndex=1 answered 200'),
    'GET /scim/v2/Users?startIndex=1 answered 200',
  );
});

test('a long hostile text is redacted in bounded time', () => {
  const started = performance.now();
  for (const piece of ['a', 'a.', '@a', 'a:', 'eyJ', 'Bearer ']) redactText(piece.repeat(500_000));
  assert.ok(performance.now() - started < 2000);
});

test('a structure that contains itself is written and ends', () => {
  const { log, lines } = recordingLogger();
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  log.info({ loop, big: 1n }, 'looped');
  assert.equal(lines.length, 1);
});

test('what Temporal logs comes out at its level with its fields, redacted like everything', () => {
  const { log, lines } = recordingLogger();
  const logger = createTemporalLogger(log);
  logger.warn('activity failed', { activityType: 'persist', taskToken: 'hunter2', error: new Error('Basic hunter2x') });
  logger.log('DEBUG', 'polled');

  assert.equal(lines[0]?.['level'], 'warn');
  assert.equal(lines[0]?.['activityType'], 'persist');
  assert.equal(lines[0]?.err?.['type'], 'Error');
  assert.equal(lines[1]?.['msg'], 'polled');
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});
