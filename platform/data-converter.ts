import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { KeyRing } from './key-ring.ts';
import { createPayloadCodec, type PayloadCodecOptions } from './payload-codec.ts';

/** Where the bundler of workflow code finds the failure converter, for `bundleWorkflowCode`. */
export const failureConverterPath = fileURLToPath(new URL('./failure-converter.ts', import.meta.url));

/** What clients and workers share: JSON payloads, failures without clear text, everything encrypted. */
export const createDataConverter = (keys: KeyRing, options: PayloadCodecOptions): DataConverter => ({
  failureConverterPath,
  payloadCodecs: [createPayloadCodec(keys, options)],
});
