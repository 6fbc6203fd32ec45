import { useEffect } from 'react';
import type { Session } from '../session/session.ts';
import { SignInForm } from '../session/sign-in-form.tsx';
import { useStore } from '../util/store.ts';
import { FaultBoundary } from './fault-boundary.tsx';
import { Shell } from './shell.tsx';

/** The page: the sign-in form, or what is behind it. */
export function App({ session }: { session: Session }) {
  const { user, ended } = useStore(session.store, (state) => state);
  useEffect(() => {
    void session.check();
  }, [session]);
  return (
    <FaultBoundary>
      {user ? <Shell key={user.id} session={session} user={user} /> : <SignInForm session={session} ended={ended} />}
    </FaultBoundary>
  );
}
