import { AppError, notFound } from '../../errors.ts';
import type { PrismaClient, Turn } from '../../generated/prisma/client.ts';
import type { GenerationOptions } from '../../ports/language-model.ts';
import { isForeignKeyViolation, uniqueViolation } from '../../util/database-errors.ts';
import type { PathRange } from '../../util/message-path.ts';
import type { ScopeRequest, SearchScope } from '../retrieval/scope.ts';
import type { Admission } from './admission.ts';
import { titleFrom } from './title.ts';
import { placeAtRoot, placeForAnswer, placeForPrompt, type TurnPlace } from './turn-place.ts';
import { insertTurn, type NewTurn } from './turn-store.ts';

/** What the client says of retrieval. Left out: everything that the user may search, as the server does it. */
export type RetrievalRequest = ScopeRequest & { enabled: boolean; topK: number | null; rerank: boolean | null };

export type ChatRequest = {
  turnKey: string;
  text: string;
  /** Null: a new conversation, with this id when one is given. */
  conversationId: string | null;
  newConversationId?: string | undefined;
  title?: string | undefined;
  /** Of a new conversation. */
  systemPromptId?: string | null | undefined;
  parentId: string | null;
  model: string | null;
  options: GenerationOptions;
  retrieval?: RetrievalRequest | null | undefined;
};

export type RegenerateRequest = {
  turnKey: string;
  messageId: string;
  model: string | null;
  options: GenerationOptions;
  retrieval?: RetrievalRequest | null | undefined;
};

export type StartDependencies = {
  prisma: PrismaClient;
  instanceId: string;
  now: () => Date;
  createId: () => string;
  /** The full id of the model that is asked for, or of the default one. */
  resolveModel: (id: string | null, field: string) => Promise<string>;
  admission: Admission;
  /** What a user may search of what is named. Throws NOT_FOUND. */
  searchScope: (userId: string, request: ScopeRequest) => Promise<SearchScope>;
};

export type RunnableTurn = Pick<
  Turn,
  'id' | 'userId' | 'conversationId' | 'userMessageId' | 'assistantMessageId' | 'journalKey' | 'model' | 'createdAt'
>;
/** What the model is told: the messages of the path, then the text (null: the path ends with the prompt already). */
export type TurnPrompt = { path: PathRange[]; text: string | null };

/**
 * `prompt` is null when the key was known: the turn is joined, nothing is generated again. `modelVersion` is the tag that
 * is current as it begins, `systemPrompt` what the conversation's own one says then (null: it has none).
 */
export type StartedTurn = {
  turn: RunnableTurn;
  prompt: TurnPrompt | null;
  modelVersion: string | null;
  systemPrompt: string | null;
  scope: SearchScope;
};

/** Where is looked; null: everywhere that the user may, which storing the turn finds out beside. */
type Scope = SearchScope | null;

const NOWHERE: SearchScope = { parts: [], named: false };

/** How often a place is looked for again when another writer took it. */
const ATTEMPTS = 5;

export function createTurnStarter(deps: StartDependencies) {
  const { prisma, createId, now } = deps;
  let lastJournalKey = 0;

  async function chat(userId: string, request: ChatRequest): Promise<StartedTurn> {
    const admission = deps.admission.admit(userId);
    const model = await modelFor(userId, request.turnKey, request.model);
    const scope = await scopeFor(userId, request);
    const conversationId = request.conversationId ?? request.newConversationId ?? createId();
    const title = request.title ?? titleFrom(request.text);
    const started = await insert(userId, request.turnKey, scope ?? null, admission, async () => {
      const place = model && scope !== undefined && (await promptPlace(userId, request));
      if (!place) return null;
      const userMessageId = createId();
      return {
        conversationId,
        isNewConversation: request.conversationId === null,
        title,
        autoTitle: request.title === undefined,
        systemPromptId: request.systemPromptId ?? null,
        branchId: place.branchId,
        newLineage: place.newLineage,
        userMessage: { parentId: place.parentId, depth: place.depth, text: request.text },
        userMessageId,
        assistantDepth: place.depth + 1,
        model,
        prompt: { path: place.path, text: request.text },
      };
    });
    return started ?? joinChat(await knownTurn(userId, request.turnKey), request);
  }

  function promptPlace(userId: string, request: ChatRequest): Promise<TurnPlace | null> | TurnPlace {
    const { conversationId, parentId, turnKey } = request;
    if (conversationId === null) return placeAtRoot(createId);
    return placeForPrompt(prisma, createId, { userId, conversationId, parentId, turnKey });
  }

  async function regenerate(userId: string, request: RegenerateRequest): Promise<StartedTurn> {
    const { turnKey } = request;
    const admission = deps.admission.admit(userId);
    const message = await prisma.message.findUnique({
      where: { id: request.messageId, conversation: { userId } },
      select: {
        id: true,
        role: true,
        parentId: true,
        conversationId: true,
        model: true,
        turn: { select: { id: true } },
      },
    });
    const promptId = message?.role === 'USER' ? message.id : message?.parentId;
    if (!message || !promptId) throw notFound('message');
    // What was imported may have been made by a model that is not here.
    const model = await modelFor(userId, turnKey, request.model ?? (message.turn ? message.model : null));
    const scope = await scopeFor(userId, request);
    const { conversationId } = message;
    const started = await insert(userId, turnKey, scope ?? null, admission, async () => {
      const request = { userId, conversationId, parentId: promptId, turnKey };
      const place = model && scope !== undefined && (await placeForAnswer(prisma, createId, request));
      if (!place) return null;
      return {
        conversationId,
        isNewConversation: false,
        title: '',
        autoTitle: true,
        systemPromptId: null,
        branchId: place.branchId,
        newLineage: place.newLineage,
        userMessage: null,
        userMessageId: promptId,
        assistantDepth: place.depth,
        model,
        prompt: { path: place.path, text: null },
      };
    });
    return started ?? joinRegenerate(await knownTurn(userId, turnKey), promptId);
  }

  /** Null: it cannot answer any more, but the turn with this key is there, and a retry only joins it. */
  async function modelFor(userId: string, key: string, model: string | null): Promise<string | null> {
    try {
      return await deps.resolveModel(model, 'input.model');
    } catch (error) {
      if (await findByKey(userId, key)) return null;
      throw error;
    }
  }

  /** Undefined: what is named is not there (any more), but the turn with this key is. */
  async function scopeFor(
    userId: string,
    { turnKey, retrieval }: Pick<ChatRequest, 'turnKey' | 'retrieval'>,
  ): Promise<Scope | undefined> {
    if (retrieval?.enabled === false) return NOWHERE;
    if (!retrieval || (retrieval.collectionIds === null && retrieval.fileIds === null)) return null;
    try {
      return await deps.searchScope(userId, retrieval);
    } catch (error) {
      if (await findByKey(userId, turnKey)) return undefined;
      throw error;
    }
  }

  type Plan = Omit<
    NewTurn,
    'turnId' | 'key' | 'userId' | 'assistantMessageId' | 'instanceId' | 'journalKey' | 'readScopes' | 'now'
  > & {
    prompt: TurnPrompt;
  };

  /**
   * Null when a turn with this key was there first: only then is it looked for, because a first try is the rule. Throws
   * the refusal where the turn would be a new one and one too many.
   */
  async function insert(
    userId: string,
    key: string,
    scope: Scope,
    admission: Promise<AppError | null>,
    makePlan: () => Promise<Plan | null>,
  ): Promise<StartedTurn | null> {
    const refusal = await admission;
    if (refusal && !(await findByKey(userId, key))) throw refusal;
    const started = refusal ? null : await insertNew(userId, key, scope, makePlan);
    if (!started && !refusal) await deps.admission.takeBack(userId);
    return started;
  }

  async function insertNew(
    userId: string,
    key: string,
    scope: Scope,
    makePlan: () => Promise<Plan | null>,
  ): Promise<StartedTurn | null> {
    for (let attempt = 1; ; attempt++) {
      const createdAt = now();
      const planned = await makePlan();
      if (!planned) return null;
      const { prompt, ...plan } = planned;
      const { instanceId } = deps;
      lastJournalKey += 1;
      const turn = {
        ...plan,
        turnId: createId(),
        key,
        userId,
        assistantMessageId: createId(),
        instanceId,
        journalKey: lastJournalKey,
        readScopes: scope === null,
        now: createdAt,
      };
      try {
        const { modelVersion, systemPrompt, scopeIds } = await insertTurn(prisma, turn);
        const parts = scopeIds.length > 0 ? [{ scopeIds, fileIds: null }] : [];
        const runnable = { ...turn, id: turn.turnId, createdAt };
        return { turn: runnable, prompt, modelVersion, systemPrompt, scope: scope ?? { parts, named: false } };
      } catch (error) {
        const violated = uniqueViolation(error);
        if (violated && (await findByKey(userId, key))) return null;
        if (violated && (await conversationExists(turn))) throw conversationTaken();
        if (isForeignKeyViolation(error)) throw notFound(turn.systemPromptId ? 'system prompt' : 'conversation');
        if (!violated || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async function conversationExists(turn: { isNewConversation: boolean; conversationId: string }): Promise<boolean> {
    if (!turn.isNewConversation) return false;
    return (await prisma.conversation.count({ where: { id: turn.conversationId } })) > 0;
  }

  function findByKey(userId: string, key: string) {
    return prisma.turn.findUnique({
      where: { userId_key: { userId, key } },
      include: { userMessage: { select: { content: true, parentId: true } } },
    });
  }

  async function knownTurn(userId: string, key: string) {
    const turn = await findByKey(userId, key);
    if (!turn) throw notFound('turn');
    return turn;
  }

  return { chat, regenerate };
}

type KnownTurn = Turn & { userMessage: { content: string; parentId: string | null } };

function joinChat(turn: KnownTurn, request: ChatRequest): StartedTurn {
  const { conversationId, parentId } = request;
  const sameText = !turn.regenerated && turn.userMessage.content === request.text;
  const sameConversation = conversationId === null || conversationId === turn.conversationId;
  const parent = parentId === turn.conversationId ? null : parentId;
  const sameParent = parentId === null || parent === turn.userMessage.parentId;
  if (!sameText || !sameConversation || !sameParent) throw keyTaken();
  return { turn, prompt: null, modelVersion: null, systemPrompt: null, scope: NOWHERE };
}

function joinRegenerate(turn: KnownTurn, promptId: string): StartedTurn {
  if (!turn.regenerated || turn.userMessageId !== promptId) throw keyTaken();
  return { turn, prompt: null, modelVersion: null, systemPrompt: null, scope: NOWHERE };
}

function keyTaken(): AppError {
  return new AppError({
    code: 'CONFLICT',
    message: 'This turnKey belongs to another turn. Make a new key for every prompt.',
  });
}

function conversationTaken(): AppError {
  return new AppError({ code: 'CONFLICT', message: 'A conversation with this id exists already.' });
}
