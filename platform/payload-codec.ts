import { createHash } from 'node:crypto';
import {
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
  ValueError,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import { type RefusalReason, refusedPayload } from '../domain/refused-payload.ts';
import { DecryptionError, decrypt, type EncryptionContext, encrypt } from './encryption.ts';
import type { KeyRing } from './key-ring.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const ENCODING = 'binary/encrypted';
/** Of the metadata: what the payload is bound to. */
const BOUND = 'bound';
const BINDING_BYTES = 16;

/**
 * Which payloads are believed. `bound`: those that were encrypted for the workflow that gets them. `encrypted`: those of
 * older releases as well, which were encrypted for no workflow in particular. `any`: also what is not encrypted at all.
 */
export type AcceptedPayloads = 'bound' | 'encrypted' | 'any';

/** A payload came from Temporal that this installation did not write, or not for this workflow. */
export class PayloadRefusedError extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(`A payload from Temporal is refused: ${reason}.`, options);
    this.name = 'PayloadRefusedError';
    this.reason = reason;
  }
}

export interface PayloadCodecOptions {
  readonly accept: AcceptedPayloads;
  /**
   * Called for each that is refused. With it, what a workflow is sent and does not believe is replaced by a mark that
   * the workflow drops; without it, and for what activities and clients get, decoding fails.
   */
  readonly onRefused?: (reason: RefusalReason, workflowId: string) => void;
}

/**
 * Encrypts every payload on its way to Temporal: arguments, results, failures, memos, details. Metadata names the key,
 * and a digest of the workflow's id that the payload is bound to: at another workflow it does not open. The codec
 * endpoint of the Temporal UI sees payloads without their workflow and opens them by that digest.
 */
export function createPayloadCodec(keys: KeyRing, { accept, onRefused }: PayloadCodecOptions): PayloadCodec {
  function opened(payload: Payload, context: SerializationContext | undefined): Payload {
    try {
      return open(payload, context);
    } catch (error) {
      if (!(error instanceof PayloadRefusedError) || onRefused === undefined || context === undefined) throw error;
      onRefused(error.reason, context.workflowId ?? '');
      if (context.type !== 'workflow') throw error;
      return defaultPayloadConverter.toPayload(refusedPayload(error.reason));
    }
  }

  function open(payload: Payload, context: SerializationContext | undefined): Payload {
    if (text(payload.metadata?.['encoding']) !== ENCODING) {
      if (accept === 'any' || isOfServer(payload, context)) return payload;
      throw new PayloadRefusedError('not-encrypted');
    }
    const binding = payload.metadata?.[BOUND];
    if (binding === undefined || binding === null) {
      if (accept === 'bound') throw new PayloadRefusedError('not-bound');
    } else if (context?.workflowId !== undefined && !isFor(binding, context.workflowId)) {
      throw new PayloadRefusedError('of-another-workflow');
    }
    const id = text(payload.metadata?.['encryption-key-id']);
    if (id === '' || !payload.data) throw new ValueError('An encrypted payload lacks its key id or its data.');
    const { key } = keys.find(id);
    try {
      return PayloadMessage.decode(decrypt(key, payload.data, encryptionContext(binding)));
    } catch (cause) {
      throw cause instanceof DecryptionError ? new PayloadRefusedError('altered', { cause }) : cause;
    }
  }

  return {
    async encode(payloads, context) {
      const { id, key } = keys.active;
      const binding = context?.workflowId === undefined ? undefined : bindingOf(context.workflowId);
      return payloads.map((payload) => ({
        metadata: {
          encoding: Buffer.from(ENCODING),
          'encryption-key-id': Buffer.from(id),
          ...(binding === undefined ? {} : { [BOUND]: binding }),
        },
        data: encrypt(key, PayloadMessage.encode(payload).finish(), encryptionContext(binding)),
      }));
    },

    /**
     * @throws UnknownKeyError where the ring has no key of that id
     * @throws PayloadRefusedError where this installation did not write the payload, or not for this workflow
     */
    async decode(payloads, context) {
      return payloads.map((payload) => opened(payload, context));
    },
  };
}

/** Details of a cancellation that Temporal's server words itself, in clear: the activity had not begun, or is not known. */
const WORDS_OF_SERVER: ReadonlySet<string> = new Set(['"ACTIVITY_ID_NOT_STARTED"', '"ACTIVITY_ID_UNKNOWN"']);

const isOfServer = ({ metadata, data }: Payload, context: SerializationContext | undefined): boolean =>
  context?.type === 'activity' && text(metadata?.['encoding']) === 'json/plain' && WORDS_OF_SERVER.has(text(data));

const bindingOf = (workflowId: string): Buffer =>
  createHash('sha256').update('provost/workflow\u0000').update(workflowId).digest().subarray(0, BINDING_BYTES);

/** What Temporal puts behind the id of a workflow that a schedule starts, whose arguments are encrypted for the id before it. */
const SCHEDULED_AT = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const isFor = (binding: Uint8Array, workflowId: string): boolean =>
  [workflowId, workflowId.replace(SCHEDULED_AT, '')].some((id) => bindingOf(id).equals(binding));

const encryptionContext = (binding: Uint8Array | null | undefined): EncryptionContext => ({
  purpose: 'temporal-payload',
  place: binding ? Buffer.from(binding).toString('base64') : '',
});

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
