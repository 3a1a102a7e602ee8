import assert from 'node:assert/strict';
import { glob } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { loadConfig } from '../../platform/config.ts';
import { createDataConverter } from '../../platform/data-converter.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createLogger } from '../../platform/log.ts';
import { installTemporalRuntime } from '../../platform/temporal-worker.ts';
import { bundleWorkflows } from '../../worker/bundle-workflows.ts';
import { ownEnvironment } from '../end-to-end/environment.ts';
import { RECORDED, RECORDING_KEY, type RecordedRun, readRun } from '../histories/recorded.ts';

const FOLDER = join(import.meta.dirname, '..', 'histories');

installTemporalRuntime({ log: createLogger({ service: 'test', level: 'silent' }) });
const { encryption } = loadConfig(ownEnvironment({ PROVOST_ENCRYPTION_KEYS: RECORDING_KEY }));

const paths: string[] = [];
for await (const path of glob(join(FOLDER, '*.json'))) paths.push(path);

let workflowBundle: WorkflowBundle;
before(async () => {
  workflowBundle = await bundleWorkflows();
});

const replay = ({ history, workflowId }: RecordedRun): Promise<void> =>
  Worker.runReplayHistory(
    { workflowBundle, dataConverter: createDataConverter(createKeyRing(encryption.keys), { accept: 'encrypted' }) },
    history,
    workflowId,
  );

test('every kind of life is recorded, and the busy one over several runs', () => {
  const names = paths.map((path) => basename(path));
  for (const kind of RECORDED) assert.ok(names.includes(`${kind}.1.json`), `${kind} is missing`);
  assert.ok(names.includes('continued-as-new.2.json'));
});

for (const path of paths.sort()) {
  test(`the code as it is replays ${basename(path, '.json')}`, async () => replay(await readRun(path)));
}

test('a history that the code would have lived otherwise is found out', async () => {
  const run = await readRun(join(FOLDER, 'create.1.json'));
  const scheduled = run.history.events?.find((event) => event.activityTaskScheduledEventAttributes);
  assert.ok(scheduled?.activityTaskScheduledEventAttributes?.activityType);
  scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
  await assert.rejects(replay(run), (error) => error instanceof DeterminismViolationError);
});
