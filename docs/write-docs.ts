/** `npm run docs`: writes the derived documentation, and removes pages of detectors that are gone. */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import { documentationPages } from './pages.js';

const pages = await documentationPages();
fs.mkdirSync(path.join(packageRoot, 'docs/detectors'), { recursive: true });
for (const [file, text] of pages) fs.writeFileSync(path.join(packageRoot, file), text);
for (const file of fs.readdirSync(path.join(packageRoot, 'docs/detectors'))) {
  if (!pages.has(`docs/detectors/${file}`)) fs.rmSync(path.join(packageRoot, 'docs/detectors', file));
}
console.log(`wrote ${pages.size} pages to docs/`);
