/** Every workflow that a worker registers. The export's name is the workflow's type. */
export { bulk } from './bulk.ts';
export { deprovision } from './deprovision.ts';
export { job } from './job.ts';
export { notice } from './notice.ts';
export { reconciliationDue } from './reconciliation-due.ts';
export { resource } from './resource.ts';
