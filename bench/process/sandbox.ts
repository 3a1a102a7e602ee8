/** Process: the target that changes arrive at. Accounts stay in memory. */
import { startSandboxTarget } from '../../dev/sandbox-target.ts';
import { readySignal, settingsOf } from './child-side.ts';

const { token } = settingsOf<{ token: string }>();
const sandbox = await startSandboxTarget({ host: '127.0.0.1', port: 0, token });
readySignal({ url: sandbox.url, pageUrl: sandbox.pageUrl }, sandbox.stop, sandbox.countUsers);
