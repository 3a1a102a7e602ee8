import { eachPage } from './each-page.ts';
import type { Migration } from './migration.ts';

/** A member of a group and a reference of its attributes to the same user had one key, and took the other's place. */
export const awaitedReferences: Migration = {
  id: 'awaited-references',
  description: 'Gives references that wait for an account a key of their own beside members',
  run: (context) =>
    eachPage(context, { collection: 'awaited-members', filter: { resourceType: { $exists: true } } }, async (page) => {
      const older = page.filter(({ _id }) => !_id.endsWith(':reference'));
      if (context.isDryRun || older.length === 0) return { 'references given a key': older.length };
      const documents = context.connection.collection('awaited-members');
      await documents.bulkWrite(
        older.map(({ _id, ...rest }) => ({
          updateOne: { filter: { _id: `${_id}:reference` as never }, update: { $set: rest }, upsert: true },
        })),
        { ordered: false },
      );
      await documents.deleteMany({
        _id: { $in: older.map(({ _id }) => _id) },
        resourceType: { $exists: true },
      } as never);
      return { 'references given a key': older.length };
    }),
};
