/** In a child's process: answers what its parent asks (`Child.ask`), and says that it is ready to. */
export function answerParent<Question extends { type: string }>(answer: (question: Question) => unknown): void {
  process.on('message', async (question: Question & { id: number }) => {
    // The probe's questions are none of these.
    if (!('type' in question)) return;
    const { id } = question;
    try {
      process.send?.({ id, answer: await answer(question) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  // Nothing else keeps it running between two questions.
  process.channel?.ref();
  console.log('ready');
}
