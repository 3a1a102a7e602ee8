import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecisionInput, decide } from '../../domain/decide.ts';
import {
  asIdentityProviderId,
  asResourceId,
  asServiceProviderId,
  asTargetId,
  asTenantId,
  type TargetId,
} from '../../domain/ids.ts';
import type { LinkState } from '../../domain/link.ts';
import { DEFAULT_RETRY, type Policy, type ServiceProvider, type Target } from '../../domain/policy.ts';

const target = (id: string, own: Partial<Target> = {}): Target => ({
  id: asTargetId(id),
  name: id,
  connector: 'scim2',
  enabled: true,
  blocking: false,
  onFailure: 'park',
  deprovision: 'disable',
  resourceTypes: ['User'],
  matchBy: 'userName',
  mapping: { kind: 'like-for-like' },
  retry: DEFAULT_RETRY,
  concurrency: 1,
  settings: {},
  sealedSecrets: {},
  ...own,
});

const client: ServiceProvider = {
  id: asServiceProviderId('client'),
  name: 'Client',
  resident: false,
  mode: 'persist-and-provision',
  userStore: 'PRIMARY',
  outbound: [asIdentityProviderId('one')],
  conformance: 'tolerant',
};
const resident: ServiceProvider = { ...client, id: asServiceProviderId('resident'), name: 'Resident', resident: true };

const policy = (targets: readonly Target[], own: Partial<Policy> = {}): Policy => ({
  tenant: asTenantId('acme'),
  version: 1,
  serviceProviders: [resident, client],
  identityProviders: [{ id: asIdentityProviderId('one'), name: 'One', targets }],
  ...own,
});

const link = (id: string, state: LinkState = 'linked') => ({ target: asTargetId(id), state });

const change = (own: Partial<DecisionInput> = {}): DecisionInput => ({
  serviceProvider: client.id,
  operation: 'patch',
  source: 'scim2',
  urgent: false,
  resourceType: 'User',
  subject: { kind: 'stands', facts: { id: asResourceId('u'), resource: { userName: 'maya' }, groups: [] } },
  links: [],
  ...own,
});

const IN = { User: 'resource.userName == "maya"' };
const OUT = { User: 'resource.userName == "omar"' };

const called = (input: DecisionInput, by: Policy): TargetId[] => decide(input, by).steps.map((step) => step.target);

test('a resource in scope is provisioned, one out of it is not called, and both are told why', () => {
  const decision = decide(change(), policy([target('a', { scope: IN }), target('b', { scope: OUT })]));
  assert.deepEqual(
    decision.steps.map((step) => step.target),
    ['a'],
  );
  assert.deepEqual(decision.reasons, [
    { target: 'a', called: true, because: 'Client provisions to One' },
    { target: 'b', called: false, because: "the target's scope for User resources leaves it out" },
  ]);
  assert.deepEqual(
    decision.ifUnderWay?.map((step) => step.target),
    ['b'],
  );
});

test('leaving scope deprovisions where there is an account, and does nothing where it is disabled already', () => {
  const by = policy([target('b', { scope: OUT })]);
  assert.deepEqual(called(change({ links: [link('b')] }), by), ['b']);
  assert.deepEqual(called(change({ links: [link('b', 'disabled')] }), by), []);
  assert.deepEqual(called(change({ links: [link('b', 'gone')] }), by), []);
  // Its grace may be over.
  assert.deepEqual(called(change({ links: [link('b', 'disabled')], operation: 'reproject' }), by), ['b']);
});

test('a scope without an answer parks instead of guessing, also where failures are passed over', () => {
  const unclear = { User: 'resource.userName < 5' };
  const { steps, reasons } = decide(
    change(),
    policy([
      target('a', { scope: unclear, onFailure: 'continue' }),
      target('b', { scope: unclear, onFailure: 'compensate' }),
      target('c', { scope: unclear, blocking: true }),
    ]),
  );
  assert.deepEqual(
    steps.map((step) => step.onFailure),
    ['park', 'compensate', 'compensate'],
  );
  assert.match(reasons[0]?.because ?? '', /has no answer/);
});

test('a target that holds an account is asked whoever changes the resource', () => {
  const elsewhere = { ...client, id: asServiceProviderId('other'), outbound: [] };
  const by = policy([target('a'), target('b')], { serviceProviders: [resident, elsewhere] });
  assert.deepEqual(called(change({ serviceProvider: elsewhere.id, links: [link('b')] }), by), ['b']);
});

test('a deletion goes to all that hold an account, at once, and to nobody else', () => {
  const gone = change({ operation: 'delete', subject: { kind: 'gone' }, links: [link('b'), link('c', 'disabled')] });
  const { steps } = decide(
    gone,
    policy([target('a'), target('b', { order: { priority: 1 } }), target('c', { scope: OUT })]),
  );
  assert.deepEqual(
    steps.map((step) => [step.target, step.wave ?? 0]),
    [
      ['b', 0],
      ['c', 0],
    ],
  );
});

test('what removes access is parked where it fails, whatever the policy of its target: nothing takes it back', () => {
  const accounts = ['blocking', 'compensating', 'passing-over'].map((id) => link(id));
  const by = policy([
    target('blocking', { blocking: true }),
    target('compensating', { onFailure: 'compensate' }),
    target('passing-over', { onFailure: 'continue' }),
  ]);
  const policies = (input: DecisionInput, of = by) => decide(input, of).steps.map((step) => step.onFailure);
  const parked = ['park', 'park', 'park'];
  assert.deepEqual(policies(change({ links: accounts })), ['compensate', 'compensate', 'continue']);
  assert.deepEqual(policies(change({ links: accounts, urgent: true })), parked);
  assert.deepEqual(policies(change({ links: accounts, operation: 'delete', subject: { kind: 'gone' } })), parked);
  const outOfScope = {
    ...by,
    identityProviders: by.identityProviders.map((one) => ({
      ...one,
      targets: one.targets.map((each) => ({ ...each, scope: OUT })),
    })),
  };
  assert.deepEqual(policies(change({ links: accounts }), outOfScope), parked);
  assert.ok(decide(change({ urgent: true }), by).steps[0]?.blocking, 'its client waits for it all the same');
  const ifUnderWay = decide(change({ operation: 'delete', subject: { kind: 'gone' } }), by).ifUnderWay ?? [];
  assert.deepEqual(
    ifUnderWay.map((step) => step.onFailure),
    parked,
  );
});

test('waves are counted among the targets that are asked; deactivation waits for nobody', () => {
  const by = policy([
    target('first', { order: { priority: 1 }, scope: OUT }),
    target('usual'),
    target('last', { order: { dependsOn: [asTargetId('usual')] } }),
  ]);
  const waves = (input: DecisionInput) => decide(input, by).steps.map((step) => [step.target, step.wave ?? 0]);
  assert.deepEqual(waves(change()), [
    ['usual', 0],
    ['last', 1],
  ]);
  assert.deepEqual(waves(change({ urgent: true })), [
    ['usual', 0],
    ['last', 0],
  ]);
});

test('outbound configuration falls back from the application to the resident one to the tenant', () => {
  const without = ({ outbound: _none, ...rest }: ServiceProvider): ServiceProvider => rest;
  const one = [asIdentityProviderId('one')];
  const with_ = (own: ServiceProvider, theirs: ServiceProvider, outbound?: typeof one) =>
    called(change(), policy([target('a')], { serviceProviders: [theirs, own], ...(outbound ? { outbound } : {}) }));
  assert.deepEqual(with_(without(client), resident), ['a']);
  assert.deepEqual(with_(without(client), { ...resident, outbound: [] }, one), []);
  assert.deepEqual(with_(without(client), without(resident), one), ['a']);
  assert.deepEqual(with_(without(client), without(resident)), []);
  assert.deepEqual(with_({ ...client, outbound: [] }, resident, one), []);
});

test('an identity provider that was removed or disabled keeps nobody from the others', () => {
  const by = policy([target('a')], {
    identityProviders: [
      { id: asIdentityProviderId('off'), name: 'Off', enabled: false, targets: [target('b')] },
      { id: asIdentityProviderId('one'), name: 'One', targets: [target('a')] },
    ],
    serviceProviders: [resident, { ...client, outbound: ['removed', 'off', 'one'].map(asIdentityProviderId) }],
  });
  const { steps, reasons } = decide(change(), by);
  assert.deepEqual(
    steps.map((step) => step.target),
    ['a'],
  );
  assert.equal(reasons[0]?.because, 'the identity provider is disabled');
});

test('a target may refuse what federated logins change', () => {
  const by = policy([target('a', { justInTime: false }), target('b', { justInTime: true }), target('c')]);
  assert.deepEqual(called(change({ source: 'jit' }), by), ['b', 'c']);
  assert.deepEqual(called(change(), by), ['a', 'b', 'c']);
});
