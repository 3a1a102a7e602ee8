import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { CONNECTORS } from '../../connectors/registry.ts';

for (const { type, settings, secrets } of CONNECTORS) {
  test(`every setting of ${type} is described, and its secrets are settings`, () => {
    const { properties = {} } = z.toJSONSchema(settings, { io: 'input' });
    for (const [name, schema] of Object.entries(properties)) {
      assert(typeof schema === 'object' && (schema.description ?? '') !== '', `${name} has no description`);
    }
    for (const secret of secrets) assert(secret in properties, secret);
  });
}
