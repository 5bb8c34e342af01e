/**
 * Chromium, driven by its own protocol over a pipe: pages are opened as files, looked at in light, dark and on paper, and
 * everything that the browser has to complain about is kept. No package is needed, and nothing listens on a port.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Readable, Writable } from 'node:stream';

/** Where distributions put it; CHROMIUM names another. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a Chromium, or null where there is none. */
export function findChromium(): string | null {
  const given = process.env['CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  return candidates.find((file) => fs.existsSync(file)) ?? null;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** How a page is looked at. */
export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
  readonly width?: number;
}

export class Browser {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, (message: Message) => void>();
  readonly #listeners: ((message: Message) => void)[] = [];
  #next = 1;
  #rest = '';

  constructor(executable: string, profile: string) {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'];
    this.#process = spawn(
      executable,
      [...flags, '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\0');
    this.#rest = parts.pop()!;
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id !== undefined) this.#pending.get(message.id)?.(message);
      else for (const listener of this.#listeners) listener(message);
    }
  }

  /** Sends a command and answers its result. */
  async send(
    method: string,
    params: Record<string, unknown> = {},
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const answer = new Promise<Message>((resolve) => this.#pending.set(id, resolve));
    const message = { id, method, params, ...(sessionId === undefined ? {} : { sessionId }) };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const { result, error } = await answer;
    this.#pending.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  on(listener: (message: Message) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** A page that is open, with what the browser said about it and what it asked the network for. */
export class OpenPage {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];
  readonly #browser: Browser;
  readonly #session: string;

  private constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  static async open(browser: Browser, file: string): Promise<OpenPage> {
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new OpenPage(browser, sessionId as string);
    const loaded = new Promise<void>((resolve) => {
      browser.on((message) => {
        if (message.sessionId !== sessionId) return;
        page.#hear(message);
        if (message.method === 'Page.loadEventFired') resolve();
      });
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Audits']) await page.send(`${domain}.enable`);
    await page.send('Page.navigate', { url: pathToFileURL(file).href });
    await loaded;
    return page;
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.#session);
  }

  #hear({ method, params = {} }: Message): void {
    if (method === 'Network.requestWillBeSent') this.requests.push((params['request'] as { readonly url: string }).url);
    const isComplaint =
      method === 'Runtime.exceptionThrown' ||
      method === 'Runtime.consoleAPICalled' ||
      method === 'Log.entryAdded' ||
      method === 'Audits.issueAdded' ||
      method === 'Page.javascriptDialogOpening';
    if (isComplaint) this.complaints.push(JSON.stringify(params));
  }

  /** Evaluates an expression in the page; the page's policy does not hold for the debugger. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result } = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { readonly value: Value }).value;
  }

  /** Writes a PNG of the whole page. */
  async screenshot(file: string, { scheme = 'light', media = 'screen', width = 1200 }: Look = {}): Promise<void> {
    // A page in the background is not drawn, and waits for ever.
    await this.send('Page.bringToFront');
    await this.send('Emulation.setEmulatedMedia', {
      media,
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
    await this.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
    const { cssContentSize } = await this.send('Page.getLayoutMetrics');
    const { height } = cssContentSize as { readonly height: number };
    const clip = { x: 0, y: 0, width, height: Math.min(height, 12_000), scale: 1 };
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true, clip });
    fs.writeFileSync(file, Buffer.from(data as string, 'base64'));
  }

  /** What a printer would get, as PDF. */
  async pdf(file: string): Promise<void> {
    await this.send('Page.bringToFront');
    const { data } = await this.send('Page.printToPDF', { printBackground: false, preferCSSPageSize: true });
    fs.writeFileSync(file, Buffer.from(data as string, 'base64'));
  }
}
