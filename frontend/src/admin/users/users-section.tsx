import { UsersDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { useConnection } from '../../api/use-connection.ts';
import type { Workspace } from '../../app/workspace.ts';
import type { User } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatDay, formatTime } from '../../util/amounts.ts';
import { useSettled } from '../../util/use-settled.ts';
import { focusHeading } from '../focus-heading.ts';
import { ListCount } from '../list-count.tsx';
import filters from '../list-filters.module.css';
import { ReloadButton } from '../reload-button.tsx';
import { SectionHead } from '../section-head.tsx';
import { CreateUserDialog } from './create-user-dialog.tsx';
import type { Person } from './person.ts';
import { UserMenu } from './user-menu.tsx';
import styles from './users-section.module.css';

type UsersSectionProps = { workspace: Workspace; user: User };

const PAUSE_MS = 200;

/** The accounts of people: who there is, and what they may do. */
export function UsersSection({ workspace, user }: UsersSectionProps) {
  const words = texts.admin.users;
  const [typed, setTyped] = useState('');
  const [isCreating, setCreating] = useState(false);
  const text = useSettled(typed.trim(), PAUSE_MS);
  const read = useConnection(UsersDocument, ({ users }) => users, { text: text || null });

  function show(made: Person) {
    // It might not be among what is looked for.
    setTyped('');
    read.put(made, true);
    workspace.notices.show(words.create.done(made.username));
  }

  function drop(id: string) {
    flushSync(() => read.drop(id));
    focusHeading();
  }

  return (
    <>
      <SectionHead title={words.title} about={<ListCount total={read.total} text={words.number} />}>
        <ReloadButton onReload={read.reload} />
        <Button kind="primary" icon="add" onClick={() => setCreating(true)}>
          {words.create.open}
        </Button>
      </SectionHead>
      <search className={filters.filters}>
        <input
          type="search"
          value={typed}
          maxLength={254}
          aria-label={words.search}
          placeholder={words.search}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </search>
      <ConnectionList read={read} empty={text === '' ? words.empty : words.noneFound}>
        {(people) => (
          <DataTable
            label={words.title}
            columns={columns(user.id)}
            rows={people}
            actionsLabel={words.menu('')}
            actions={(person) => (
              <UserMenu
                person={person}
                isSelf={person.id === user.id}
                workspace={workspace}
                onChange={read.put}
                onGone={drop}
              />
            )}
          />
        )}
      </ConnectionList>
      {isCreating && <CreateUserDialog client={workspace.client} onCreated={show} onClose={() => setCreating(false)} />}
    </>
  );
}

function columns(ownId: string): Column<Person>[] {
  const words = texts.admin.users;
  return [
    {
      key: 'name',
      head: words.name,
      cell: ({ id, username }) => (
        <span className={styles.name}>
          {username}
          {id === ownId && ' '}
          {id === ownId && <Badge>{words.you}</Badge>}
        </span>
      ),
    },
    { key: 'email', head: words.email, cell: ({ email }) => email ?? words.noEmail },
    {
      key: 'role',
      head: words.role,
      cell: ({ role }) => (role === 'ADMIN' ? <Badge kind="good">{words.roles.ADMIN}</Badge> : words.roles[role]),
    },
    {
      key: 'state',
      head: words.state,
      cell: ({ disabledAt }) =>
        disabledAt === null ? (
          words.active
        ) : (
          <span title={words.disabledSince(formatTime(disabledAt))}>
            <Badge kind="bad">{words.disabled}</Badge>
          </span>
        ),
    },
    {
      key: 'since',
      head: words.since,
      cell: ({ createdAt }) => (
        <time dateTime={createdAt} title={formatTime(createdAt)}>
          {formatDay(createdAt)}
        </time>
      ),
    },
  ];
}
