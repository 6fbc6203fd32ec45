/** So many messages are read at once. */
export const PAGE = 50;
