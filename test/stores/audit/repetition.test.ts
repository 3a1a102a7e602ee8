import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditFact } from '../../../domain/audit.ts';
import { asChangeId, asResourceId } from '../../../domain/ids.ts';
import { ACME, openFreshTrail } from './fresh-trail.ts';

test('what happened to a change once is in its trail once, though a killed worker tells it again at another time', async (context) => {
  const { audit } = await openFreshTrail(context);
  const tenant = ACME;
  const resource = { tenant, resourceType: 'User', resourceId: asResourceId('ada') };
  const fact = (event: AuditFact['event'], at: string, target?: string): AuditFact => ({
    event,
    at,
    change: asChangeId('c'),
    ...(target === undefined ? {} : { facts: { target } }),
  });
  await audit.append(resource, [fact('accepted', '01'), fact('persisted', '02')], true);
  await audit.append(resource, [fact('accepted', '01'), fact('persisted', '03'), fact('step-parked', '04', 't')]);
  await audit.append(resource, [fact('step-parked', '05', 't'), fact('settled', '06')]);
  await audit.append(resource, [fact('settled', '07')]);
  const entries = await audit.ofResource(tenant, resource.resourceId, { after: 0, limit: 100 });
  assert.deepEqual(
    entries.map(({ event, at }) => `${event} ${at}`),
    ['accepted 01', 'persisted 02', 'step-parked 04', 'step-parked 05', 'settled 06'],
  );
  assert.equal((await audit.verify(tenant, resource.resourceId)).broken, undefined);
});

test('what an operator ordered is in the trail once for each order, however often it is told', async (context) => {
  const { audit } = await openFreshTrail(context);
  const tenant = ACME;
  const resource = { tenant, resourceType: 'User', resourceId: asResourceId('ada') };
  const order = (at: string, actor: string): AuditFact => ({
    ...{ event: 'compensation-ordered', at, actor },
    change: asChangeId('c'),
  });
  await audit.append(resource, [order('01', 'olga')], true);
  await audit.append(resource, [order('01', 'olga'), order('01', 'otto')]);
  await audit.append(resource, [order('01', 'otto'), order('02', 'olga')]);
  const entries = await audit.ofResource(tenant, resource.resourceId, { after: 0, limit: 100 });
  assert.deepEqual(
    entries.map(({ at, actor }) => `${at} ${actor}`),
    ['01 olga', '01 otto', '02 olga'],
  );
});
