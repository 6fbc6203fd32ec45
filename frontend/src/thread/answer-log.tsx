import { useEffect, useRef, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { useStore } from '../util/store.ts';
import type { Thread } from './thread.ts';

type Entry = { key: string; text: string };

const KEPT = 3;
/** Nobody listens to more of it without a way to stop; and it would have to be laid out. */
const LONGEST = 5_000;

/** Says finished answers to whoever cannot see them. A text that is read out while it grows could not be understood. */
export function AnswerLog({ thread }: { thread: Thread }) {
  const liveKey = useStore(thread.store, (state) => state.live?.key ?? null);
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const before = useRef<string | null>(null);

  useEffect(() => {
    const add = (entry: Entry) => setEntries((known) => [...known, entry].slice(-KEPT));
    const ended = before.current;
    before.current = liveKey;
    if (liveKey) add({ key: `${liveKey} start`, text: texts.thread.announceStart });
    else if (ended) {
      const message = thread.store.get().path.messages.find(({ key }) => key === ended);
      if (message) add({ key: ended, text: texts.thread.announceAnswer(message.content.slice(0, LONGEST)) });
    }
  }, [liveKey, thread]);

  return (
    <div className="visually-hidden" role="log" aria-label={texts.thread.log}>
      {entries.map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
}
