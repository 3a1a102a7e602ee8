import { asResourceId, type ResourceId } from './ids.ts';

const PREFIX = 'user:';

/** What the audit trail and approvals call a person; a client is called by the id of its credential. */
export const personName = (user: string): string => `${PREFIX}${user}`;

/** The user behind a name; undefined for a credential. */
export const personNamed = (name: string): ResourceId | undefined =>
  name.startsWith(PREFIX) ? asResourceId(name.slice(PREFIX.length)) : undefined;
