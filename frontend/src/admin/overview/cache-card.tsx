import { FlushCacheDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Workspace } from '../../app/workspace.ts';
import { formatNumber } from '../../texts/language.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { formatBytes } from '../../util/amounts.ts';
import type { Observability } from './live-figures.ts';
import styles from './overview.module.css';

type CacheCardProps = { workspace: Workspace; cache: Observability['cache'] | null };

/** The answers that are kept to be given again. */
export function CacheCard({ workspace, cache }: CacheCardProps) {
  const [isAsking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const words = texts.admin.overview.cache;
  if (!cache) return null;

  async function flush() {
    setFault(null);
    try {
      const { flushCache } = await workspace.client.mutate(FlushCacheDocument);
      setAsking(false);
      workspace.notices.show(words.flushed(flushCache));
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  const facts = [
    words.backend(cache.backend),
    cache.entries === null ? null : words.entries(cache.entries),
    cache.bytes === null ? null : formatBytes(cache.bytes),
    cache.hits + cache.misses === 0 ? words.unused : words.hitRate(`${formatNumber(cache.hitRate * 100)} %`),
  ];
  return (
    <section className={styles.cache} aria-labelledby="cache-title">
      <h3 id="cache-title">{words.title}</h3>
      <p>{cache.enabled ? facts.filter(Boolean).join(' · ') : words.off}</p>
      {cache.enabled && (
        <Button
          kind="danger"
          icon="trash"
          onClick={() => {
            setFault(null);
            setAsking(true);
          }}
        >
          {words.flush}
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          title={words.flushTitle}
          text={words.flushText}
          action={words.flush}
          fault={fault}
          onConfirm={flush}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
