import { dialectOf } from '../../../domain/claims/claim-mapping.ts';
import { readClaim } from '../../../domain/claims/read-claim.ts';
import { type ClaimWrite, type WrittenClaims, writeClaims } from '../../../domain/claims/write-claims.ts';
import { writeUnseenClaims } from '../../../domain/claims/write-unseen-claims.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { type SoapValue, text, texts } from '../contract/schema-types.ts';
import { CLAIM_DTO, CLAIM_VALUE } from '../contract/wso2-types.ts';
import { existingUser, findUser } from '../find/find-user.ts';
import { submitChange } from '../submit-change.ts';
import { claimValuesOf, claimWrites, findClaim, requireFew } from './claim-writes.ts';
import { requireDefaultProfile } from './profile.ts';
import { userView } from './user-view.ts';

/** Claims of a user by their URIs, those that he has. */
async function readClaims(call: Call, userName: string, uris: readonly string[]): Promise<ReadonlyMap<string, string>> {
  requireFew(uris);
  const wanted = uris.map((uri) => findClaim(call, uri));
  const stored = await existingUser(call, userName);
  const view = await userView(
    call,
    stored,
    wanted.some(({ attribute }) => attribute.name === 'groups'),
  );
  return new Map(
    wanted.flatMap((claim) => {
      const value = readClaim(claim, view);
      return value === undefined ? [] : [[claim.mapping.claim, value] as const];
    }),
  );
}

/** Changes claims of a user by one PATCH. Nothing is sent where nothing would change. */
export async function changeClaims(call: Call, userName: string, writes: readonly ClaimWrite[]): Promise<void> {
  requireDefaultProfile(call.given);
  const { id, stored } = await findUser(call, userName);
  const { operations, account }: Pick<WrittenClaims, 'operations' | 'account'> =
    stored === undefined
      ? { operations: writeUnseenClaims(writes, call.types.user) }
      : writeClaims(writes, stored.resource, call.types.user);
  if (operations.length === 0 && account === undefined) return;
  const body = { kind: 'patch', operations, ...(account === undefined ? {} : { account }) } as const;
  await submitChange(call, { resourceType: 'User', resourceId: id, body });
}

function claimDto(call: Call, uri: string, value: string): SoapValue {
  const { mapping } = findClaim(call, uri);
  return {
    claimUri: uri,
    description: mapping.description ?? mapping.displayName,
    dialectURI: dialectOf(uri),
    displayOrder: mapping.displayOrder ?? 0,
    displayTag: mapping.displayName,
    regEx: mapping.pattern,
    required: mapping.required ?? false,
    supportedByDefault: mapping.supportedByDefault ?? false,
    value,
  };
}

const oneClaim = (call: Call, kind: ClaimWrite['kind'], value: string): readonly ClaimWrite[] => [
  { claim: findClaim(call, call.given.text('claimURI')), kind, value },
];

/** Operations that write one claim, or several; WSO2 has each in both forms. */
function writing(prefix: 'set' | 'add'): readonly Operation[] {
  return [
    {
      name: `${prefix}UserClaimValue`,
      parameters: [text('userName'), text('claimURI'), text('claimValue'), text('profileName')],
      requires: [['update', 'User']],
      async run(call) {
        const value = call.given.optionalText('claimValue') ?? '';
        await changeClaims(call, call.given.text('userName'), oneClaim(call, prefix, value));
        return undefined;
      },
    },
    {
      name: `${prefix}UserClaimValues`,
      parameters: [text('userName'), { name: 'claims', type: CLAIM_VALUE, repeated: true }, text('profileName')],
      requires: [['update', 'User']],
      async run(call) {
        const writes = claimWrites(call, claimValuesOf(call.given.objects('claims')), prefix);
        await changeClaims(call, call.given.text('userName'), writes);
        return undefined;
      },
    },
  ];
}

export const CLAIM_OPERATIONS: readonly Operation[] = [
  {
    name: 'getUserClaimValue',
    parameters: [text('userName'), text('claim'), text('profileName')],
    returns: { type: 'string' },
    requires: [['view', 'User']],
    async run(call) {
      requireDefaultProfile(call.given);
      const uri = call.given.text('claim').trim();
      return (await readClaims(call, call.given.text('userName'), [uri])).get(uri);
    },
  },
  {
    name: 'getUserClaimValues',
    parameters: [text('userName'), text('profileName')],
    returns: { type: CLAIM_DTO, repeated: true },
    requires: [['view', 'User']],
    async run(call) {
      requireDefaultProfile(call.given);
      const stored = await existingUser(call, call.given.text('userName'));
      const view = await userView(call, stored, true);
      return [...call.claims].flatMap(([uri, claim]) => {
        const value = readClaim(claim, view);
        return value === undefined ? [] : [claimDto(call, uri, value)];
      });
    },
  },
  {
    name: 'getUserClaimValuesForClaims',
    parameters: [text('userName'), texts('claims'), text('profileName')],
    returns: { type: CLAIM_VALUE, repeated: true },
    requires: [['view', 'User']],
    async run(call) {
      requireDefaultProfile(call.given);
      const uris = call.given.texts('claims').map((uri) => uri.trim());
      const found = await readClaims(call, call.given.text('userName'), uris);
      return [...found].map(([claimURI, value]) => ({ claimURI, value }));
    },
  },
  ...writing('set'),
  ...writing('add'),
  {
    name: 'deleteUserClaimValue',
    parameters: [text('userName'), text('claimURI'), text('profileName')],
    requires: [['delete', 'User']],
    async run(call) {
      await changeClaims(call, call.given.text('userName'), oneClaim(call, 'remove', ''));
      return undefined;
    },
  },
  {
    name: 'deleteUserClaimValues',
    parameters: [text('userName'), texts('claims'), text('profileName')],
    requires: [['delete', 'User']],
    async run(call) {
      const uris = call.given.texts('claims');
      if (uris.length === 0) throw new ProvostError('INVALID_VALUE', 'claims must name at least one claim.');
      requireFew(uris);
      const writes = uris.map((uri) => ({ claim: findClaim(call, uri), kind: 'remove' as const, value: '' }));
      await changeClaims(call, call.given.text('userName'), writes);
      return undefined;
    },
  },
];
