import { readClaim } from '../../../domain/claims/read-claim.ts';
import type { ClaimWrite } from '../../../domain/claims/write-claims.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { coversScim, type Verb } from '../../../domain/scopes.ts';
import { closedToSelf } from '../../../domain/self-service.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { type SoapValue, text } from '../contract/schema-types.ts';
import { USER_PROFILE_DTO } from '../contract/wso2-types.ts';
import { userNotFound } from '../faults.ts';
import { lookUpUser } from '../find/find-user.ts';
import { requirePermissions } from '../require-permissions.ts';
import { findClaim, requireFew } from './claim-writes.ts';
import { changeClaims } from './claims.ts';
import { DEFAULT_PROFILE, requireDefaultProfile } from './profile.ts';
import { userView } from './user-view.ts';

const TAKES = 'the user themselves, or the permission to view users';
const TAKES_WRITING = 'the user themselves, or the permission to update users';

/**
 * The user whose profile a call is about. Whoever has no permission sees nobody but themselves, and does not learn who
 * else there is.
 *
 * @throws ProvostError `FORBIDDEN`, `NOT_FOUND`
 */
async function profileOf(call: Call, verb: Verb): Promise<{ readonly user: StoredResource; readonly isSelf: boolean }> {
  const userName = call.given.text('username');
  const user = await lookUpUser(call, userName);
  const isSelf = user !== undefined && user.id === call.principal.user;
  if (!isSelf) requirePermissions(call.principal, "another user's profile", [[verb, 'User']]);
  if (user === undefined) throw userNotFound(call.serviceProvider.userStore);
  return { user, isSelf };
}

/** What a profile shows: the claims that are supported by default. */
const shownClaims = ({ claims }: Call) =>
  [...claims.values()].filter(({ mapping }) => mapping.supportedByDefault === true);

/** @param values of those claims; absent: an empty form */
function profile(call: Call, values: ReadonlyMap<string, string> | undefined): SoapValue {
  const fields = shownClaims(call).map(({ mapping, isWritable }) => ({
    checkedAttribute: false,
    claimUri: mapping.claim,
    displayName: mapping.displayName,
    displayOrder: mapping.displayOrder ?? 0,
    fieldValue: values?.get(mapping.claim),
    readOnly: !isWritable,
    regEx: mapping.pattern,
    required: mapping.required ?? false,
  }));
  return {
    fieldValues: fields,
    profileConfigurations: [DEFAULT_PROFILE],
    profileConifuration: DEFAULT_PROFILE,
    profileName: DEFAULT_PROFILE,
  };
}

async function stand(call: Call, user: StoredResource): Promise<SoapValue> {
  const shown = shownClaims(call);
  const wantsGroups = shown.some(({ attribute }) => attribute.name === 'groups');
  const view = await userView(call, user, wantsGroups);
  const values = shown.flatMap((claim) => {
    const value = readClaim(claim, view);
    return value === undefined ? [] : [[claim.mapping.claim, value] as const];
  });
  return profile(call, new Map(values));
}

/** What is sent and differs: clients send a profile back as they read it. Fields that are marked read only are left. */
function changesIn(call: Call, user: StoredResource): readonly ClaimWrite[] {
  const [sent] = call.given.objects('profile');
  if (sent === undefined) throw new ProvostError('INVALID_VALUE', 'profile must be given.', { path: 'profile' });
  requireDefaultProfile(sent);
  const fields = sent.objects('fieldValues').filter((field) => field.flag('readOnly') !== true);
  requireFew(fields);
  return fields.flatMap((field) => {
    const claim = findClaim(call, field.text('claimUri'));
    const value = field.plain('fieldValue');
    return value === (readClaim(claim, user.resource) ?? '') ? [] : [{ claim, kind: 'set' as const, value }];
  });
}

/** What people may not change of themselves by SCIM, they may not by SOAP. @throws ProvostError `FORBIDDEN` */
function requireOpen(call: Call, writes: readonly ClaimWrite[]): void {
  const closed = closedToSelf(call.policy, call.types.user);
  const refused = writes.find(({ claim }) => claim.extension !== undefined || closed.has(claim.attribute.name));
  if (refused !== undefined)
    throw new ProvostError(
      'FORBIDDEN',
      `You are not authorized to perform this action: a person cannot change ${refused.claim.mapping.claim}; an administrator can.`,
    );
}

/** Profiles of users, for themselves and for whoever manages users. There is one profile each. */
export const PROFILE_OPERATIONS: readonly Operation[] = [
  {
    name: 'getUserProfile',
    parameters: [text('username'), text('profileName')],
    returns: { type: USER_PROFILE_DTO },
    requires: [],
    takes: TAKES,
    async run(call) {
      requireDefaultProfile(call.given);
      return stand(call, (await profileOf(call, 'view')).user);
    },
  },
  {
    name: 'getUserProfiles',
    parameters: [text('username')],
    returns: { type: USER_PROFILE_DTO, repeated: true },
    requires: [],
    takes: TAKES,
    run: async (call) => [await stand(call, (await profileOf(call, 'view')).user)],
  },
  {
    name: 'setUserProfile',
    parameters: [text('username'), { name: 'profile', type: USER_PROFILE_DTO }],
    requires: [],
    takes: TAKES_WRITING,
    async run(call) {
      const { user, isSelf } = await profileOf(call, 'update');
      const writes = changesIn(call, user);
      // Whoever may update users may do so with themselves.
      if (isSelf && !coversScim(call.principal.scopes, 'update', 'User')) requireOpen(call, writes);
      await changeClaims(call, call.given.text('username'), writes);
      return undefined;
    },
  },
  {
    name: 'deleteUserProfile',
    parameters: [text('username'), text('profileName')],
    requires: [],
    takes: TAKES_WRITING,
    async run(call) {
      await profileOf(call, 'update');
      requireDefaultProfile(call.given);
      throw new ProvostError('MUTABILITY', 'Cannot delete default profile');
    },
  },
  {
    name: 'getProfileFieldsForInternalStore',
    parameters: [],
    returns: { type: USER_PROFILE_DTO },
    requires: [],
    run: async (call) => profile(call, undefined),
  },
  { name: 'isReadOnlyUserStore', parameters: [], returns: { type: 'boolean' }, requires: [], run: async () => false },
  { name: 'isAddProfileEnabled', parameters: [], returns: { type: 'boolean' }, requires: [], run: async () => false },
  {
    name: 'isAddProfileEnabledForDomain',
    parameters: [text('domain')],
    returns: { type: 'boolean' },
    requires: [],
    run: async () => false,
  },
];
