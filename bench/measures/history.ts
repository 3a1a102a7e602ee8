import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { userBody } from '../load-users.ts';
import { startProcess } from '../process/start-process.ts';
import { atMost, type Row, shown } from '../report-row.ts';
import type { Setting } from '../setting.ts';
import { openSite } from '../site.ts';

const { History, HistoryEvent } = proto.temporal.api.history.v1;
const { EventType } = proto.temporal.api.enums.v1;
type History = proto.temporal.api.history.v1.IHistory;

const TOKEN = 'bench-sandbox';

/** (c) What one create with one target leaves in Temporal. */
export async function measureHistory(setting: Setting): Promise<Row[]> {
  const sandbox = await startProcess<{ url: string }>('process/sandbox.ts', { token: TOKEN });
  const site = await openSite({
    ...setting,
    name: 'history',
    withWorker: true,
    sandbox: { url: sandbox.facts.url, token: TOKEN },
  });
  const connection = await Connection.connect({ address: setting.temporalAddress });
  try {
    // Twice: the first change of a target may wait until the worker serves the target's queue.
    for (const name of ['first', 'second']) {
      const created = await site.request('POST', '/scim/v2/Users', userBody(name, 1));
      const id = String((JSON.parse(created.text) as { id?: unknown }).id);
      const workflow = new Client({ connection }).workflow.getHandle(`user/${site.tenant}/${id}`);
      const history = await endedHistory(workflow);
      if (name === 'first') continue;
      for (const [index, event] of (history.events ?? []).entries())
        setting.say(
          `  ${index + 1} ${EventType[event.eventType ?? 0]} ${HistoryEvent.encode(event).finish().byteLength} B`,
        );
      return rowsOf(history);
    }
    return [];
  } finally {
    await connection.close();
    await site.stop();
    await sandbox.stop();
  }
}

async function endedHistory(workflow: WorkflowHandle): Promise<History> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await workflow.describe()).status.name === 'COMPLETED') return workflow.fetchHistory();
    await delay(100);
  }
  throw new Error(`${workflow.workflowId} has not ended after 30 s`);
}

function rowsOf(history: History): Row[] {
  const bytes = History.encode(history).finish().byteLength;
  const events = history.events?.length ?? 0;
  return [
    atMost(20, {
      measure: 'history of a create with one target, events',
      provost: `${events} events`,
      compared: '',
      ratio: events,
    }),
    atMost(20, {
      measure: 'the same, size',
      provost: `${bytes} bytes`,
      compared: '',
      ratio: bytes / 1024,
    }),
    shown({ measure: 'the same, Temporal actions', provost: `${actionsOf(history)} actions` }),
  ];
}

/**
 * Actions as Temporal Cloud bills them: a start, an update, an attempt of an activity, an upsert of search attributes, a
 * timer, and one for all local activities of one workflow task.
 */
function actionsOf({ events = [] }: History): number {
  const BILLED: readonly unknown[] = [
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_TIMER_STARTED,
  ];
  const single = (events ?? []).filter(({ eventType }) => BILLED.includes(eventType)).length;
  const withLocalActivities = new Set(
    (events ?? [])
      .map(({ markerRecordedEventAttributes: marker }) => marker)
      .filter((marker) => marker?.markerName === 'core_local_activity')
      .map((marker) => String(marker?.workflowTaskCompletedEventId)),
  );
  return single + withLocalActivities.size;
}
