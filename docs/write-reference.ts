/** Writes the pages of docs/reference that are made from code: `node docs/write-reference.ts`. */
import { writeFileSync } from 'node:fs';
import { generatedPages } from './pages/generated-pages.ts';

for (const [name, text] of Object.entries(generatedPages())) {
  writeFileSync(new URL(`reference/${name}`, import.meta.url), text);
}
