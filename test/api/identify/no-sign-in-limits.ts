import type { SignInLimits } from '../../../api/identify/sign-in-limits.ts';

/** For tests of something else: every attempt is checked. */
export const noSignInLimits: Pick<SignInLimits, 'attempt'> = {
  attempt: (_attempt, check) => check({ address: 'test', known: true, requireOpen: () => undefined }),
};
