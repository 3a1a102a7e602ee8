import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maySignIn } from '../../../domain/account.ts';
import { applyBody, createResourceRules } from '../../../domain/apply-change.ts';
import { claimTable } from '../../../domain/claims/claim-table.ts';
import { writeClaims } from '../../../domain/claims/write-claims.ts';
import { writeUnseenClaims } from '../../../domain/claims/write-unseen-claims.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId } from '../../../domain/ids.ts';
import { project } from '../../../domain/mapping/project.ts';
import { mergeReplace } from '../../../domain/scim/merge-replace.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import { applyPatch } from '../../../domain/scim/patch/apply-patch.ts';
import { normalisePatch } from '../../../domain/scim/patch/normalise-patch.ts';
import { PATCH_SCHEMA } from '../../../domain/scim/patch/read-operations.ts';
import { type Resource, USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { PROVOST_USER } from '../../../domain/scim/schema/provost-user.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { resourceTypesOf } from '../../../domain/scim/schema/tenant-types.ts';

const { id: ACCOUNT_SCHEMA } = PROVOST_USER;
const CLAIM = 'http://wso2.org/claims/identity/';
const claims = claimTable(undefined, USER_TYPE);
const user: Resource = { schemas: [USER_SCHEMA], userName: 'ada' };

function write(before: Resource, name: string, value: string, kind: 'set' | 'add' | 'remove' = 'set') {
  const claim = claims.get(`${CLAIM}${name}`);
  assert.ok(claim !== undefined, name);
  return writeClaims([{ claim, kind, value }], before, USER_TYPE);
}

/** The user after the change that SOAP would send. */
function locked(): Resource {
  const { operations, account } = write(user, 'accountLocked', 'TRUE');
  assert.ok(account !== undefined);
  const rules = createResourceRules(USER_TYPE);
  return applyBody(user, { kind: 'patch', operations, account }, rules, 'tolerant').resource;
}

test('a claim locks an account and unlocks it, and a user signs in only in between', () => {
  const after = locked();
  assert.deepEqual(after[ACCOUNT_SCHEMA], { accountLocked: true });
  assert.deepEqual(after['schemas'], [USER_SCHEMA, ACCOUNT_SCHEMA]);
  assert.deepEqual([maySignIn(user), maySignIn(after), maySignIn({ ...user, active: false })], [true, false, false]);
  const { account } = write(after, 'accountLocked', 'false');
  assert.deepEqual(account, { accountLocked: false });
  const removed = write(after, 'accountLocked', '');
  assert.deepEqual([removed.account, removed.resource[ACCOUNT_SCHEMA]], [{ accountLocked: null }, undefined]);
  assert.deepEqual(write(user, 'accountLocked', '', 'remove').account, undefined);
  assert.deepEqual(write(after, 'accountLocked', 'true').account, undefined, 'what stands is no change');
});

test('counts are whole numbers, locks are true or false', () => {
  assert.deepEqual(write(user, 'failedLoginAttempts', ' 3 ').account, { failedLoginAttempts: 3 });
  assert.deepEqual(write(user, 'emailVerified', 'True').account, { emailVerified: true });
  for (const [name, value] of [
    ['failedLoginAttempts', '-1'],
    ['failedLoginAttempts', '1.5'],
    ['failedLoginAttempts', '1e3'],
    ['accountLocked', 'yes'],
  ] as const)
    assert.throws(() => write(user, name, value), /whole number|true or false/, value);
});

test('no SCIM request locks, unlocks or forgets how an account stands', () => {
  const before = locked();
  const forged = { accountLocked: false, emailVerified: true };
  const put = parseResource({ ...user, [ACCOUNT_SCHEMA]: forged }, USER_TYPE, { mode: 'tolerant' }).resource;
  assert.equal(put[ACCOUNT_SCHEMA], undefined);
  assert.deepEqual(mergeReplace(before, put, USER_TYPE)[ACCOUNT_SCHEMA], { accountLocked: true });
  for (const operation of [
    { op: 'remove', path: ACCOUNT_SCHEMA },
    { op: 'replace', path: ACCOUNT_SCHEMA, value: null },
    { op: 'replace', path: ACCOUNT_SCHEMA, value: forged },
    { op: 'replace', path: `${ACCOUNT_SCHEMA}:accountLocked`, value: false },
    { op: 'remove', path: `${ACCOUNT_SCHEMA}:accountLocked` },
    { op: 'add', value: { [ACCOUNT_SCHEMA]: forged } },
    { op: 'add', value: { [`${ACCOUNT_SCHEMA}:accountLocked`]: false } },
  ])
    for (const mode of ['strict', 'tolerant'] as const) {
      let after = before;
      try {
        const { operations } = normalisePatch({ schemas: [PATCH_SCHEMA], Operations: [operation] }, USER_TYPE, mode);
        after = applyPatch(before, operations, USER_TYPE, mode).resource;
      } catch (error) {
        assert.ok(error instanceof ProvostError, String(error));
      }
      assert.deepEqual(after[ACCOUNT_SCHEMA], { accountLocked: true }, `${JSON.stringify(operation)} ${mode}`);
    }
});

test('a tenant that chooses its own extensions of users keeps the account', () => {
  const setting = { name: 'User', endpoint: '/Users', description: '', schema: USER_SCHEMA, schemaExtensions: [] };
  const [type] = resourceTypesOf({ resourceTypes: [setting] });
  assert.deepEqual(
    type?.extensions.map(({ schema }) => schema.id),
    [ACCOUNT_SCHEMA],
  );
});

test('how an account stands here is sent to no target that gets everything as it is', () => {
  const facts = {
    resource: { ...locked(), title: 'Dr' },
    groups: [],
    id: asResourceId('1'),
    resourceType: 'User',
    tenant: 't',
    identityProvider: 'idp',
  };
  const { account } = project({ kind: 'like-for-like' }, facts);
  assert.deepEqual(account, { active: true, schemas: [USER_SCHEMA], userName: 'ada', title: 'Dr', externalId: '1' });
});

test('of users who are not kept no account stands in any way', () => {
  const claim = claims.get(`${CLAIM}accountLocked`);
  assert.ok(claim !== undefined);
  assert.throws(() => writeUnseenClaims([{ claim, kind: 'set', value: 'true' }], USER_TYPE), /no users are kept here/);
});
