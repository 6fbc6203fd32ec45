import { RouteLink } from '../app/route-link.tsx';
import type { Route, Router } from '../app/router.ts';
import type { User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import styles from './welcome.module.css';

type WelcomeProps = { user: User; router: Router; isBare: boolean };

const SETTINGS = ['OLLAMA_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'];
const MODELS: Route = { view: 'admin', section: 'models', itemId: null };

/** What is there before anything has been said. Without a model it leads to one whoever can get it. */
export function Welcome({ user, router, isBare }: WelcomeProps) {
  const words = texts.thread;
  return (
    <div className={styles.welcome}>
      <h1>
        <span>{words.greeting(user.username)}</span> {words.question}
      </h1>
      {isBare && (
        <section className={styles.hint} aria-label={words.noModel}>
          <h2>{words.noModel}</h2>
          <p>{words.noModelText}</p>
          {user.isAdmin ? (
            <>
              <p className={styles.way}>
                <RouteLink router={router} to={MODELS} className={styles.get}>
                  <Icon name="download" size={16} />
                  {words.getModel}
                </RouteLink>
                {words.getModelText}
              </p>
              <p>
                {words.otherModels}{' '}
                {SETTINGS.map((setting) => (
                  <code key={setting}>{setting}</code>
                ))}
              </p>
            </>
          ) : (
            <p>{words.askForModel}</p>
          )}
        </section>
      )}
    </div>
  );
}
