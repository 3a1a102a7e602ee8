import { activeUsers } from './active-users.ts';
import { auditHeads } from './audit-heads.ts';
import { awaitedReferences } from './awaited-references.ts';
import { bindCredentials } from './bind-credentials.ts';
import { bindTargetSecrets } from './bind-target-secrets.ts';
import { checkOpenChanges } from './check-open-changes.ts';
import { countJobOutcomes } from './count-job-outcomes.ts';
import { dropReplacedIndexes } from './drop-replaced-indexes.ts';
import { earlierPasswords } from './earlier-passwords.ts';
import { linkContentHashes } from './link-content-hashes.ts';
import type { Migration } from './migration.ts';
import { rejectedMemberships } from './rejected-memberships.ts';
import { resourceCreations } from './resource-creations.ts';

/**
 * Every migration, in the order in which they run. Append only: an entry that was released is neither changed nor
 * removed nor moved.
 */
export const MIGRATIONS: readonly Migration[] = [
  bindCredentials,
  auditHeads,
  checkOpenChanges,
  countJobOutcomes,
  dropReplacedIndexes,
  bindTargetSecrets,
  resourceCreations,
  awaitedReferences,
  rejectedMemberships,
  activeUsers,
  linkContentHashes,
  earlierPasswords,
];
