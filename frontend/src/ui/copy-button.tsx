import { useEffect, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { copyText } from '../util/copy-text.ts';
import { IconButton } from './icon-button.tsx';

const SHOWN_MS = 1_600;

type CopyButtonProps = { label: string; text: () => string };

export function CopyButton({ label, text }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      icon={copied ? 'check' : 'copy'}
      label={copied ? texts.message.copied : label}
      size={16}
      onClick={async () => setCopied(await copyText(text()))}
    />
  );
}
