import { ProvostError } from '../errors.ts';
import type { ApprovalOrder } from './approval.ts';

/** Most people who can be asked by one order, and longest of their names; as the administration API has it. */
const MOST_REASSIGNED = 200;
const LONGEST_NAME = 200;
const LONGEST_COMMENT = 1_000;

const BARE: ReadonlySet<unknown> = new Set<ApprovalOrder['kind']>([
  'withdraw',
  'expire',
  'cancel',
  'escalate',
  'remind',
]);

/** An order as it comes out of a workflow: whoever can write there may have written anything. */
export interface GivenOrder {
  readonly order: ApprovalOrder;
  readonly by: string;
  readonly at: string;
}

/**
 * Holds an order to its form, so that nothing malformed gets into the record of an approval.
 *
 * @throws ProvostError `INVALID_VALUE`
 */
export function requireOrder({ order, by, at }: GivenOrder): void {
  const given: Readonly<Record<string, unknown>> = typeof order === 'object' && order !== null ? { ...order } : {};
  const { kind, comment, delegate, approvers } = given;
  if (typeof by !== 'string' || by.length > LONGEST_NAME) throw malformed('who gives it');
  if (typeof at !== 'string' || !isMoment(at)) throw malformed('its time');
  if (BARE.has(kind)) return;
  if (kind === 'approve' || kind === 'refuse') {
    if (comment !== undefined && !isText(comment, LONGEST_COMMENT)) throw malformed('its comment');
    if (delegate !== undefined && !isText(delegate, LONGEST_NAME)) throw malformed('its delegate');
    return;
  }
  if (kind !== 'reassign') throw malformed('its kind');
  const areNames =
    Array.isArray(approvers) &&
    approvers.length > 0 &&
    approvers.length <= MOST_REASSIGNED &&
    approvers.every((name) => isText(name, LONGEST_NAME) && name !== '');
  if (!areNames) throw malformed('its approvers');
}

const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest;

const isMoment = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT[\d:.]{5,16}Z$/.test(text) && Number.isFinite(Date.parse(text));

const malformed = (what: string): ProvostError =>
  new ProvostError('INVALID_VALUE', `This is no order about an approval: ${what} cannot be read.`);
