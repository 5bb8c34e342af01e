/**
 * The pages as a browser shows them: in light, dark and on paper, with hostile logs, by keyboard and by ear. Needs a
 * Chromium on the PATH (Debian: chromium) or in CHROMIUM; SCREENSHOTS names a folder that keeps the pictures.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { html, Html } from '../../reports/html.js';
import { investigationPage } from '../../reports/investigation-page.js';
import { pageText } from '../../reports/page.js';
import { reportPage } from '../../reports/report-page.js';
import { ReaderMachine } from '../docs/reader-machine.js';
import { temporaryFolder } from '../lake.js';
import { Browser, findChromium, OpenPage } from './browser.js';
import { hostileInvestigation, hostileReport, poisons } from './hostile-report.js';
import { accessibilityProblems, contrastProblems, injectionProblems } from './page-checks.js';

const chromium = findChromium();

const folder = temporaryFolder('pages');
const pictures = process.env['SCREENSHOTS'] ?? folder;
const writtenMs = Date.parse('2026-11-14T00:00:00Z');

const shown = (value: number): string => value.toLocaleString('en-US');

function write(name: string, text: string): string {
  const file = path.join(folder, `${name}.html`);
  fs.writeFileSync(file, text);
  return file;
}

describe.skipIf(chromium === null)('in Chromium (skipped without one on the PATH or in CHROMIUM)', () => {
  let browser: Browser;
  beforeAll(() => {
    fs.mkdirSync(pictures, { recursive: true });
    browser = new Browser(chromium!, path.join(folder, 'profile'));
  });
  afterAll(() => browser.close());

  describe('the pages of the demonstration', () => {
    const machine = new ReaderMachine();
    const pages: Record<string, OpenPage> = {};

    beforeAll(async () => {
      const commands = {
        report: `bucketwatch report --out - --data-dir '${machine.dataDir}'`,
        investigation: `bucketwatch investigate role/customer-portal --format html --data-dir '${machine.dataDir}'`,
      };
      for (const [name, command] of Object.entries(commands)) {
        const { stdout, stderr, exitCode } = await machine.run(command);
        if (exitCode !== 0) throw new Error(`${command} exits with ${exitCode}: ${stderr}`);
        pages[name] = await OpenPage.open(browser, write(name, stdout));
      }
    });

    const names = ['report', 'investigation'];

    it.each(names)('%s: the browser has nothing to complain about and asks the network for nothing', (name) => {
      expect(pages[name]!.complaints).toEqual([]);
      expect(pages[name]!.requests).toEqual([`file://${path.join(folder, `${name}.html`)}`]);
    });

    it.each(names)('%s: is laid out for light, dark, narrow and paper', async (name) => {
      const page = pages[name]!;
      await page.screenshot(path.join(pictures, `${name}-light.png`));
      expect(await page.evaluate(contrastProblems)).toEqual([]);
      const light = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      await page.screenshot(path.join(pictures, `${name}-dark.png`), { scheme: 'dark' });
      expect(await page.evaluate(contrastProblems)).toEqual([]);
      const dark = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(dark).not.toBe(light);
      await page.screenshot(path.join(pictures, `${name}-narrow.png`), { width: 420 });
      // Nothing but the areas that scroll by themselves is wider than the window.
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(420);
      await page.screenshot(path.join(pictures, `${name}-print.png`), { media: 'print', width: 760 });
      await page.pdf(path.join(pictures, `${name}.pdf`));
      expect(page.complaints).toEqual([]);
    });

    it.each(names)('%s: reads well by ear and by keyboard', async (name) => {
      expect(await pages[name]!.evaluate(accessibilityProblems)).toEqual([]);
    });

    it('report: says what the demonstration holds', async () => {
      const text = await pages['report']!.evaluate<string>('document.body.innerText');
      const lake = await machine.run(`bucketwatch status --json --data-dir '${machine.dataDir}'`);
      const status = JSON.parse(lake.stdout) as Record<'lines' | 'rows' | 'duplicates' | 'rejected', number> & {
        findings: Record<string, number>;
      };
      for (const [severity, number] of Object.entries(status.findings))
        expect(await pages['report']!.evaluate(`document.querySelectorAll('.finding.${severity}').length`)).toBe(
          number,
        );
      expect(text.replaceAll(/\s+/g, ' ')).toContain(
        `${shown(status.lines)} lines = ${shown(status.rows)} rows + ${shown(status.duplicates)} duplicates + ${shown(status.rejected)} rejected adds up`,
      );
      // Twelve buckets, each with its 24 hours.
      expect(await pages['report']!.evaluate(`document.querySelectorAll('.heat tbody td').length`)).toBe(12 * 24);
    });
  });

  describe('hostile logs', () => {
    it.each([
      ['report', () => reportPage(hostileReport, { writtenMs })],
      ['investigation', () => investigationPage(hostileInvestigation, { writtenMs })],
    ])('in the %s stay text', async (name, render) => {
      const page = await OpenPage.open(browser, write(`hostile-${name}`, render()));
      await page.screenshot(path.join(pictures, `hostile-${name}.png`));
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      expect(await page.evaluate(injectionProblems)).toEqual([]);
      expect(await page.evaluate(contrastProblems)).toEqual([]);
      expect(page.complaints).toEqual([]);
      expect(page.requests).toHaveLength(1);
      const text = await page.evaluate<string>('document.body.textContent');
      for (const poison of poisons.slice(0, 13)) expect(text).toContain(poison);
      expect(text).toContain('invoice\\u202efdp.exe');
      expect(text).toContain('a\\x00b\\x07\\x1b[2J');
    });

    it('would be stopped by the policy if they got past the escaping', async () => {
      const raw = new Html(poisons.slice(0, 13).join('\n'));
      const text = pageText({
        title: 'raw',
        masthead: null,
        contents: [],
        main: html`<h1>raw</h1>
          ${raw}`,
        footer: null,
      });
      const page = await OpenPage.open(browser, write('raw', text));
      expect(await page.evaluate('window.ran ?? null')).toBe(null);
      expect(await page.evaluate('getComputedStyle(document.body).display')).not.toBe('none');
      expect(page.complaints.length).toBeGreaterThan(0);
      expect(page.requests.filter((url) => url.startsWith('http') && !url.includes('evil.example.com'))).toEqual([]);
    });
  });
});

describe('a page', () => {
  const text = reportPage(hostileReport, { writtenMs });

  it('has a policy that allows one style sheet and nothing else', () => {
    expect(text).toMatch(
      /content="default-src &#39;none&#39;; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
    );
  });

  it('has no script and no address on the network', () => {
    expect(text).not.toMatch(
      /<(?:script|img|link|iframe)\b|<[a-z][^>]*\s(?:src|style|on[a-z]+)=|https?:\/\/(?!evil\.example\.com)/i,
    );
  });

  it('says when the lines do not add up', () => {
    expect(text).toContain('does not add up');
  });

  it('says that nothing was found when nothing was', () => {
    const quiet = reportPage(
      {
        ...hostileReport,
        findings: [],
        activity: [],
        heat: [],
        principals: [],
        firstSeen: [],
        coverage: [],
        rejects: [],
      },
      { writtenMs },
    );
    expect(quiet).toContain('Nothing needs attention');
    expect(quiet).toContain('There are no requests in this period.');
  });
});
