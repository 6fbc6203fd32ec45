import { browserLanguage, chooseLanguage, chosenLanguage, isLanguage, LANGUAGES } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import { SelectField } from '../ui/select-field.tsx';
import { useStore } from '../util/store.ts';
import styles from './settings.module.css';
import { chooseTheme, THEMES, themeStore } from './theme.ts';

/** How the page looks in this browser, and which language it speaks. */
export function AppearanceSection() {
  const theme = useStore(themeStore, (state) => state.theme);
  const words = texts.settings;
  return (
    <>
      <h2>{words.appearance}</h2>
      <div className={styles.fields}>
        <SelectField
          label={words.theme}
          value={theme}
          options={THEMES.map((value) => ({ value, label: words.themes[value] }))}
          onChange={({ target }) => chooseTheme(THEMES.find((known) => known === target.value) ?? 'system')}
        />
        <SelectField
          label={words.language}
          value={chosenLanguage() ?? ''}
          options={[
            { value: '', label: words.browserLanguage(LANGUAGES[browserLanguage()]) },
            ...Object.entries(LANGUAGES).map(([value, label]) => ({ value, label })),
          ]}
          onChange={({ target }) => {
            chooseLanguage(isLanguage(target.value) ? target.value : null);
            // Drafts are kept, and an answer that is being made goes on.
            location.reload();
          }}
        />
      </div>
    </>
  );
}
