/** Writes the pages of docs/reference that are made from code: `node docs/write-reference.ts`. */
import { writeFileSync } from 'node:fs';
import { configurationPage } from '../platform/config/reference-page.ts';

const pages = { 'configuration.md': configurationPage() };

for (const [name, text] of Object.entries(pages)) writeFileSync(new URL(`reference/${name}`, import.meta.url), text);
