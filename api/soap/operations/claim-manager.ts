import { type ClaimMapping, dialectOf } from '../../../domain/claims/claim-mapping.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { type SoapValue, text } from '../contract/schema-types.ts';
import { CLAIM, CLAIM_MAPPING } from '../contract/wso2-types.ts';
import { claimNotFound } from '../faults.ts';
import { readUserName } from '../find/store-name.ts';
import type { Arguments } from '../message/arguments.ts';

const MAPPING = { name: 'mapping', type: CLAIM_MAPPING };

const mappingsOf = ({ claims }: Call): readonly ClaimMapping[] => [...claims.values()].map(({ mapping }) => mapping);

const claimOf = (mapping: ClaimMapping): { readonly [field: string]: SoapValue } => ({
  checkedAttribute: false,
  claimUri: mapping.claim,
  description: mapping.description ?? mapping.displayName,
  dialectURI: dialectOf(mapping.claim),
  displayOrder: mapping.displayOrder ?? 0,
  displayTag: mapping.displayName,
  readOnly: mapping.readOnly ?? false,
  regEx: mapping.pattern,
  required: mapping.required ?? false,
  supportedByDefault: mapping.supportedByDefault ?? false,
});

const viewOf = (mapping: ClaimMapping): SoapValue => ({ claim: claimOf(mapping), mappedAttribute: mapping.attribute });

/** The mapping of a claim that the caller names; WSO2 answers nothing where there is none. */
const named = (call: Call): ClaimMapping | undefined => call.claims.get(call.given.text('claimURI').trim())?.mapping;

/** A mapping as it is sent, upon the one that stands: what WSO2 has no field for stays. */
function readMapping(given: Arguments, before: ClaimMapping | undefined): ClaimMapping {
  const [claim] = given.objects('claim');
  if (claim === undefined) throw new ProvostError('INVALID_VALUE', 'mapping has the claim that it is of.');
  const order = claim.whole('displayOrder');
  const pattern = claim.optionalText('regEx');
  const description = claim.optionalText('description');
  return {
    ...before,
    claim: claim.text('claimUri').trim(),
    attribute: given.text('mappedAttribute').trim(),
    displayName: claim.plain('displayTag').trim() || (before?.displayName ?? claim.text('claimUri').trim()),
    ...(description === undefined ? {} : { description }),
    ...(order === undefined ? {} : { displayOrder: order }),
    ...(pattern === undefined ? {} : { pattern }),
    ...flags(claim, ['readOnly', 'required', 'supportedByDefault']),
  };
}

const flags = (claim: Arguments, names: readonly ('readOnly' | 'required' | 'supportedByDefault')[]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = claim.flag(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

function sent({ given }: Call): Arguments {
  const [mapping] = given.objects('mapping');
  if (mapping === undefined) throw new ProvostError('INVALID_VALUE', 'mapping must be given.', { path: 'mapping' });
  return mapping;
}

/** The URI of the claim that a mapping is of. */
const uriOf = (mapping: Arguments): string => mapping.objects('claim')[0]?.text('claimUri').trim() ?? '';

function reading(name: string, chosen: (mapping: ClaimMapping) => boolean): Operation {
  return {
    name,
    parameters: [],
    returns: { type: CLAIM_MAPPING, repeated: true },
    requires: [['view', 'User']],
    run: async (call) => mappingsOf(call).filter(chosen).map(viewOf),
  };
}

/** The table of claims, as SCIM paths of a user's attributes. Writing it takes the role of an administrator. */
export const CLAIM_MANAGER_OPERATIONS: readonly Operation[] = [
  {
    name: 'getAllClaimMappings',
    parameters: [text('dialectUri')],
    returns: { type: CLAIM_MAPPING, repeated: true },
    requires: [['view', 'User']],
    async run(call) {
      const dialect = call.given.plain('dialectUri').trim();
      const all = mappingsOf(call);
      return (dialect === '' ? all : all.filter(({ claim }) => dialectOf(claim) === dialect)).map(viewOf);
    },
  },
  {
    name: 'getAllClaimUris',
    parameters: [],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'User']],
    run: async (call) => mappingsOf(call).map(({ claim }) => claim),
  },
  reading('getAllRequiredClaimMappings', ({ required }) => required === true),
  reading('getAllSupportClaimMappingsByDefault', ({ supportedByDefault }) => supportedByDefault === true),
  {
    name: 'getAttributeName',
    parameters: [text('claimURI')],
    returns: { type: 'string' },
    requires: [['view', 'User']],
    run: async (call) => named(call)?.attribute,
  },
  {
    name: 'getAttributeNameFromDomain',
    parameters: [text('domainName'), text('claimURI')],
    returns: { type: 'string' },
    requires: [['view', 'User']],
    async run(call) {
      const domain = call.given.plain('domainName').trim();
      // Throws for a store that does not exist.
      if (domain !== '') readUserName(`${domain}/x`, call.serviceProvider.userStore);
      return named(call)?.attribute;
    },
  },
  {
    name: 'getClaim',
    parameters: [text('claimURI')],
    returns: { type: CLAIM },
    requires: [['view', 'User']],
    async run(call) {
      const mapping = named(call);
      return mapping === undefined ? undefined : claimOf(mapping);
    },
  },
  {
    name: 'getClaimMapping',
    parameters: [text('claimURI')],
    returns: { type: CLAIM_MAPPING },
    requires: [['view', 'User']],
    async run(call) {
      const mapping = named(call);
      return mapping === undefined ? undefined : viewOf(mapping);
    },
  },
  {
    name: 'addNewClaimMapping',
    parameters: [MAPPING],
    requires: [],
    takes: 'the role `admin`',
    async run(call) {
      const mapping = readMapping(sent(call), undefined);
      await call.dependencies.administration.editClaims(call.principal, (before) => {
        if (before.some(({ claim }) => claim === mapping.claim))
          throw new ProvostError('UNIQUENESS', 'There is a mapping of this claim; update it.');
        return [...before, mapping];
      });
      return undefined;
    },
  },
  {
    name: 'updateClaimMapping',
    parameters: [MAPPING],
    requires: [],
    takes: 'the role `admin`',
    async run(call) {
      const given = sent(call);
      const uri = uriOf(given);
      await call.dependencies.administration.editClaims(call.principal, (before) => {
        if (!before.some(({ claim }) => claim === uri)) throw claimNotFound(uri);
        return before.map((mapping) => (mapping.claim === uri ? readMapping(given, mapping) : mapping));
      });
      return undefined;
    },
  },
  {
    name: 'deleteClaimMapping',
    parameters: [MAPPING],
    requires: [],
    takes: 'the role `admin`',
    async run(call) {
      const uri = uriOf(sent(call));
      await call.dependencies.administration.editClaims(call.principal, (before) => {
        if (!before.some(({ claim }) => claim === uri)) throw claimNotFound(uri);
        return before.filter(({ claim }) => claim !== uri);
      });
      return undefined;
    },
  },
];
