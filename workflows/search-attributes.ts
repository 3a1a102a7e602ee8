import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Search attributes of every resource workflow. They are in clear, so they hold ids and states only. */
export const searchAttributes = {
  tenant: defineSearchAttributeKey('ProvostTenant', SearchAttributeType.KEYWORD),
  resource: defineSearchAttributeKey('ProvostResource', SearchAttributeType.KEYWORD),
  operation: defineSearchAttributeKey('ProvostOperation', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('ProvostState', SearchAttributeType.KEYWORD),
  source: defineSearchAttributeKey('ProvostSource', SearchAttributeType.KEYWORD),
  targets: defineSearchAttributeKey('ProvostTargets', SearchAttributeType.KEYWORD_LIST),
  waitsFor: defineSearchAttributeKey('ProvostWaitsFor', SearchAttributeType.KEYWORD),
  change: defineSearchAttributeKey('ProvostChange', SearchAttributeType.KEYWORD),
};

/** The same, as a server is told to register them: name → type. */
export const SEARCH_ATTRIBUTE_TYPES = {
  ProvostTenant: 'Keyword',
  ProvostResource: 'Keyword',
  ProvostOperation: 'Keyword',
  ProvostState: 'Keyword',
  ProvostSource: 'Keyword',
  ProvostTargets: 'KeywordList',
  ProvostWaitsFor: 'Keyword',
  ProvostChange: 'Keyword',
} as const;
