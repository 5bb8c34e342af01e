/** The shell: what it takes for a statement, what it offers and remembers, and how it behaves at a terminal and in a pipe. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { tableFromIPC } from 'apache-arrow';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { complete } from '../../cli/shell/completion.js';
import { readHistory, writeHistory } from '../../cli/shell/history.js';
import { pagedOutput, PagingStopped, type PageAnswer } from '../../cli/shell/paged-output.js';
import { words } from '../../cli/shell/session.js';
import { StatementSplitter } from '../../cli/shell/statement-splitter.js';
import { loadLibrary } from '../../queries/library.js';
import { packageRoot } from '../../store/sql-files.js';
import { ingestLogs, temporaryFolder } from '../lake.js';
import { hasPseudoTerminals, PseudoTerminal } from './pseudo-terminal.js';

const executable = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const library = loadLibrary();

function statementsOf(text: string): string[] {
  const splitter = new StatementSplitter();
  return [...text.split('\n').flatMap((line) => splitter.add(line)), ...splitter.end()].map((one) => one.text);
}

describe('a statement', () => {
  it.each([
    ['ends at its semicolon', 'select 1; select 2;', ['select 1', 'select 2']],
    ['goes on over lines', 'select\n1;', ['select\n1']],
    ['may lack its semicolon at the end', 'select 1', ['select 1']],
    ['keeps a semicolon in quotes', `select ';', ";" ;`, [`select ';', ";"`]],
    ['keeps doubled quotes', `select 'it''s; fine';`, [`select 'it''s; fine'`]],
    ['keeps a semicolon in a line comment', 'select 1 -- a; b\n;', ['select 1 -- a; b']],
    ['keeps a semicolon in nested comments', 'select /* a; /* b; */ c; */ 1;', ['select /* a; /* b; */ c; */ 1']],
    ['keeps a semicolon in dollar quotes', 'select $$;$$, $tag$;$$;$tag$;', ['select $$;$$, $tag$;$$;$tag$']],
    ['is none when there is only a comment', '-- nothing\n/* ; */ ;', []],
    ['is none when there are only semicolons', ';;\n;', []],
    ['that begins with a full stop is a line', '.mode csv\nselect 1;', ['.mode csv', 'select 1']],
    ['does not begin with a full stop inside another', 'select 1\n.5;', ['select 1\n.5']],
  ])('%s', (_, text, expected) => {
    expect(statementsOf(text)).toEqual(expected);
  });

  it('is the same however the lines are cut', () => {
    const piece = fc.constantFrom('select 1', ' ', "'a;b'", '"c;d"', '/* ; */', '$$;$$', ',', '\n');
    fc.assert(
      fc.property(fc.array(fc.array(piece, { minLength: 1 }), { maxLength: 5 }), (parts) => {
        const texts = parts.map((part) => `x ${part.join('')}`);
        expect(statementsOf(texts.join(';'))).toEqual(texts.map((text) => text.trim()));
      }),
    );
  });
});

describe('the arguments of a library query', () => {
  it('may be quoted', () => {
    expect(words(`object-history key='a b.txt' "bucket=acme docs" x=`)).toEqual([
      'object-history',
      'key=a b.txt',
      'bucket=acme docs',
      'x=',
    ]);
  });
});

describe('completion', () => {
  it.each([
    ['sel', '', ['select']],
    ['.ti', '', ['.timer']],
    ['.mode mark', '', ['markdown']],
    ['.schema s3_a', '', ['s3_access_log']],
    ['.explain tls', '', ['tls-versions']],
    ['top-t', '', ['top-talkers']],
    ['top-talkers b', '', ['by=']],
    ['top-talkers by=bytes f', '', ['from=']],
    ['select * from s3_ev', '', ['s3_events']],
    ['s3_ev', 'select * from ', ['s3_events']],
    ['select turn_ar from s3_access_log where total_', '', ['total_time_ms']],
    ['where vpc_endpoint_i', 'select count(*) from cloudtrail\n', ['vpc_endpoint_id']],
    ['select c.user_identity_ac from x, cloudtrail as c where c.tls_v', '', ['c.tls_version']],
    ['SELECT BUCK', '', ['BUCKET']],
    ['select count(principal_k', '', ['principal_kind']],
  ])('of %j behind %j', (line, pending, expected) => {
    expect(complete(line, pending, library)[0]).toEqual(expected);
  });

  it('offers no library query in the middle of SQL', () => {
    expect(complete('top-t', 'select\n', library)[0]).toEqual([]);
  });
});

describe('the history', () => {
  const file = path.join(temporaryFolder('history'), 'state', 'shell_history');

  it('is kept in its order, for its user alone', () => {
    writeHistory(file, ['select 2;', 'select 1;']);
    expect(readHistory(file)).toEqual(['select 2;', 'select 1;']);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['a secret access key', `select 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';`],
    ['a presigned link', 'object-history key=a?X-Amz-Signature=00ff;'],
    ['a password', `select 'password=hunter2';`],
    ['a session token', `select '${'aB3'.repeat(80)}';`],
  ])('holds no line with %s', (_, line) => {
    writeHistory(file, [line, 'select 1;']);
    expect(readHistory(file)).toEqual(['select 1;']);
  });

  it('keeps lines with access key ids, request ids and hashes', () => {
    const lines = ['access-key-activity access_key=AKIAIOSFODNN7EXAMPLE;', `findings ${'0a'.repeat(32)};`];
    writeHistory(file, lines);
    expect(readHistory(file)).toEqual(lines);
  });
});

/** The pages that a reader sees who gives these answers. */
async function pagesShown(answers: PageAnswer[], text: string): Promise<string[]> {
  const pages: string[] = [''];
  const output = pagedOutput(
    {
      write: async (chunk) => {
        pages[pages.length - 1] += String(chunk);
      },
    },
    {
      rows: 5,
      ask: async () => {
        pages.push('');
        return answers.shift()!;
      },
    },
  );
  await output.write(text).catch((error: unknown) => {
    if (!(error instanceof PagingStopped)) throw error;
  });
  return pages;
}

describe('pages', () => {
  it('are as long as the terminal, but for the question', async () => {
    expect(await pagesShown(['more', 'more'], '1\n2\n3\n4\n5\n6\n7\n8\n9\n')).toEqual([
      '1\n2\n3\n4\n',
      '5\n6\n7\n8\n',
      '9\n',
    ]);
  });

  it('end when the reader wants all', async () => {
    expect(await pagesShown(['all'], '1\n2\n3\n4\n5\n6\n7\n8\n9\n')).toEqual(['1\n2\n3\n4\n', '5\n6\n7\n8\n9\n']);
  });

  it('stop when the reader has seen enough', async () => {
    expect(await pagesShown(['stop'], '1\n2\n3\n4\n5\n')).toEqual(['1\n2\n3\n4\n', '']);
  });
});

describe('a session', () => {
  const dataDir = temporaryFolder('shell');
  const home = temporaryFolder('shell-home');
  const cwd = temporaryFolder('shell-cwd');
  beforeAll(async () => {
    await ingestLogs(path.join(packageRoot, 'fixtures/logs'), dataDir);
  });

  function script(input: string, ...options: string[]): { status: number | null; stdout: string; stderr: string } {
    const args = [executable, 'shell', '--data-dir', dataDir, ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      input,
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: home },
    });
    return { status, stdout, stderr };
  }

  describe('in a pipe', () => {
    it('runs statement after statement without a prompt', () => {
      const { status, stdout, stderr } = script(
        '.mode csv\nselect 1 as a;\n.mode jsonl\nselect 2\nas b; top-buckets limit=0;',
      );
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'a\n1\n{"b":2}\n', stderr: '' });
    });

    it('stops at the first error with its exit code', () => {
      const { status, stdout, stderr } = script('select 1 as a; selct 2; select 3;', '--mode', 'jsonl');
      expect({ status, stdout }).toEqual({ status: 2, stdout: '{"a":1}\n' });
      expect(stderr).toMatch(/^error: .*selct/);
    });

    it.each([
      ['writes', `copy (select 1) to 'x.csv';`],
      ['reads other files', `select * from read_text('${executable}');`],
      ['changes settings', 'set enable_external_access = true;'],
      ['attaches databases', `attach 'x.duckdb' as x;`],
      ['misspells a command', '.tabels'],
      ['misspells a parameter', 'top-buckets bye=requests;'],
      ['wants an unknown mode', '.mode html'],
      ['exports before a query', '.export x.csv'],
    ])('refuses who %s', (_, input) => {
      expect(script(input).status).toBe(2);
      expect(fs.readdirSync(cwd)).toEqual([]);
    });

    it('reads other files when it may, and still writes none', () => {
      const reads = script(`select count(*) as n from read_text('${executable}');`, '--allow-files', '--mode', 'jsonl');
      expect(reads).toMatchObject({ status: 0, stdout: '{"n":1}\n' });
      expect(script(`copy (select 1) to 'x.csv';`, '--allow-files').status).toBe(2);
      expect(script(`explain analyze copy (select 1) to 'x.csv';`, '--allow-files').status).toBe(2);
      expect(fs.readdirSync(cwd)).toEqual([]);
    });

    it('shows tables, columns, queries and explanations', () => {
      expect(script('.tables').stdout).toContain('s3_events');
      expect(script('.schema rejects').stdout).toContain('Reason code');
      expect(script('.queries lifecycle').stdout).toContain('lifecycle-activity');
      expect(script('.explain tls-versions').stdout).toContain('plain HTTP');
      expect(script('.explain select 1').stdout).toMatch(/physical_plan|PROJECTION/i);
      expect(script('.help').stdout).toContain('.export FILE');
    });

    it('exports the last query into a new file, and never over one', () => {
      const file = path.join(cwd, 'x.arrow');
      expect(script('select 7 as n;\n.export x.arrow').status).toBe(0);
      expect(
        tableFromIPC(fs.readFileSync(file))
          .toArray()
          .map((row) => Number(row.n)),
      ).toEqual([7]);
      const again = script('select 8 as n;\n.export x.arrow');
      expect(again.status).toBe(2);
      expect(again.stderr).toContain('x.arrow: exists');
      fs.rmSync(file);
    });

    it('leaves at .quit', () => {
      expect(script('.quit\nselct;')).toEqual({ status: 0, stdout: '', stderr: '' });
    });

    it('keeps no history', () => {
      expect(fs.readdirSync(home)).toEqual([]);
    });
  });

  describe.skipIf(!hasPseudoTerminals)('at a terminal', () => {
    const atPrompt = /\n[^]*bucketwatch> $/;
    let terminal: PseudoTerminal | null = null;
    afterEach(() => terminal?.close());

    async function open(): Promise<PseudoTerminal> {
      const command = `'${process.execPath}' '${executable}' shell --data-dir '${dataDir}'`;
      terminal = new PseudoTerminal(command, { HOME: home, NO_COLOR: '1' });
      await terminal.until(/bucketwatch> $/);
      return terminal;
    }

    it('prompts, goes on over lines, and leaves at the end of input', async () => {
      const shell = await open();
      await shell.type('select 40\n', /\.\.\.> $/);
      expect(await shell.type('+ 2 as answer;\n', atPrompt)).toMatch(/answer[^]*42[^]*1 row/);
      expect(await shell.end('\u0004')).toBe(0);
    });

    it('completes at the tab key', async () => {
      const shell = await open();
      await shell.type('top-t', /top-t/);
      await shell.type('\t', /alkers/);
      await shell.type('\u0003', atPrompt);
      expect(await shell.end('\u0004')).toBe(0);
    });

    it('goes on after an error', async () => {
      const shell = await open();
      expect(await shell.type('selct;\n', atPrompt)).toContain('error:');
      expect(await shell.type('select 42;\n', atPrompt)).toContain('42');
      expect(await shell.end('.quit\n')).toBe(0);
    });

    it('throws the line away at Ctrl-C, and all lines of its statement', async () => {
      const shell = await open();
      await shell.type('selct\n', /\.\.\.> $/);
      await shell.type('nonsense', /nonsense/);
      await shell.type('\u0003', /bucketwatch> $/);
      expect(await shell.type('select 42;\n', atPrompt)).toMatch(/42[^]*1 row/);
      expect(await shell.end('\u0004')).toBe(0);
    });

    it('interrupts a query at Ctrl-C and stays', async () => {
      const shell = await open();
      await shell.type('select sum(a.range * b.range) from range(10000000) a, range(10000000) b;\n', /b;/);
      expect(await shell.type('\u0003', atPrompt)).toContain('interrupted');
      expect(await shell.type('select 42;\n', atPrompt)).toMatch(/42[^]*1 row/);
      expect(await shell.end('\u0004')).toBe(0);
    });

    it('shows wide rows a value a line, in pages, and the first at once', async () => {
      const shell = await open();
      const endless = 'select e.*, r.range from s3_events e, range(1000000000) r;\n';
      const page = await shell.type(endless, /-- more: .* -- $/);
      expect(page).toMatch(/row 1 [^]*event_time/);
      expect(page.split('\n').length).toBeLessThan(30);
      expect(await shell.type('q\n', atPrompt)).not.toContain('error');
      expect(await shell.end('\u0004')).toBe(0);
    });

    it('prints no more rows than were asked for', async () => {
      const shell = await open();
      await shell.type('.rows 3\n', atPrompt);
      expect(await shell.type('select range from range(1000000000000);\n', atPrompt)).toMatch(
        /3 rows[^]*only the first 3 rows/,
      );
      expect(await shell.end('\u0004')).toBe(0);
    });

    it('remembers what was typed for the next session', async () => {
      const first = await open();
      await first.type('select 4711;\n', atPrompt);
      await first.end('\u0004');
      const second = await open();
      await second.type('\u001b[A', /select 4711;/);
      expect(fs.statSync(path.join(home, '.local/state/bucketwatch/shell_history')).mode & 0o777).toBe(0o600);
    });
  });
});
