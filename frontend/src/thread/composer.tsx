import { type ClipboardEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { PLACES } from '../keyboard/places.ts';
import { isSending, isTouched } from '../keyboard/typing.ts';
import { OptionsButton } from '../options/options-button.tsx';
import { ScopePicker } from '../scope/scope-picker.tsx';
import { texts } from '../texts/texts.ts';
import { GrowingTextarea } from '../ui/growing-textarea.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { AttachmentList, useAttachments } from '../uploads/attachment-list.tsx';
import { FileButton } from '../uploads/file-button.tsx';
import { filesOf } from '../uploads/file-drop.ts';
import { draftOwner } from '../uploads/owners.ts';
import type { Upload } from '../uploads/uploads.ts';
import { useStore } from '../util/store.ts';
import styles from './composer.module.css';
import { ModelPicker } from './model-picker.tsx';
import type { Thread } from './thread.ts';
import type { ModelChoice } from './use-models.ts';

/** As on the server. */
const MAX_LENGTH = 200_000;

type ComposerProps = {
  thread: Thread;
  workspace: Workspace;
  choice: ModelChoice;
  input: RefObject<HTMLTextAreaElement | null>;
  onSend: () => void;
};

/** Where a message is written. What is in it survives everything but being sent. */
export function Composer({ thread, workspace, choice, input, onSend }: ComposerProps) {
  const { drafts, uploads, scopes } = workspace;
  const id = useStore(thread.store, (state) => state.id);
  const live = useStore(thread.store, (state) => state.live);
  const returned = useStore(thread.store, (state) => state.returned);
  const arrived = useStore(thread.store, (state) => state.arrived);
  const [text, setText] = useState(() => drafts.read(id)?.text ?? '');
  /** What has come back from the server. */
  const back = useRef<string | null>(null);
  const draftId = useRef(id);
  const owner = draftOwner(id);
  const attachments = useAttachments(workspace, owner);
  const isTooLong = text.length > MAX_LENGTH;
  // What has not been read yet the answer could not be looked up in.
  const isWaiting = attachments.some(({ isOnItsWay }) => isOnItsWay);
  const canSend = text.trim() !== '' && !isTooLong && !isWaiting;

  useEffect(() => {
    const before = back.current;
    back.current = returned?.text ?? null;
    if (returned) setText((current) => current || returned.text);
    // It is being asked again, from elsewhere than here.
    else if (before !== null) setText((current) => (current === before ? '' : current));
  }, [returned]);

  useEffect(() => {
    if (draftId.current === null && id !== null) drafts.name(id, text);
    draftId.current = id;
  }, [drafts, id, text]);

  useEffect(() => {
    // Unless it has been written once more.
    if (arrived && !drafts.read(id)) setText((current) => (current === arrived.text ? '' : current));
  }, [arrived, drafts, id]);

  useEffect(() => {
    // On a phone it would bring up the keyboard before anything is read.
    if (matchMedia('(pointer: fine)').matches) input.current?.focus();
  }, [input]);

  function change(next: string) {
    setText(next);
    drafts.write(id, next);
  }

  function send() {
    if (!canSend || live) return;
    setText('');
    // One that could not be read says nothing: it stays, with its reason, and is not asked.
    for (const { file } of attachments) if (file?.status === 'FAILED') scopes.detach(id, file.id);
    uploads.dropSent(owner);
    onSend();
    void thread.send(text, choice.model);
  }

  function attach(files: readonly File[]) {
    workspace.upload(files, { owner, collectionId: null });
    input.current?.focus();
  }

  function drop({ id: uploadId, file }: Upload) {
    uploads.drop(uploadId);
    if (file) scopes.detach(id, file.id);
    input.current?.focus();
  }

  function onPaste(event: ClipboardEvent<HTMLTextAreaElement>) {
    // What is copied from an office program is text and, besides, a picture of it.
    if (event.clipboardData.types.includes('text/plain')) return;
    const files = filesOf(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    attach(files);
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (!isSending(event.nativeEvent)) return;
    event.preventDefault();
    send();
  }

  const words = texts.composer;
  const hint = isTooLong ? words.tooLong(MAX_LENGTH) : isWaiting ? words.waitsForFiles : words.keys;
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles.frame} data-fault={isTooLong || undefined}>
        <AttachmentList attachments={attachments} workspace={workspace} onDrop={drop} />
        <GrowingTextarea
          input={input}
          id={PLACES.composer}
          className={styles.input}
          value={text}
          aria-label={words.label}
          placeholder={words.hint}
          aria-invalid={isTooLong || undefined}
          enterKeyHint={isTouched() ? 'enter' : 'send'}
          dir="auto"
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <div className={styles.tools}>
          <FileButton onFiles={attach}>
            {(open) => <IconButton icon="attach" label={texts.uploads.attach} onClick={open} />}
          </FileButton>
          <ScopePicker workspace={workspace} conversationId={id} />
          <ModelPicker choice={choice} />
          <OptionsButton kept={workspace.options} conversationId={id} />
          <span className={styles.keys} role={isTooLong ? 'alert' : isWaiting ? 'status' : undefined}>
            {hint}
          </span>
          {live ? (
            <IconButton
              icon="stop"
              label={words.stop}
              className={styles.send}
              disabled={live.stopping}
              onClick={thread.stop}
            />
          ) : (
            <IconButton icon="send" label={words.send} className={styles.send} disabled={!canSend} onClick={send} />
          )}
        </div>
      </div>
    </form>
  );
}
