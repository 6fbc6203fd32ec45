import { type ComponentProps, Suspense } from 'react';
import { FaultBoundary } from '../app/fault-boundary.tsx';
import { Popover } from '../ui/popover.tsx';
import { lazyPart } from '../util/lazy-part.ts';

/** Only who chooses needs it. */
const ModelList = lazyPart(async () => (await import('./model-list.tsx')).ModelList);

type ModelPopoverProps = Pick<ComponentProps<typeof Popover>, 'label' | 'trigger'> & {
  shown: string | null;
  onChoose: (id: string) => void;
};

/** A button that lets a person choose among the models. */
export function ModelPopover({ label, trigger, shown, onChoose }: ModelPopoverProps) {
  return (
    <Popover label={label} trigger={trigger}>
      {(close) => (
        <FaultBoundary isPart>
          <Suspense>
            <ModelList
              shown={shown}
              onChoose={(id) => {
                close();
                onChoose(id);
              }}
            />
          </Suspense>
        </FaultBoundary>
      )}
    </Popover>
  );
}
