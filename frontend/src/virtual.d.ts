/** Made by frontend/first-question.ts. */
declare module 'virtual:first-question' {
  /** A conversation with a page of its messages, as the SDK asks for it. */
  export const query: string;
}
