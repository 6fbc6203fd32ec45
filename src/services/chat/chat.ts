import { AppError, notFound } from '../../errors.ts';
import type { PrismaClient, Turn } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import type { EventLog, TurnLogWriter, TurnText } from '../../ports/event-log.ts';
import type { Journal } from '../../ports/journal.ts';
import type { ResponseCache } from '../../ports/response-cache.ts';
import { isDatabaseDown } from '../../util/database-errors.ts';
import type { Delay } from '../../util/delay.ts';
import type { TurnMetrics } from '../stats/turn-metrics.ts';
import { createAnswerCache } from './answer-cache.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createInstances } from './instances.ts';
import { createMirrors } from './mirrors.ts';
import { type BranchPlace, newestLeaf } from './newest-leaf.ts';
import { createOrphans } from './orphans.ts';
import { errorOf, outcomeOf, usageOf } from './outcome.ts';
import { readTurnMessages } from './prompt.ts';
import { citationsOf, storeRetrieved } from './retrieved.ts';
import { type AbortReason, type RunDependencies, runTurn, type TurnJob } from './run-turn.ts';
import {
  type ChatRequest,
  createTurnStarter,
  type RegenerateRequest,
  type RunnableTurn,
  type StartDependencies,
  type StartedTurn,
} from './start-turn.ts';
import { createStoredTurns, storedMessage } from './stored-turns.ts';
import { finishTurn, readVersion, storeCheckpoints, type TurnEnd } from './turn-store.ts';
import { createTurnWatcher } from './watch-turn.ts';

export type ChatDependencies = {
  prisma: PrismaClient;
  eventLog: EventLog;
  /** What the instances write down of their turns for each other; null where there is nothing that they share. */
  journal: Journal | null;
  bus: Bus;
  instanceId: string;
  exclusiveDatabase: boolean;
  now: () => Date;
  createId: () => string;
  delay: Delay;
  resolveModel: StartDependencies['resolveModel'];
  streamModel: RunDependencies['streamModel'];
  windowOf: RunDependencies['windowOf'];
  fallbackModel: RunDependencies['fallbackModel'];
  searchScope: StartDependencies['searchScope'];
  admission: StartDependencies['admission'];
  ground: RunDependencies['ground'];
  createNonce: RunDependencies['createNonce'];
  /** Null: answers are not cached. */
  cache: ResponseCache | null;
  /** Of the conversations that have none of their own. */
  systemPrompt: string | undefined;
  maxAnswerCharacters: number;
  metrics: TurnMetrics;
  guard: RunDependencies['guard'];
  logError: (error: unknown, context: Record<string, unknown>) => void;
  warn: (message: string, context: Record<string, unknown>) => void;
};

export type Chat = ReturnType<typeof createChat>;

type RunningTurn = { turn: RunnableTurn; log: TurnLogWriter; controller: AbortController; done: Promise<void> };

/** How long `stop` waits for the end before it answers with the turn as it is. */
const STOP_WAIT_MS = 10_000;
const STOP_AGAIN_MS = 500;
const FINISH_ATTEMPTS = 60;

/** Turns: started once, made here, watched from anywhere, stopped, and ended exactly once. */
export function createChat(deps: ChatDependencies) {
  const { prisma, eventLog, bus, delay } = deps;
  const running = new Map<string, RunningTurn>();
  const byMessage = new Map<string, RunningTurn>();
  /** Nothing new is begun. */
  let closing = false;
  /** What runs is ended. */
  let ending = false;

  const starter = createTurnStarter(deps);
  const mirrors = createMirrors({
    ...deps,
    load: createStoredTurns(prisma).load,
    logError: (error) => deps.logError(error, { during: 'mirror' }),
  });
  const watcher = createTurnWatcher({ ...deps, mirror: mirrors.open });
  const checkpoints = createCheckpoints({
    store: (texts, ids) => storeCheckpoints(prisma, texts, ids),
    stop: stopHere,
    logError: (error) => deps.logError(error, { during: 'checkpoint' }),
  });
  const orphans = createOrphans({
    ...deps,
    logError: (error) => deps.logError(error, { during: 'recovery' }),
    onInterrupted: (turnIds) => {
      deps.metrics.closed(turnIds.length);
      deps.warn('The turns of a server that is gone were closed.', { turnIds });
    },
  });
  const instances = createInstances({
    ...deps,
    exclusive: deps.exclusiveDatabase,
    logError: (error) => deps.logError(error, { during: 'heartbeat' }),
    closeOrphans: orphans.close,
    onTakenForGone: abandonAll,
  });
  const runDependencies: RunDependencies = {
    ...deps,
    readMessages: (prompt) => readTurnMessages(prisma, prompt, deps.guard !== null),
    storeRetrieved: (turnId, retrieved) => storeRetrieved(prisma, turnId, retrieved),
    readVersion: (model) => readVersion(prisma, model),
    answers: createAnswerCache({
      cache: deps.cache,
      logError: (error) => deps.logError(error, { during: 'cache' }),
    }),
    logError: (error, turnId) => deps.logError(error, { during: 'turn', turnId }),
  };

  const deafen = bus.subscribe('turn-stop', deps.instanceId, ({ turnId }) => stopHere(turnId));

  function stopHere(turnId: string): void {
    const entry = running.get(turnId);
    if (entry) abort(entry, 'stopped');
  }

  /** Starts a turn, or finds the one with the same key. Answers when it is stored, before it is made. */
  async function chat(userId: string, request: ChatRequest): Promise<RunnableTurn> {
    refuseWhenClosing();
    return runStarted(await starter.chat(userId, request), request);
  }

  /** Makes another answer to the prompt of a message; otherwise as `chat`. */
  async function regenerate(userId: string, request: RegenerateRequest): Promise<RunnableTurn> {
    refuseWhenClosing();
    return runStarted(await starter.regenerate(userId, request), request);
  }

  function runStarted(started: StartedTurn, { options, retrieval, ip = null }: RegenerateRequest | ChatRequest) {
    const { turn, prompt, modelVersion, scope } = started;
    const { topK = null, rerank = null } = retrieval ?? {};
    const systemPrompt = started.systemPrompt ?? deps.systemPrompt;
    if (prompt) run({ turn, ip, prompt, modelVersion, systemPrompt, options, retrieval: { scope, topK, rerank } });
    return turn;
  }

  function refuseWhenClosing(): void {
    if (!closing) return;
    throw new AppError({
      code: 'UNAVAILABLE',
      message: 'The server is shutting down. Try again in a moment.',
      retryable: true,
    });
  }

  function run(job: TurnJob): void {
    const { turn } = job;
    const log = eventLog.open(turn.id, turn.journalKey);
    const controller = new AbortController();
    const entry: RunningTurn = { turn, log, controller, done: Promise.resolve() };
    running.set(turn.id, entry);
    byMessage.set(turn.assistantMessageId, entry);
    announce(turn);
    // A server that is closing takes no new turns, but one may have been stored just before.
    if (ending) controller.abort('interrupted' satisfies AbortReason);
    entry.done = drive(entry, job);
  }

  async function drive(entry: RunningTurn, job: TurnJob): Promise<void> {
    const { turn, log, controller } = entry;
    const forget = checkpoints.add(turn.id, { cursor: log.cursor, text: log.text });
    // Who deletes stops what is running first; this is for what was stored just then.
    const forsake = bus.subscribe('conversation-deleted', turn.userId, ({ conversationId }) => {
      if (conversationId === turn.conversationId) abort(entry, 'stopped');
    });
    try {
      const end = await runTurn(runDependencies, job, log, controller.signal);
      forget();
      await finish(entry, end);
    } finally {
      forget();
      forsake();
      running.delete(turn.id);
      byMessage.delete(turn.assistantMessageId);
      announce(turn);
    }
  }

  /** Stores the end. The row decides: whoever was first has ended the turn, and the log says what the row says. */
  async function finish({ turn, log }: RunningTurn, end: TurnEnd): Promise<void> {
    const text = log.text();
    for (let attempt = 1; ; attempt++) {
      try {
        const first = await finishTurn(prisma, turn.id, text, end, deps.now());
        const { usage, error, status, finishReason } = end;
        if (first) deps.metrics.ended(end.model ?? turn.model, status, usage);
        if (first) log.end(turn.assistantMessageId, { status, finishReason, usage, error });
        else await endAsStored(turn.assistantMessageId, log, end);
        return;
      } catch (error) {
        deps.logError(error, { during: 'finish', turnId: turn.id, attempt });
        if ((attempt >= FINISH_ATTEMPTS && !isDatabaseDown(error)) || ending) {
          // Not stored: the row stays GENERATING, and the next start closes it from its checkpoint. A database that is
          // away is waited for, however long: nobody else closes a turn of a server that lives.
          log.end(turn.assistantMessageId, end);
          return;
        }
        await delay(Math.min(250 * attempt, 5_000));
      }
    }
  }

  /** Somebody else has ended it: what they have stored stands. */
  async function endAsStored(messageId: string, log: TurnLogWriter, end: TurnEnd): Promise<void> {
    const message = await prisma.message.findUnique({ where: { id: messageId } });
    const outcome = message && outcomeOf(message);
    if (outcome) log.end(messageId, outcome, storedMessage(message));
    else log.end(messageId, end);
  }

  /** Another instance closes what runs here, with what it knows of it: nothing more of it is made or shown. */
  function abandonAll(): void {
    deps.warn('This server was taken for gone, and its turns are closed.', { count: running.size });
    for (const entry of running.values()) {
      entry.log.withhold();
      abort(entry, 'interrupted');
    }
  }

  function announce(turn: RunnableTurn): void {
    bus.publish('conversation-changed', turn.userId, { conversationId: turn.conversationId });
  }

  function abort(entry: RunningTurn, reason: AbortReason): void {
    entry.controller.abort(reason);
  }

  /** Stops a turn wherever it runs, and answers when it has ended. One that has ended already is left as it is. */
  async function stop(userId: string, turnId: string): Promise<void> {
    const turn = await prisma.turn.findUnique({
      where: { id: turnId, userId },
      select: { status: true, instanceId: true },
    });
    if (!turn) throw notFound('turn');
    if (turn.status !== 'GENERATING') return;
    // Said again until it has ended: a turn that is just being started does not listen yet, and messages can be lost.
    const ask = () => bus.publish('turn-stop', turn.instanceId, { turnId });
    const again = setInterval(ask, STOP_AGAIN_MS);
    try {
      ask();
      if (!running.has(turnId)) {
        // Its instance may not hear of it otherwise.
        await prisma.turn.updateMany({ where: { id: turnId, status: 'GENERATING' }, data: { stopRequested: true } });
      }
      await ended(userId, turnId, AbortSignal.timeout(STOP_WAIT_MS));
    } finally {
      clearInterval(again);
    }
  }

  /** The id again, once it is known to be the user's. Throws NOT_FOUND. */
  async function requireTurn(userId: string, turnId: string): Promise<string> {
    const turn = await prisma.turn.findUnique({ where: { id: turnId, userId }, select: { id: true } });
    if (!turn) throw notFound('turn');
    return turn.id;
  }

  /** Answers when the turn has ended, or `signal` aborts. */
  async function ended(userId: string, turnId: string, signal?: AbortSignal): Promise<void> {
    const here = running.get(turnId);
    if (here && !signal) return here.done;
    // From far behind the end: only the terminal event is waited for, no text is copied.
    for await (const event of watcher.watch(userId, turnId, Number.MAX_SAFE_INTEGER - 1, signal)) {
      if (event.type === 'turn-ended') return;
    }
  }

  /** The text of an answer that is being made: from the log here, else its last checkpoint. */
  async function partialText(assistantMessageId: string): Promise<Pick<TurnText, 'content' | 'reasoning' | 'cursor'>> {
    const here = byMessage.get(assistantMessageId);
    if (here) return here.log.text();
    const turn = await prisma.turn.findUnique({ where: { assistantMessageId }, include: { assistantMessage: true } });
    if (turn && turn.status !== 'GENERATING') {
      // It has ended since its message was read, and the checkpoint is emptied then.
      const { content, reasoning } = turn.assistantMessage;
      return { content, reasoning: reasoning ?? '', cursor: turn.cursor };
    }
    return { content: turn?.partialContent ?? '', reasoning: turn?.partialReasoning ?? '', cursor: turn?.cursor ?? 0 };
  }

  /** Position of the newest event of a turn. */
  function cursorOf(turn: Pick<Turn, 'id' | 'cursor'>): number {
    return running.get(turn.id)?.log.cursor() ?? turn.cursor;
  }

  /** Takes nothing new from now on. Resolves when nothing runs any more, or after so long. */
  async function drain(graceMs: number): Promise<void> {
    closing = true;
    const enough = AbortSignal.timeout(graceMs);
    while (running.size > 0 && !enough.aborted) {
      const ended = Promise.allSettled([...running.values()].map((entry) => entry.done));
      await Promise.race([ended, aborted(enough)]);
    }
  }

  /** Ends what is running, with its text, and takes nothing new. */
  async function dispose(): Promise<void> {
    closing = ending = true;
    const left = [...running.values()];
    for (const entry of left) abort(entry, 'interrupted');
    await Promise.allSettled(left.map((entry) => entry.done));
    deafen();
    mirrors.dispose();
    await checkpoints.dispose();
    await instances.dispose();
  }

  return {
    chat,
    regenerate,
    stop,
    requireTurn,
    ended,
    partialText,
    cursorOf,
    newestLeaf: (message: BranchPlace) => newestLeaf(prisma, message),
    usageOf,
    errorOf,
    citationsOf,
    watch: watcher.watch,
    runningCount: () => running.size,
    start: instances.start,
    /** Whether other instances still take this one for running. */
    stillMine: instances.stillMine,
    holdsLease: instances.holdsLease,
    drain,
    dispose,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
