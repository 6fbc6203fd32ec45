import { RouteLink } from '../../app/route-link.tsx';
import type { Router } from '../../app/router.ts';
import { texts } from '../../texts/texts.ts';
import { Icon } from '../../ui/icons.tsx';

/** From a prompt to all of them. */
export function BackLink({ router }: { router: Router }) {
  return (
    <RouteLink router={router} to={{ view: 'admin', section: 'prompts', itemId: null }}>
      <Icon name="back" size={16} />
      {texts.admin.prompts.back}
    </RouteLink>
  );
}
