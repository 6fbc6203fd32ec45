import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { modelName } from './model-names.ts';
import styles from './model-picker.module.css';
import { ModelPopover } from './model-popover.tsx';
import type { ModelChoice } from './use-models.ts';

/** Which model answers next. */
export function ModelPicker({ choice }: { choice: ModelChoice }) {
  const { models, shown, isMissing, choose } = choice;
  if (models.length === 0 && shown === null) return null;
  const name = shown === null ? texts.models.label : modelName(shown);
  const label = isMissing ? texts.models.missing(name) : texts.models.trigger(name);
  return (
    <ModelPopover
      label={texts.models.label}
      shown={shown}
      onChoose={choose}
      trigger={(props) => (
        <button
          {...props}
          type="button"
          className={styles.trigger}
          data-missing={isMissing || undefined}
          aria-label={label}
          title={label}
        >
          {isMissing && <Icon name="warning" size={14} />}
          <span>{name}</span>
          <Icon name="unfold" size={13} />
        </button>
      )}
    />
  );
}
