import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto, { type temporal } from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

/** What is recorded: each is one resource's life, told by the run or runs that lived it, or one bulk request's. */
export const RECORDED = [
  'create',
  'burst',
  'parked-and-retried',
  'compensated',
  'taken-back-by-order',
  'continued-as-new',
  'compensation-parked',
  'leaver-at-blocking-target',
  'bulk',
] as const;
export type Recorded = (typeof RECORDED)[number];

/** Key of the recorded payloads. It opens nothing else. */
export const RECORDING_KEY = `recording:${Buffer.alloc(32, 'provost').toString('base64')}`;

const FOLDER = import.meta.dirname;

export const fileOf = (name: Recorded, run: number): string => join(FOLDER, `${name}.${run}.json`);

export interface RecordedRun {
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/** The events as Temporal's own message in base64: its JSON would name each of hundreds of fields. */
export async function writeRun(path: string, { workflowId, history }: RecordedRun): Promise<void> {
  const encoded = Buffer.from(History.encode(history).finish()).toString('base64');
  await writeFile(path, `${JSON.stringify({ workflowId, history: encoded })}\n`);
}

export async function readRun(path: string): Promise<RecordedRun> {
  const { workflowId, history } = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
  return { workflowId: workflowId ?? '', history: History.decode(Buffer.from(history ?? '', 'base64')) };
}
