import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { failureConverterPath } from '../platform/data-converter.ts';

/** The workflows as one script for Temporal's sandbox. Takes a second or two; production does it when the image is built. */
export const bundleWorkflows = (logger?: Logger): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: ['refuse-forged', 'tell-steps'].map((name) =>
      fileURLToPath(new URL(`../workflows/${name}.ts`, import.meta.url)),
    ),
    failureConverterPath,
    ...(logger === undefined ? {} : { logger }),
  });

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('usage: node worker/bundle-workflows.ts FILE');
  await writeFile(file, (await bundleWorkflows()).code);
}
