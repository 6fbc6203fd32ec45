/** The keys of the page. */
export const keyboard = {
  keyboard: {
    title: 'Keyboard shortcuts',
    close: 'Close the overview',
    or: 'or',
    keys: { control: 'Ctrl', alt: 'Alt', shift: 'Shift', escape: 'Esc' },
    groups: { conversations: 'Conversations', answers: 'Questions and answers', page: 'Page' },
    names: {
      newChat: 'New conversation',
      search: 'Search conversations',
      previous: 'Conversation above',
      next: 'Conversation below',
      rename: 'Rename the conversation',
      sidebar: 'Show or hide the conversations',
      composer: 'Write a message',
      copyAnswer: 'Copy the last answer',
      stop: 'Stop the answer, or close what is open',
      undo: 'Undo what was just deleted or archived',
      help: 'This overview',
    },
    inLists: 'In the list of conversations the arrow keys move, Enter opens and F2 renames.',
    copied: 'The last answer has been copied.',
    noAnswer: 'There is no answer yet that could be copied.',
    notCopied: 'The answer could not be copied.',
  },
};
