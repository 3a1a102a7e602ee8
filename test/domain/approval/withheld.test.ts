import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withheldBy, withoutWithheld } from '../../../domain/approval/withheld.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const about = (state: 'waiting' | 'granted' | 'refused', attribute: string, before?: string) => ({
  state,
  operation: 'patch',
  differences: [{ attribute, ...(before === undefined ? {} : { before }), after: 'new' }],
});

test('what waits or was refused keeps the value that the target had, until it is granted', () => {
  const resource = { schemas: [], userName: 'a', title: 'Chief', nickName: 'N' };
  assert.equal(withoutWithheld(resource, withheldBy([about('waiting', 'title', 'Clerk')]))['title'], 'Clerk');
  const both = [about('refused', 'title', 'Clerk'), about('waiting', 'nickName')];
  assert.deepEqual(withoutWithheld(resource, withheldBy(both)), { schemas: [], userName: 'a', title: 'Clerk' });
  assert.deepEqual(withoutWithheld(resource, withheldBy([...both, about('granted', 'title', 'Clerk')])), {
    schemas: [],
    userName: 'a',
    title: 'Chief',
  });
});

test('an attribute of an extension is withheld inside it, and an extension without any is gone', () => {
  const resource = { schemas: [], [ENTERPRISE]: { department: 'Sales' } };
  const name = `${ENTERPRISE}:department`;
  assert.deepEqual(withoutWithheld(resource, withheldBy([about('waiting', name)])), { schemas: [] });
  assert.deepEqual(withoutWithheld(resource, withheldBy([about('waiting', name, 'Tours')])), {
    schemas: [],
    [ENTERPRISE]: { department: 'Tours' },
  });
});

test('an account that may not be made withholds nothing else, and is granted as a whole', () => {
  const creation = (state: 'refused' | 'granted') => ({
    ...about(state, 'userName'),
    operation: 'create',
    creates: true,
  });
  assert.deepEqual(
    [withheldBy([creation('refused')]).creation, withheldBy([creation('refused')]).values.size],
    [true, 0],
  );
  assert.equal(withheldBy([creation('refused'), creation('granted')]).creation, false);
});
