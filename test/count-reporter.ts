import type { TestEvent } from 'node:test/reporters';

/** Reporter that says one line when everything has run: what passed and what failed. Files count by their tests. */
export default async function* countTests(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of events) {
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { passed, tests, skipped, todo } = event.data.counts;
    counts.passed = passed;
    counts.skipped = skipped + todo;
    counts.failed = tests - passed - skipped - todo;
  }
  yield `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`;
}
