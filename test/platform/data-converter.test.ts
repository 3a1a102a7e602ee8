import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { createDataConverter } from '../../platform/data-converter.ts';
import { randomKeyRing } from './keys.ts';

test('the words and the stack of a failure are encrypted, and its code stays readable', async () => {
  const converter = loadDataConverter(createDataConverter(randomKeyRing('k'), { accept: 'encrypted' }));
  const failure = ApplicationFailure.create({ type: 'TARGET_REJECTED', message: 'ada@example.com is taken' });

  const sent = await encodeErrorToFailure(converter, failure);
  assert.equal(sent.applicationFailureInfo?.type, 'TARGET_REJECTED');
  assert.doesNotMatch(JSON.stringify(sent), /ada@example|data-converter\.test/);

  const received = await decodeOptionalFailureToOptionalError(converter, sent);
  assert.equal(received?.message, 'ada@example.com is taken');
});
