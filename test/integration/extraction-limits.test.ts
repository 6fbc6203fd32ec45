import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileReader, type FileReaderOptions } from '../../src/adapters/extraction/file-reader.ts';
import type { FileReader } from '../../src/ports/file-reader.ts';
import { readAll, sectionsOf } from '../support/documents/collect.ts';
import { fileOf, fixture } from '../support/documents/file.ts';
import { pdfOfPages } from '../support/documents/pdf.ts';
import { isRunning, peakDuring, readersOf } from '../support/documents/processes.ts';

const never = new AbortController().signal;
const PARAGRAPH = 'The wind turned to the north-west in the night, and the swell reached the lower gallery.\n\n';
const long = () => fileOf(PARAGRAPH.repeat(600_000));
const slow = () => fileOf(pdfOfPages(5_000, (page) => [`Page ${page}.`]));

function open(options: Partial<FileReaderOptions> = {}): FileReader {
  const reader = createFileReader({ timeoutMs: 60_000, memoryMb: 256, ...options });
  onTestFinished(() => reader.dispose());
  return reader;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

describe('the limits of reading', () => {
  it('ends what takes too long, with its process, and reads the next file', async () => {
    const reader = open({ timeoutMs: 1_500 });
    const path = await slow();
    const begun = performance.now();
    await expect(sectionsOf(reader.read(path, 'pdf', never))).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      retryable: false,
      message: expect.stringMatching(/longer than the 2 seconds/),
    });
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect(await readersOf()).toEqual([]);
    expect(await readAll(reader, await fileOf('Next.'))).toMatchObject([{ text: 'Next.\n\n' }]);
  });

  it('does not count the time in which nobody asks', async () => {
    const reader = open({ timeoutMs: 3_000 });
    const path = await fileOf(PARAGRAPH.repeat(60_000));
    const reading = reader.read(path, 'text', never)[Symbol.asyncIterator]();
    await reading.next();
    // Longer than the limit, as if the sections so far were being embedded.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    while (!(await reading.next()).done);
  });

  it('reads fifty megabytes of text without keeping them', async () => {
    const reader = open();
    const path = await long();
    const before = process.memoryUsage.rss();
    let characters = 0;
    let most = 0;
    let mostHere = 0;
    const reading = (async () => {
      for await (const item of reader.read(path, 'text', never)) {
        if (item.type !== 'section') continue;
        characters += item.section.text.length;
        most = Math.max(most, item.section.text.length);
        mostHere = Math.max(mostHere, process.memoryUsage.rss());
      }
    })();
    const peak = await peakDuring(reading);
    await reading;
    expect(characters).toBe(PARAGRAPH.length * 600_000);
    expect(most).toBeLessThan(400_000);
    expect(peak).toBeLessThan(200);
    expect((mostHere - before) / 1_048_576).toBeLessThan(100);
  });

  it('reads ahead only a little', async () => {
    const reader = open();
    const path = await long();
    const reading = reader.read(path, 'text', never)[Symbol.asyncIterator]();
    await reading.next();
    const [pid = 0] = await readersOf();
    // The process stops by itself: it uses no more of the processor, long before the end.
    let last = -1;
    await until(async () => {
      const now = await processorTime(pid);
      const isStill = now === last;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return isStill;
    });
    let fraction = 0;
    let received = 0;
    while (received < 1_000_000) {
      const { value } = await reading.next();
      if (value?.type === 'progress') fraction = value.fraction;
      if (value?.type === 'section') received += value.section.text.length;
    }
    expect(fraction).toBeLessThan(0.1);
    await reading.return?.();
  });

  it('ends the process with the reading that is given up', async () => {
    const reader = open();
    const path = await slow();
    const reason = new Error('enough');
    const controller = new AbortController();
    const reading = reader.read(path, 'pdf', controller.signal)[Symbol.asyncIterator]();
    await reading.next();
    const [pid = 0] = await readersOf();
    expect(await isRunning(pid)).toBe(true);
    controller.abort(reason);
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toBe(reason);
    expect(await isRunning(pid)).toBe(false);
  });

  it('survives the end of a process, and says what it most likely was', async () => {
    const reader = open();
    const reading = reader.read(await slow(), 'pdf', never)[Symbol.asyncIterator]();
    await reading.next();
    const [pid = 0] = await readersOf();
    process.kill(pid, 'SIGKILL');
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: expect.stringMatching(/memory/),
    });
    expect(await readAll(reader, await fileOf('Next.'))).toMatchObject([{ text: 'Next.\n\n' }]);
  });

  it('says so where there is too little memory, however it runs out', async () => {
    const reader = open({ memoryMb: 16 });
    const table = `<!doctype html><table>${'<tr><td>cell<td>cell'.repeat(90_000)}</table>`;
    await expect(sectionsOf(reader.read(await fileOf(table), 'html', never))).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: expect.stringMatching(/memory/),
    });
    expect(await readAll(reader, await fileOf('Next.'))).toMatchObject([{ text: 'Next.\n\n' }]);
  });

  it('reads one file after the other in the same process, and as many at once as it may', async () => {
    const reader = open({ processes: 2 });
    for (const name of ['report.docx', 'report.pdf', 'figures.xlsx']) await readAll(reader, fixture(name));
    const [first] = await readersOf();
    await readAll(reader, fixture('slides.pptx'));
    expect(await readersOf()).toEqual([first]);
    const paths = await Promise.all(Array.from({ length: 8 }, () => fileOf(PARAGRAPH.repeat(20_000))));
    let most = 0;
    await Promise.all(
      paths.map(async (path) => {
        for await (const _ of reader.read(path, 'text', never)) most = Math.max(most, (await readersOf()).length);
      }),
    );
    expect(most).toBe(2);
  });

  it('stops waiting for a process when the signal aborts', async () => {
    const reader = open({ processes: 1 });
    const first = reader.read(await long(), 'text', never)[Symbol.asyncIterator]();
    await first.next();
    const controller = new AbortController();
    const second = sectionsOf(reader.read(fixture('guide.md'), 'markdown', controller.signal));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    await first.return?.();
    expect((await readAll(reader, fixture('guide.md'), 'guide.md')).length).toBe(1);
  });

  it('lets a process go that has nothing to do', async () => {
    const reader = open({ idleMs: 50 });
    await readAll(reader, fixture('guide.md'));
    await until(async () => (await readersOf()).length === 0);
    expect((await readAll(reader, fixture('guide.md'))).length).toBe(1);
  });
});

describe('the process that reads', () => {
  const program = (path: string) => `
    import { createFileReader } from ${JSON.stringify(fileURLToPath(new URL('../../src/adapters/extraction/file-reader.ts', import.meta.url)))};
    const reader = createFileReader({ timeoutMs: 600_000, memoryMb: 256 });
    const reading = reader.read(${JSON.stringify(path)}, 'pdf', new AbortController().signal)[Symbol.asyncIterator]();
    await reading.next();
    console.log('reading');
    if (process.argv.includes('leave')) { await reading.return(); for await (const _ of reader.read(${JSON.stringify(fixture('guide.md'))}, 'text', new AbortController().signal)); }
    else while (!(await reading.next()).done);`;

  it('ends with the server, also where that is killed while it is busy', async () => {
    const path = await slow();
    const server = spawn(process.execPath, ['--input-type=module', '-e', program(path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void server.kill('SIGKILL'));
    await once(server.stdout, 'data');
    const [pid = 0] = await readersOf(server.pid);
    expect(await isRunning(pid)).toBe(true);
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
    await until(async () => !(await isRunning(pid)));
  });

  it('keeps no server alive while it waits for the next document', async () => {
    const path = await slow();
    const server = spawn(process.execPath, ['--input-type=module', '-e', program(path), 'leave'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void server.kill('SIGKILL'));
    expect(await once(server, 'exit')).toEqual([0, null]);
  });
});

/** What a process has used of the processor so far, in ticks. */
async function processorTime(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const [, rest = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const fields = rest.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
