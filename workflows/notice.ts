import { proxyActivities } from '@temporalio/workflow';
import type { NotifyActivities } from '../activities/notify/contract.ts';
import type { Occasion } from '../domain/approval/notice.ts';

const { planNotices, giveUpNotice } = proxyActivities<NotifyActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** A mail server, or a webhook, may be away over a weekend. */
const { sendNotice } = proxyActivities<NotifyActivities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '3 days',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 minutes' },
});

/** Tells everybody concerned that something happened to an approval, each by himself. */
export async function notice(occasion: Occasion): Promise<void> {
  const { tenant } = occasion;
  const notices = await planNotices(occasion);
  await Promise.all(
    notices.map(async (id) => {
      try {
        await sendNotice({ tenant, notice: id });
      } catch {
        await giveUpNotice({ tenant, notice: id });
      }
    }),
  );
}
