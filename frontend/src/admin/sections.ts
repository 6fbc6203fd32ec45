import type { ComponentType, LazyExoticComponent } from 'react';
import type { Section } from '../app/sectioned-view.tsx';
import { texts } from '../texts/texts.ts';
import { lazyPart } from '../util/lazy-part.ts';
import type { AdminSectionProps } from './section-props.ts';

type AdminSection = Section & { View: LazyExoticComponent<ComponentType<AdminSectionProps>> };

/** Each is read from the server when somebody goes there. */
const UsersSection = lazyPart(async () => (await import('./users/users-section.tsx')).UsersSection);
const KeysSection = lazyPart(async () => (await import('./keys/keys-section.tsx')).KeysSection);
const OverviewSection = lazyPart(async () => (await import('./overview/overview-section.tsx')).OverviewSection);
const PromptsSection = lazyPart(async () => (await import('./prompts/prompts-section.tsx')).PromptsSection);
const ModelsSection = lazyPart(async () => (await import('./models/models-section.tsx')).ModelsSection);
const AuditSection = lazyPart(async () => (await import('./audit/audit-section.tsx')).AuditSection);

/** In the order of the navigation; the ids are what their addresses say. */
export const adminSections = (): readonly AdminSection[] => [
  { id: 'overview', label: texts.admin.overview.title, icon: 'chart', View: OverviewSection },
  { id: 'users', label: texts.admin.users.title, icon: 'shared', View: UsersSection },
  { id: 'keys', label: texts.admin.keys.title, icon: 'key', View: KeysSection },
  { id: 'prompts', label: texts.admin.prompts.title, icon: 'quote', View: PromptsSection },
  { id: 'models', label: texts.admin.models.title, icon: 'chip', View: ModelsSection },
  { id: 'audit', label: texts.admin.audit.title, icon: 'list', View: AuditSection },
];
