import { useLayoutEffect, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import type { Router } from './router.ts';

type LeaveGuardProps = {
  router: Router;
  /** There is something that would be lost. */
  isOn: boolean;
  /** How that is said; without: that it has not been saved. */
  words?: { title: string; text: string; leave: string };
  /** Somebody leaves all the same. */
  onLeave?: () => void;
};

/** Asks before the page, or the whole tab, is left with something that has not been saved. */
export function LeaveGuard({ router, isOn, words = texts.unsaved, onLeave }: LeaveGuardProps) {
  const [leave, setLeave] = useState<(() => void) | null>(null);
  // In force with the first frame: what is shown only once must not be lost to whoever is quick.
  useLayoutEffect(() => {
    if (!isOn) return;
    const release = router.guard((goOn) => setLeave(() => goOn));
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', onUnload);
    return () => {
      release();
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [router, isOn]);
  return (
    leave && (
      <ConfirmDialog
        title={words.title}
        text={words.text}
        action={words.leave}
        onConfirm={() => {
          setLeave(null);
          onLeave?.();
          leave();
        }}
        onClose={() => setLeave(null)}
      />
    )
  );
}
