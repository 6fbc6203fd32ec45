import type { Client, StreamOptions, TurnEvent } from '@colloquy/sdk';
import { confirm } from './confirm.ts';
import { listConversations, newestConversations, oneLine, openConversation } from './conversations.ts';
import { playTurn } from './play-turn.ts';
import type { Terminal } from './terminal.ts';

/** 'failed': the prompt was sent, and its answer failed, as was said. */
export type HandledLine = 'done' | 'failed' | 'quit';

export type ChatSessionOptions = { client: Client; terminal: Terminal; model: string | undefined };

const HELP = `Type to ask; Ctrl-C stops an answer, a second one leaves.
  /new             begin a new conversation
  /list            list the conversations
  /open N          go on with number N of the list
  /rename TITLE    give this conversation another title
  /delete          delete this conversation
  /models          list the models
  /model [NAME]    show or choose the model that answers
  /regenerate      answer the last prompt again
  /help            this
  /quit            leave
`;

const NO_CONVERSATION = 'There is no conversation yet: ask something first.';

/** One person's chat: what the commands do, and what they need to remember. */
export function createChatSession({ client, terminal, model: chosen }: ChatSessionOptions) {
  let conversationId: string | null = null;
  let lastAnswer: string | null = null;
  let model = chosen;
  let listed: { id: string; title: string }[] = [];

  const say = (text: string): undefined => void terminal.write(`${text}\n`);

  async function play(open: (options: StreamOptions) => AsyncIterable<TurnEvent>): Promise<HandledLine> {
    const onStarted = (id: string) => {
      conversationId = id;
    };
    const end = await playTurn({ client, terminal, onStarted }, open);
    lastAnswer = end?.message.id ?? lastAnswer;
    return end?.__typename === 'TurnFailed' ? 'failed' : 'done';
  }

  function begin(): void {
    conversationId = null;
    lastAnswer = null;
  }

  const commands: Record<string, (argument: string) => Promise<HandledLine | undefined>> = {
    async new() {
      begin();
      if (terminal.interactive) say('A new conversation.');
    },

    async list() {
      listed = await listConversations(client, terminal);
    },

    async open(argument) {
      if (listed.length === 0) listed = await newestConversations(client);
      const found = listed[Number(argument) - 1];
      if (!found) {
        const choice = listed.length > 0 ? `Which one? /open 1 to /open ${listed.length}.` : NO_CONVERSATION;
        return say(choice);
      }
      const opened = await openConversation(client, terminal, found.id);
      conversationId = opened ? found.id : null;
      lastAnswer = opened?.lastAnswer ?? null;
    },

    async rename(title) {
      if (conversationId === null) return say(NO_CONVERSATION);
      if (title === '') return say('Which title? /rename A better title');
      const renamed = await client.updateConversation({ id: conversationId, title });
      say(`It is called "${oneLine(renamed.title)}" now.`);
    },

    async delete() {
      if (conversationId === null) return say('There is no conversation that could be deleted.');
      if (terminal.interactive && !(await confirm(terminal, 'Delete it with all its messages?'))) return;
      await client.deleteConversation(conversationId);
      begin();
      listed = [];
      say('Deleted. What you type begins a new conversation.');
    },

    async models() {
      const models = (await client.models()).filter(({ embedding }) => !embedding);
      for (const { id, isDefault } of models) say(`${id}${isDefault ? terminal.dim('  (default)') : ''}`);
      if (models.length > 0) return;
      for (const { provider, message } of await client.providers()) say(`${provider}: ${message ?? 'no models'}`);
    },

    async model(name) {
      if (name === '') return say(model ?? 'The default model of the server. /models lists the others.');
      model = name;
      if (terminal.interactive) say(`${name} answers from now on.`);
    },

    async regenerate() {
      const messageId = lastAnswer;
      if (messageId === null) return say('There is no answer yet that could be made again.');
      return play((options) => client.regenerate({ messageId, ...(model && { model }) }, options));
    },

    async help() {
      terminal.write(HELP);
    },
  };

  return {
    list: () => commands.list?.(''),

    /** Does what a line asks for. */
    async handle(line: string): Promise<HandledLine> {
      const text = line.trim();
      if (text === '') return 'done';
      if (!text.startsWith('/')) {
        return play((options) => client.chat({ text, conversationId, ...(model && { model }) }, options));
      }
      const [, name = '', argument = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
      if (name === 'quit' || name === 'exit') return 'quit';
      const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (command) return (await command(argument)) ?? 'done';
      say(`There is no command /${oneLine(name)}. /help lists them.`);
      return 'done';
    },
  };
}
