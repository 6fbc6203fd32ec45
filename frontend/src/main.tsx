import './styles/tokens.css';
import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createSession } from './session/session.ts';

const root = document.getElementById('root');
if (root) createRoot(root).render(<App session={createSession()} />);
