import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';

/** What workflows tell the worker that they run in, outside of their history. */
export interface StepSinks extends Sinks {
  readonly steps: {
    /** An activity was put into this task queue. */
    scheduled(taskQueue: string): void;
  };
}

const { steps } = proxySinks<StepSinks>();

/** Tells the worker which targets' queues are to be served: it need not listen to those of all targets all the time. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const { taskQueue } = input.options;
        if (taskQueue !== undefined) steps.scheduled(taskQueue);
        return next(input);
      },
    },
  ],
});
