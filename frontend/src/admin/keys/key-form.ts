import type { CreateApiKeyInput } from '@colloquy/sdk';
import type { ChangeEvent } from 'react';
import { texts } from '../../texts/texts.ts';

/** What is written and chosen, as it is in the controls. */
export type KeyForm = {
  clientName: string;
  notes: string;
  /** An id, '' for none, or OTHER: then `collectionId` has it. */
  collection: string;
  collectionId: string;
  /** An id, '' for the server's own, or OTHER: then one is made. */
  prompt: string;
  'prompt.name': string;
  'prompt.text': string;
  requestsPerMinute: string;
  tokensPerDay: string;
  /** As `datetime-local` has it: without a time zone, so in that of the browser. */
  expiresAt: string;
};

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Connects a control with its field of the form. */
export type Bind = (field: keyof KeyForm) => {
  value: string;
  fault: string | undefined;
  onChange: (event: ChangeEvent<Control>) => void;
};

export const OTHER = 'other';

export const EMPTY_KEY: KeyForm = {
  clientName: '',
  notes: '',
  collection: '',
  collectionId: '',
  prompt: '',
  'prompt.name': '',
  'prompt.text': '',
  requestsPerMinute: '',
  tokensPerDay: '',
  expiresAt: '',
};

/** The fields that the server finds fault with, by its names. */
export const KEY_FIELDS = [
  'clientName',
  'notes',
  'collectionId',
  'systemPromptId',
  'prompt.name',
  'prompt.text',
  'requestsPerMinute',
  'tokensPerDay',
  'expiresAt',
] as const;

export type KeyField = (typeof KEY_FIELDS)[number];

type ReadForm = { input: CreateApiKeyInput; faults: { [field in KeyField]?: string } };

/** The largest whole number of the graph. */
const MOST = 2_147_483_647;

/** Digits, also in groups of three: "200000", "200,000", "200.000", "200 000". */
const WHOLE = /^\d+$|^\d{1,3}(?:[.,'’\s]\d{3})+$/;

/** What is sent for a form, and what is wrong with it that can be told before. */
export function readKeyForm(form: KeyForm, now = new Date()): ReadForm {
  const words = texts.admin.keys.create;
  const faults: ReadForm['faults'] = {};
  const text = (field: KeyField & keyof KeyForm): string => {
    const value = form[field].trim();
    if (value === '') faults[field] = words.missing;
    return value;
  };
  const limit = (field: 'requestsPerMinute' | 'tokensPerDay'): number | null => {
    const value = form[field].trim();
    if (value === '') return null;
    const number = WHOLE.test(value) ? Number(value.replaceAll(/\D/g, '')) : 0;
    if (number < 1) faults[field] = words.notWhole;
    else if (number > MOST) faults[field] = words.tooLarge(MOST);
    return number;
  };
  const moment = (): string | null => {
    if (form.expiresAt === '') return null;
    const at = new Date(form.expiresAt);
    if (Number.isNaN(at.getTime())) faults.expiresAt = words.notTime;
    else if (at <= now) faults.expiresAt = words.notFuture;
    else return at.toISOString();
    return null;
  };
  const isOwnPrompt = form.prompt === OTHER;
  const input: CreateApiKeyInput = {
    clientName: text('clientName'),
    notes: form.notes.trim() || null,
    collectionId: form.collection === OTHER ? text('collectionId') : form.collection || null,
    ...(isOwnPrompt
      ? { prompt: { name: text('prompt.name'), text: text('prompt.text') } }
      : { systemPromptId: form.prompt || null }),
    requestsPerMinute: limit('requestsPerMinute'),
    tokensPerDay: limit('tokensPerDay'),
    expiresAt: moment(),
  };
  return { input, faults };
}
