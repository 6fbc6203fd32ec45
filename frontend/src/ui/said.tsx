import type { ReactNode } from 'react';
import { piecesOf } from '../texts/foreign.ts';

/** A text that may quote a server or a provider: all of them speak English, whatever the page does. */
export function Said({ children }: { children: string }): ReactNode {
  return piecesOf(children).map((piece, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have no other identity, and no state
      <span key={index} lang="en">
        {piece}
      </span>
    ) : (
      piece
    ),
  );
}
