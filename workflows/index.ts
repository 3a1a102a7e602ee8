/** Every workflow that a worker registers. The export's name is the workflow's type. */
export { resource } from './resource.ts';
