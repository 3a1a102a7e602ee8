/** An operator was quicker, or the change has ended. */
export function isWaitingNoMore(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('type' in cause && cause.type === 'OPERATION_NOT_WAITING') return true;
    if (cause.name === 'WorkflowNotFoundError') return true;
  }
  return false;
}
