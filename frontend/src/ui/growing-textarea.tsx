import { type RefObject, type TextareaHTMLAttributes, useLayoutEffect } from 'react';

type GrowingTextareaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'rows'> & {
  input: RefObject<HTMLTextAreaElement | null>;
  value: string;
};

/** A field as high as its text, up to the height that its style allows. */
export function GrowingTextarea({ input, ...rest }: GrowingTextareaProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows from the text
  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [rest.value, input]);
  return <textarea {...rest} ref={input} rows={1} />;
}
