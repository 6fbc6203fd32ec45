import { useEffect } from 'react';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { SelectField } from '../../ui/select-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { shownName } from '../../util/shown-name.ts';
import { useStore } from '../../util/store.ts';
import { type Bind, type KeyForm, OTHER } from './key-form.ts';

type CollectionFieldsProps = { form: KeyForm; bind: Bind; workspace: Workspace };

/**
 * Which collection a key has: one of one's own, a shared one, or anybody's, by its id. Administrators do not see what
 * others have.
 */
export function CollectionFields({ form, bind, workspace: { collections } }: CollectionFieldsProps) {
  const words = texts.admin.keys.create;
  const all = useStore(collections.store, (state) => state.all);
  const hasFailed = useStore(collections.store, (state) => state.state === 'failed');
  const isOther = form.collection === OTHER;
  const chosen = bind('collection');
  useEffect(() => void collections.need(), [collections]);
  return (
    <>
      <SelectField
        {...chosen}
        label={words.collection}
        hint={hasFailed ? words.collectionsFailed : words.collectionHint}
        fault={isOther ? undefined : chosen.fault}
        options={[
          { value: '', label: words.noCollection },
          ...all.map(({ id, name, visibility }) => ({
            value: id,
            label: visibility === 'SHARED' ? words.shared(shownName(name)) : shownName(name),
          })),
          { value: OTHER, label: words.otherCollection },
        ]}
      />
      {isOther && (
        <TextField
          {...bind('collectionId')}
          label={words.collectionId}
          hint={words.collectionIdHint}
          autoComplete="off"
        />
      )}
    </>
  );
}
