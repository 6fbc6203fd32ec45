import './styles/tokens.css';
import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { firstQuestion } from './app/first-question.ts';
import { createSession } from './session/session.ts';
import { showTheme } from './settings/theme.ts';
import { loadTexts } from './texts/texts.ts';
import { refuseDrops } from './uploads/file-drop.ts';

showTheme();
refuseDrops();
const root = document.getElementById('root');
if (root) {
  const isReady = Promise.all([loadTexts(), firstQuestion.soon()]);
  void isReady.then(() => createRoot(root).render(<App session={createSession()} />));
}
