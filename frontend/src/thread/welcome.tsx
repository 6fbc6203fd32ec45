import { texts } from '../texts.ts';
import styles from './welcome.module.css';

type WelcomeProps = { name: string; isBare: boolean };

const SETTINGS = ['OLLAMA_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'];

/** What is there before anything has been said. */
export function Welcome({ name, isBare }: WelcomeProps) {
  return (
    <div className={styles.welcome}>
      <h1>
        <span>{texts.thread.greeting(name)}</span> {texts.thread.question}
      </h1>
      {isBare && (
        <section className={styles.hint} aria-label={texts.thread.noModel}>
          <h2>{texts.thread.noModel}</h2>
          <p>{texts.thread.noModelText}</p>
          <p>
            {SETTINGS.map((setting) => (
              <code key={setting}>{setting}</code>
            ))}
          </p>
        </section>
      )}
    </div>
  );
}
